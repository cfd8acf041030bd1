package dev.clew.api.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Condition;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the operator makes of a workflow. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record WorkflowStatus(
        @JsonPropertyDescription("The generation of the spec that this status speaks of; -1 before the first look.")
        @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("Number of steps.") @Nullable
        Integer steps,

        @JsonPropertyDescription("Name of the ControllerRevision that holds this spec; runs that start now use it.")
        @Size(max = 253)
        @Nullable
        String revision,

        @JsonPropertyDescription("Ready: the workflow can be run, or every error that keeps it from it. "
                + "Stalled: it is invalid and waits for a person.")
        @Size(max = 16)
        List<Condition> conditions) {
    public WorkflowStatus {
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }
}
