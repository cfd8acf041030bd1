package dev.clew.api.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One rule about failed attempts: by exit code or by a condition of the pod. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "has(self.onExitCodes) != (has(self.onPodConditions) && size(self.onPodConditions) > 0)",
        message = "must have exactly one of onExitCodes, onPodConditions")
public record FailureRule(
        @JsonPropertyDescription("Count: uses up a retry. Ignore: tried again, not counted. Fail: no more tries. "
                + "FailWithoutEffect: no more tries, and this attempt had no effect.")
        @Required
        FailureAction action,

        @JsonPropertyDescription("Matches an exit code of the step's container other than 0.") @Nullable
        ExitCodes onExitCodes,

        @JsonPropertyDescription("Matches if the pod has one of these conditions.") @Size(max = 20)
        List<PodConditionPattern> onPodConditions) {
    public FailureRule {
        onPodConditions = onPodConditions == null ? List.of() : List.copyOf(onPodConditions);
    }
}
