/** The only class that writes status. */
@NullMarked
package dev.clew.operator.status;

import org.jspecify.annotations.NullMarked;
