/** Child processes that do not outlive this one. */
@NullMarked
package dev.clew.devcluster.process;

import org.jspecify.annotations.NullMarked;
