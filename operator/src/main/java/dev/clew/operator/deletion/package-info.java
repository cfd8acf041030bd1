/** Deletions that hit only what was meant. */
@NullMarked
package dev.clew.operator.deletion;

import org.jspecify.annotations.NullMarked;
