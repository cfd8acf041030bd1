package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.workflow.WorkflowSpec;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for. After creation only {@code desiredState}, {@code ttlSecondsAfterFinished} and {@code deletionPolicy}
 * can be changed, and interventions be added.
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "has(self.workflowRef) != has(self.workflow)",
        message = "must have exactly one of workflowRef, workflow")
@ValidationRule(
        value = "has(self.workflowRef) == has(oldSelf.workflowRef)"
                + " && (!has(self.workflowRef) || self.workflowRef == oldSelf.workflowRef)",
        message = "cannot be changed: create another run",
        fieldPath = ".workflowRef")
@ValidationRule(
        value = "has(self.workflow) == has(oldSelf.workflow)"
                + " && (!has(self.workflow) || self.workflow == oldSelf.workflow)",
        message = "cannot be changed: create another run",
        fieldPath = ".workflow")
@ValidationRule(
        value = "has(self.params) == has(oldSelf.params) && (!has(self.params) || self.params == oldSelf.params)",
        message = "cannot be changed: create another run",
        fieldPath = ".params")
@ValidationRule(
        value = "has(self.idempotencyKey) == has(oldSelf.idempotencyKey)"
                + " && (!has(self.idempotencyKey) || self.idempotencyKey == oldSelf.idempotencyKey)",
        message = "cannot be changed: create another run",
        fieldPath = ".idempotencyKey")
@ValidationRule(
        value = "!has(oldSelf.interventions) || has(self.interventions)"
                + " && oldSelf.interventions.all(o, self.interventions.exists(n, n.name == o.name))",
        message = "an intervention cannot be taken back: add another one under another name",
        fieldPath = ".interventions")
public record WorkflowRunSpec(
        @JsonPropertyDescription("The Workflow to run. Exactly one of workflowRef and workflow.") @Nullable
        WorkflowRef workflowRef,

        @JsonPropertyDescription("A definition of its own, instead of a reference.") @Nullable
        WorkflowSpec workflow,

        @JsonPropertyDescription("Values of the parameters.") @Size(max = 128)
        List<Argument> params,

        @JsonPropertyDescription("What is wanted of the run. Running (default). Paused: no new attempt. Cancelled: "
                + "undo, unless it has ended or is past its pivot. RolledBack: undo whatever was done, also after the "
                + "end. Terminated: stop, undo nothing. Of Cancelled, RolledBack and Terminated the highest that was "
                + "seen stays asked.")
        @Nullable
        DesiredState desiredState,

        @JsonPropertyDescription("What people do to the run; each is carried out once, in this order.") @Size(max = 64)
        List<Intervention> interventions,

        @JsonPropertyDescription("Seconds after its end until the run is deleted. Default: that of the workflow.")
        @Min(0)
        @Max(31536000)
        @Nullable
        Integer ttlSecondsAfterFinished,

        @JsonPropertyDescription("What deleting the unfinished run means. Compensate (default): it is cancelled first; "
                + "stalled or past its pivot it waits for a person. Abandon: it is terminated.")
        @Nullable
        DeletionPolicy deletionPolicy,

        @JsonPropertyDescription("What CLEW_IDEMPOTENCY_KEY begins with, so that a run that is created anew means the "
                + "same thing. Default: the UID of the run.")
        @Size(min = 1, max = 128)
        @Pattern("^[!-.0-~]+$")
        @Nullable
        String idempotencyKey) {
    public WorkflowRunSpec {
        params = params == null ? List.of() : List.copyOf(params);
        interventions = interventions == null ? List.of() : List.copyOf(interventions);
    }

    /** What is wanted, with the default applied. */
    public DesiredState desiredStateOrDefault() {
        return desiredState == null ? DesiredState.Running : desiredState;
    }
}
