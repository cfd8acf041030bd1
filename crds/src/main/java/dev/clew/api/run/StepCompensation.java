package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** The compensation of a step, once the plan owes it. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record StepCompensation(
        @JsonPropertyDescription("Where it is.") @Required CompensationPhase phase,

        @JsonPropertyDescription("Its attempts.") @Size(max = 50)
        List<Attempt> attempts) {
    public StepCompensation {
        attempts = attempts == null ? List.of() : List.copyOf(attempts);
    }
}
