package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The record of a step. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record StepStatus(
        @JsonPropertyDescription("Name of the step.") @Required @Size(min = 1, max = 256)
        String name,

        @JsonPropertyDescription("Where it is.") @Required StepPhase phase,

        @JsonPropertyDescription("Its attempts, the oldest first.") @Size(max = 50)
        List<Attempt> attempts,

        @JsonPropertyDescription("What its attempts wrote, also the failed ones; the last value wins.") @Size(max = 64)
        List<Output> outputs,

        @JsonPropertyDescription("Its compensation; absent if nothing is owed.") @Nullable
        StepCompensation compensation) {
    public StepStatus {
        attempts = attempts == null ? List.of() : List.copyOf(attempts);
        outputs = outputs == null ? List.of() : List.copyOf(outputs);
    }
}
