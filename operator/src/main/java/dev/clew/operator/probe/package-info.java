/** Health and metrics over HTTP. */
@NullMarked
package dev.clew.operator.probe;

import org.jspecify.annotations.NullMarked;
