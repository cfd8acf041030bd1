/** Observe, decide, record, act: the loop that carries out what was decided, against any cluster. */
@NullMarked
package dev.clew.engine.protocol;

import org.jspecify.annotations.NullMarked;
