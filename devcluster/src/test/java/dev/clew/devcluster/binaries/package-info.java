@NullMarked
package dev.clew.devcluster.binaries;

import org.jspecify.annotations.NullMarked;
