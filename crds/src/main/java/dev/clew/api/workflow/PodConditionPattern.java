package dev.clew.api.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.ConditionStatus;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A condition that a pod may have. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value =
                "!(self.type in ['PodScheduled', 'PodReadyToStartContainers', 'Initialized', 'ContainersReady', 'Ready'])",
        message = "says nothing about why an attempt failed: write DisruptionTarget (evicted, drained, preempted, "
                + "its node lost), or a condition of your own",
        fieldPath = ".type")
public record PodConditionPattern(
        @JsonPropertyDescription("Type: DisruptionTarget, or one of your own.") @Required @Size(min = 1, max = 316)
        String type,

        @JsonPropertyDescription("Status. Default: True.") @Nullable
        ConditionStatus status) {}
