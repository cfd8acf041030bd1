/** Finding, downloading or building the binaries of the control plane. */
@NullMarked
package dev.clew.devcluster.binaries;

import org.jspecify.annotations.NullMarked;
