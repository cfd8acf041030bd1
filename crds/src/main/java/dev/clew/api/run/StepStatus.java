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

        @JsonPropertyDescription("Its attempts, the oldest first: the first and the last three.") @Size(max = 50)
        List<Attempt> attempts,

        @JsonPropertyDescription("Number of attempts after the first that are no longer listed.") @Nullable
        Integer attemptsOmitted,

        @JsonPropertyDescription("Failed attempts that count against the retries; RetryStep sets it back.") @Nullable
        Integer failures,

        @JsonPropertyDescription("True if one of the omitted attempts may have had an effect.") @Nullable
        Boolean mayHaveEffect,

        @JsonPropertyDescription("What its attempts wrote, also the failed ones; the last value wins.") @Size(max = 64)
        List<Output> outputs,

        @JsonPropertyDescription("Its compensation; absent if nothing is owed.") @Nullable
        StepCompensation compensation) {
    public StepStatus {
        attempts = attempts == null ? List.of() : List.copyOf(attempts);
        outputs = outputs == null ? List.of() : List.copyOf(outputs);
    }

    /** A step that has not begun. */
    public static StepStatus pending(String name) {
        return new StepStatus(name, StepPhase.Pending, List.of(), null, null, null, List.of(), null);
    }

    /** Failures that count, since the last fresh start. */
    public int failuresOrZero() {
        return failures == null ? 0 : failures;
    }

    /** Whether it is done: it succeeded, or a person skipped it. */
    public boolean done() {
        return phase == StepPhase.Succeeded || phase == StepPhase.Skipped;
    }

    /** The same in another phase. */
    public StepStatus withPhase(StepPhase other) {
        return new StepStatus(name, other, attempts, attemptsOmitted, failures, mayHaveEffect, outputs, compensation);
    }

    /** The same with other outputs. */
    public StepStatus withOutputs(List<Output> others) {
        return new StepStatus(name, phase, attempts, attemptsOmitted, failures, mayHaveEffect, others, compensation);
    }

    /** The same with other failures that count; none are not written. */
    public StepStatus withFailures(int counted) {
        return new StepStatus(
                name,
                phase,
                attempts,
                attemptsOmitted,
                counted == 0 ? null : Integer.valueOf(counted),
                mayHaveEffect,
                outputs,
                compensation);
    }

    /** The same with other attempts. */
    public StepStatus withAttempts(
            List<Attempt> others, @Nullable Integer omitted, @Nullable Boolean omittedMayHaveEffect) {
        return new StepStatus(name, phase, others, omitted, failures, omittedMayHaveEffect, outputs, compensation);
    }

    /** The same with another compensation. */
    public StepStatus withCompensation(StepCompensation other) {
        return new StepStatus(name, phase, attempts, attemptsOmitted, failures, mayHaveEffect, outputs, other);
    }
}
