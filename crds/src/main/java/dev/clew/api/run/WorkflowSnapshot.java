package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** The definition that the run works on. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record WorkflowSnapshot(
        @JsonPropertyDescription("Name of the Workflow.") @Size(max = 63) @Nullable
        String name,

        @JsonPropertyDescription("Name of the ControllerRevision that holds the definition.") @Size(max = 253) @Nullable
        String revision,

        @JsonPropertyDescription("Generation of the Workflow that was taken.") @Nullable
        Long generation) {}
