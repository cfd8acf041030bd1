package dev.clew.api.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.pod.PodSettings;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a workflow does: its parameters, its steps in order, and the settings of their pods. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "(has(self.order) && self.order == 'Graph')"
                + " || self.steps.all(s, !has(s.dependsOn) || size(s.dependsOn) == 0)",
        message = "a step has dependsOn, but the order is Sequential, where each step follows the one above it:"
                + " set order: Graph, or remove dependsOn",
        fieldPath = ".order")
@ValidationRule(
        value = "self.steps.filter(s, has(s.pivot) && s.pivot).size() <= 1",
        message = "at most one step can be the pivot: remove pivot from the others",
        fieldPath = ".steps")
public record WorkflowSpec(
        @JsonPropertyDescription("Parameters of the workflow; a run gives their values.") @Size(max = 128)
        List<Param> params,

        @JsonPropertyDescription("Sequential (default): each step follows the one above it. "
                + "Graph: a step starts once the steps in its dependsOn are done.")
        @Nullable
        Order order,

        @JsonPropertyDescription(
                "Seconds that the forward part of a run may take; they stand still while it is Paused or Stalled. When "
                        + "they have passed, running steps are stopped and the run turns back, or stalls as after a "
                        + "failure. Compensation is never cut short by it. Default: no limit.")
        @Min(1)
        @Max(31536000)
        @Nullable
        Integer timeoutSeconds,

        @JsonPropertyDescription("When a step has failed for good. Compensate (default): the run turns back. "
                + "Stall: it stops and waits for a person.")
        @Nullable
        OnFailure onFailure,

        @JsonPropertyDescription("Seconds after the end of a run until it is deleted, with its pods; never while it is "
                + "stalled, and not under GitOps, which would run it again. A run's own value wins. Default: never.")
        @Min(0)
        @Max(31536000)
        @Nullable
        Integer ttlSecondsAfterFinished,

        @JsonPropertyDescription("Running steps when another one has failed for good. "
                + "Finish (default): they may end. Stop: they are stopped.")
        @Nullable
        RunningSteps runningSteps,

        @JsonPropertyDescription("Most steps, or compensations, of a run that run at the same time. Default: no limit.")
        @Min(1)
        @Max(512)
        @Nullable
        Integer maxParallelSteps,

        @JsonPropertyDescription("How a run that has turned back undoes what it owes.") @Nullable
        CompensationPolicy compensation,

        @JsonPropertyDescription("Settings that all pods of the workflow share. A run cannot change them.") @Nullable
        PodSettings pod,

        @JsonPropertyDescription("The steps, 1 to 512.") @Required @Size(min = 1, max = 512)
        List<Step> steps) {
    public WorkflowSpec {
        params = params == null ? List.of() : List.copyOf(params);
        steps = steps == null ? List.of() : List.copyOf(steps);
    }

    /** How to undo, with nothing said where nothing is said. */
    public CompensationPolicy compensationOrDefault() {
        return compensation == null ? CompensationPolicy.UNSET : compensation;
    }

    /** The order, with its default applied. */
    public Order orderOrDefault() {
        return order == null ? Order.Sequential : order;
    }
}
