/** What a workflow says: validation, substitution, the definition that a run works on. */
@NullMarked
package dev.clew.engine.workflow;

import org.jspecify.annotations.NullMarked;
