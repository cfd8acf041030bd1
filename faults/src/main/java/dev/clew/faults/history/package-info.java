/** What really happened: every version of every object, and what the containers did. */
@NullMarked
package dev.clew.faults.history;

import org.jspecify.annotations.NullMarked;
