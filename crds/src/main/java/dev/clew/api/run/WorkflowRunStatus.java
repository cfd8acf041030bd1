package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Condition;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The record of a run. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record WorkflowRunStatus(
        @JsonPropertyDescription("The generation of the spec that this status speaks of; -1 before the first look.")
        @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("Where the run is; for display. The conditions are the API.") @Nullable
        RunPhase phase,

        @JsonPropertyDescription("What happens or happened, in words.") @Size(max = 2048) @Nullable
        String message,

        @JsonPropertyDescription("Steps done of all.") @Size(max = 32) @Nullable
        String progress,

        @JsonPropertyDescription("Compensations done of those owed; absent without a plan.") @Size(max = 32) @Nullable
        String undone,

        @JsonPropertyDescription("The step or steps that the run is at.") @Size(max = 512) @Nullable
        String current,

        @JsonPropertyDescription("What was asked of the run that ends it otherwise than by itself.") @Nullable
        Intent intent,

        @JsonPropertyDescription("The definition that the run works on.") @Nullable
        WorkflowSnapshot workflow,

        @JsonPropertyDescription("When the run began.") @Nullable
        Instant startTime,

        @JsonPropertyDescription("When the run ended.") @Nullable
        Instant completionTime,

        @JsonPropertyDescription("When the time of its forward part is up; absent while the clock stands still.")
        @Nullable
        Instant deadline,

        @JsonPropertyDescription(
                "Seconds that are left of its time while the clock stands still: Paused or Stalled. 0: it is up.")
        @Nullable
        Long remainingSeconds,

        @JsonPropertyDescription("The record of every step.") @Size(max = 512)
        List<StepStatus> steps,

        @JsonPropertyDescription("Present once the run has turned back.") @Nullable
        RunCompensation compensation,

        @JsonPropertyDescription("What came of each intervention.") @Size(max = 64)
        List<InterventionStatus> interventions,

        @JsonPropertyDescription("Succeeded, Finished, Compensated, Reconciling, Stalled, ActionRequired, Suspended.")
        @Size(max = 16)
        List<Condition> conditions) {
    public WorkflowRunStatus {
        interventions = interventions == null ? List.of() : List.copyOf(interventions);
        steps = steps == null ? List.of() : List.copyOf(steps);
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }

    /** A status that says nothing yet. */
    public static final WorkflowRunStatus EMPTY = new WorkflowRunStatus(
            null, null, null, null, null, null, null, null, null, null, null, null, List.of(), null, List.of(),
            List.of());
}
