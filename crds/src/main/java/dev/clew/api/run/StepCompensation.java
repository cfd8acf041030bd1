package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The compensation of a step, once the plan owes it. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record StepCompensation(
        @JsonPropertyDescription("Where it is.") @Required CompensationPhase phase,

        @JsonPropertyDescription("Its attempts: the first and the last three.") @Size(max = 50)
        List<Attempt> attempts,

        @JsonPropertyDescription("Number of attempts after the first that are no longer listed.") @Nullable
        Integer attemptsOmitted,

        @JsonPropertyDescription("Retries that are used up; RetryCompensation sets it back.") @Nullable
        Integer failures) {
    public StepCompensation {
        attempts = attempts == null ? List.of() : List.copyOf(attempts);
    }

    /** One that is owed and not begun. */
    public static final StepCompensation OWED = new StepCompensation(CompensationPhase.Pending, List.of(), null, null);

    /** Failures that count, since the last fresh start. */
    public int failuresOrZero() {
        return failures == null ? 0 : failures;
    }

    /** Whether it is done: it succeeded, or a person skipped it. */
    public boolean done() {
        return phase == CompensationPhase.Succeeded || phase == CompensationPhase.Skipped;
    }

    /** The same in another phase. */
    public StepCompensation withPhase(CompensationPhase other) {
        return new StepCompensation(other, attempts, attemptsOmitted, failures);
    }
}
