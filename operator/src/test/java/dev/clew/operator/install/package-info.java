/** The chart, the operator with the rights that the chart gives it, and the runtime of its image. */
@NullMarked
package dev.clew.operator.install;

import org.jspecify.annotations.NullMarked;
