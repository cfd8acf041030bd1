/** What is done to which run, by name. */
@NullMarked
package dev.clew.faults.plan;

import org.jspecify.annotations.NullMarked;
