package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Names;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something that a person does to a run; carried out once. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "self == oldSelf",
        message = "an intervention is carried out once and cannot be changed: add another one under another name")
@ValidationRule(
        value = "self.action == 'AssumeStopped' ? has(self.podUID) && !has(self.step)"
                + " : has(self.step) && !has(self.podUID)",
        message = "must have podUID and no step with the action AssumeStopped, step and no podUID with any other")
@ValidationRule(
        value = "!has(self.outputs) || self.action == 'SkipStep'",
        message = "can be given only with the action SkipStep",
        fieldPath = ".outputs")
public record Intervention(
        @JsonPropertyDescription("Name of its own, unique in the run.")
        @Required
        @Size(min = 1, max = 63)
        @Pattern(Names.DNS_LABEL)
        String name,

        @JsonPropertyDescription("RetryStep: fresh retries for a step of a stalled run. SkipStep: a failed step of a "
                + "stalled run, or one not yet begun, is done without an attempt. RetryCompensation: fresh retries for "
                + "one that has used them up. SkipCompensation: one that does not run at the moment is done without an "
                + "attempt. AssumeStopped: the process of the pod has stopped.")
        @Required
        InterventionAction action,

        @JsonPropertyDescription("Name of the step; with every action but AssumeStopped.")
        @Size(min = 1, max = 256)
        @Nullable
        String step,

        @JsonPropertyDescription("UID of the pod; with AssumeStopped.") @Size(min = 1, max = 64) @Nullable
        String podUID,

        @JsonPropertyDescription("With SkipStep: values of outputs that the step declares.") @Size(max = 64)
        List<Output> outputs) {
    public Intervention {
        outputs = outputs == null ? List.of() : List.copyOf(outputs);
    }
}
