/** Decides what happens next in a run. */
@NullMarked
package dev.clew.engine.run;

import org.jspecify.annotations.NullMarked;
