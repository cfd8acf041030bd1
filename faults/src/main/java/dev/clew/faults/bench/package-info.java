/** Carries plans out. */
@NullMarked
package dev.clew.faults.bench;

import org.jspecify.annotations.NullMarked;
