package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.workflow.FailureAction;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One attempt of a step or of a compensation. At most one pod ever starts for it. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Attempt(
        @JsonPropertyDescription("Number, from 1; a compensation counts by itself.") @Required @Min(1) @Max(50)
        int number,

        @JsonPropertyDescription("Where it is.") @Required AttemptState state,

        @JsonPropertyDescription("When it was claimed.") @Nullable
        Instant startTime,

        @JsonPropertyDescription("When its container ended, or when that was noticed.") @Nullable
        Instant finishTime,

        @JsonPropertyDescription("Why it is in this state; of an open attempt, why it waits.")
        @Size(max = 128)
        @Nullable
        String reason,

        @JsonPropertyDescription("The same in words.") @Size(max = 1024) @Nullable
        String message,

        @JsonPropertyDescription(
                "The last reason for not having started that was seen while it was open. Some of them prove that it never started.")
        @Size(max = 128)
        @Nullable
        String waiting,

        @JsonPropertyDescription("Why Clew stops it, once that is decided.") @Size(max = 128) @Nullable
        String stopping,

        @JsonPropertyDescription("What the step's failure policy makes of it; absent: it counts.") @Nullable
        FailureAction policy,

        @JsonPropertyDescription("When another's scheduling gate was lifted; the start limit counts from then.")
        @Nullable
        Instant ungatedTime,

        @JsonPropertyDescription("Present while it cannot be told whether its process has ended.") @Nullable
        Doubt doubt,

        @JsonPropertyDescription("Its pod; the name stands there from the claim on.") @Nullable
        AttemptPod pod) {
    /** A claim. */
    public static Attempt claimed(int number, Instant now, String pod) {
        return new Attempt(
                number,
                AttemptState.Claimed,
                now,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                new AttemptPod(pod, null, null, null, null));
    }

    /** Whether it may have had an effect. */
    public boolean mayHaveHadAnEffect() {
        return switch (state) {
            case Claimed, Running, Succeeded, Failed, Lost -> policy != FailureAction.FailWithoutEffect;
            case NotStarted -> false;
        };
    }

    /** The same, to be stopped for a reason. */
    public Attempt withStopping(String why) {
        return new Attempt(
                number, state, startTime, null, reason, message, waiting, why, policy, ungatedTime, doubt, pod);
    }

    /** The same, in doubt. */
    public Attempt withDoubt(Doubt other) {
        return new Attempt(
                number,
                state,
                startTime,
                finishTime,
                reason,
                message,
                waiting,
                stopping,
                policy,
                ungatedTime,
                other,
                pod);
    }

    /** The same with the time at which another's scheduling gate was lifted. */
    public Attempt withUngatedTime(Instant time) {
        return new Attempt(
                number, state, startTime, finishTime, reason, message, waiting, stopping, policy, time, doubt, pod);
    }

    /** The same without its message. */
    public Attempt withoutMessage() {
        return new Attempt(
                number, state, startTime, finishTime, reason, null, waiting, stopping, policy, ungatedTime, doubt, pod);
    }

    /** Whether it is over. */
    public boolean over() {
        return state.isOver();
    }
}
