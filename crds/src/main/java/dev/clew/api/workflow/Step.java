package dev.clew.api.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Names;
import dev.clew.api.container.Container;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One step: exactly one action (today a container), and what undoes it. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "!has(self.outputs) || size(self.outputs) == 0 || !has(self.container.terminationMessagePolicy)"
                + " || self.container.terminationMessagePolicy == 'File'",
        message =
                "must not be FallbackToLogsOnError in a step with outputs: the last log lines would be read as outputs",
        fieldPath = ".container.terminationMessagePolicy")
public record Step(
        @JsonPropertyDescription("Name, unique in the workflow: a DNS label of at most 40 characters.")
        @Required
        @Size(min = 1, max = 40)
        @Pattern(Names.DNS_LABEL)
        String name,

        @JsonPropertyDescription("Names of the steps that must be done before this one starts. Needs order: Graph.")
        @Size(max = 512)
        List<@Size(min = 1, max = 40) String> dependsOn,

        @JsonPropertyDescription(
                "Names of the values that the step writes as lines name=value to the file $CLEW_OUTPUT. "
                        + "A step that succeeds without having written one of them fails.")
        @Size(max = 64)
        List<@Size(min = 1, max = 63) @Pattern(Names.IDENTIFIER) String> outputs,

        @JsonPropertyDescription("Retries of the step.") @Nullable
        Retry retry,

        @JsonPropertyDescription("What failed attempts mean. Default: each uses up a retry.") @Nullable
        FailurePolicy failurePolicy,

        @JsonPropertyDescription("The point of no return, of one step at most: once it has succeeded the run only goes "
                + "forward, and a later failure waits for a person. Default: false.")
        @Nullable
        Boolean pivot,

        @JsonPropertyDescription(
                "Seconds that one attempt may take from the kubelet's acceptance of its pod, image pull "
                        + "included. Enforced by the kubelet, also while the operator is down. Default: no limit.")
        @Min(1)
        @Max(2592000)
        @Nullable
        Integer timeoutSeconds,

        @JsonPropertyDescription("Seconds from the creation of an attempt's pod, or the first try to create it, to a "
                + "started container; not while another's scheduling gate holds it. Passing them uses up a retry. "
                + "Default 600.")
        @Min(1)
        @Max(2592000)
        @Nullable
        Integer startTimeoutSeconds,

        @JsonPropertyDescription("The action: a container that runs to its end.") @Required
        Container container,

        @JsonPropertyDescription("What undoes the step when the run turns back.") @Nullable
        Compensation compensation) {
    /** Seconds to a started container if {@code startTimeoutSeconds} is not given. */
    public static final int START_TIMEOUT_SECONDS = 600;

    /** Whether it is the point of no return. */
    public boolean pivotOrDefault() {
        return Boolean.TRUE.equals(pivot);
    }

    public Step {
        dependsOn = dependsOn == null ? List.of() : List.copyOf(dependsOn);
        outputs = outputs == null ? List.of() : List.copyOf(outputs);
    }
}
