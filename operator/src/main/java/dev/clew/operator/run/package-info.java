/** Runs: from an event to a pass of the loop, and the loop's cluster behind the Kubernetes API. */
@NullMarked
package dev.clew.operator.run;

import org.jspecify.annotations.NullMarked;
