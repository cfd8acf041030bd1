/** The process: reads its configuration, starts the controllers, stops them. */
@NullMarked
package dev.clew.operator;

import org.jspecify.annotations.NullMarked;
