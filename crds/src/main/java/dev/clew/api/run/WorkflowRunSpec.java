package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.workflow.WorkflowSpec;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is asked for. It cannot be changed after creation. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "has(self.workflowRef) != has(self.workflow)",
        message = "must have exactly one of workflowRef, workflow")
@ValidationRule(value = "self == oldSelf", message = "the spec of a run cannot be changed: create another run")
public record WorkflowRunSpec(
        @JsonPropertyDescription("The Workflow to run. Exactly one of workflowRef and workflow.") @Nullable
        WorkflowRef workflowRef,

        @JsonPropertyDescription("A definition of its own, instead of a reference.") @Nullable
        WorkflowSpec workflow,

        @JsonPropertyDescription("Values of the parameters.") @Size(max = 128)
        List<Argument> params) {
    public WorkflowRunSpec {
        params = params == null ? List.of() : List.copyOf(params);
    }
}
