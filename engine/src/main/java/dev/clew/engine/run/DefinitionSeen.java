package dev.clew.engine.run;

import dev.clew.api.run.WorkflowSnapshot;
import dev.clew.engine.workflow.Definition;

/** What a run works on, or why there is nothing yet. */
public sealed interface DefinitionSeen {
    /** A valid definition with valid arguments. */
    record Usable(Definition definition, WorkflowSnapshot snapshot) implements DefinitionSeen {}

    /** None yet, but there may be one later: the Workflow is missing or invalid. */
    record NotYet(String reason, String message) implements DefinitionSeen {}

    /**
     * What the run itself says is wrong, and cannot be changed.
     *
     * @param definition of the Workflow, as far as that is known: it tells how long the run is kept
     */
    record Wrong(String message, Definition definition) implements DefinitionSeen {
        /** The definition itself is wrong. */
        public Wrong(String message) {
            this(message, Definition.NONE);
        }
    }
}
