package dev.clew.api.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.container.Container;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** What undoes a step. It must bear that the step did nothing, and that it runs more than once. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Compensation(
        @JsonPropertyDescription(
                "Started (default): owed once an attempt may have had an effect, also if the step failed. "
                        + "Succeeded: owed only once the step succeeded.")
        @Nullable
        When when,

        @JsonPropertyDescription("The container that undoes the step.") @Required
        Container container,

        @JsonPropertyDescription("Retries of the compensation.") @Nullable
        Retry retry,

        @JsonPropertyDescription(
                "Seconds that one attempt may take from the kubelet's acceptance of its pod, image pull "
                        + "included. Enforced by the kubelet. Default: no limit.")
        @Min(1)
        @Max(2592000)
        @Nullable
        Integer timeoutSeconds,

        @JsonPropertyDescription("As startTimeoutSeconds of a step. Default 600.") @Min(1) @Max(2592000) @Nullable
        Integer startTimeoutSeconds) {}
