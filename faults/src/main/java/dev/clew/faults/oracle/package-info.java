/** Pure functions over a history: the guarantees G1 to G7, and the end of the undisturbed run. */
@NullMarked
package dev.clew.faults.oracle;

import org.jspecify.annotations.NullMarked;
