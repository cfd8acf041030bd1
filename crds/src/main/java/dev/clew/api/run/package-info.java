/** One execution of a workflow: what was asked for, and the record of what happened. */
@NullMarked
package dev.clew.api.run;

import org.jspecify.annotations.NullMarked;
