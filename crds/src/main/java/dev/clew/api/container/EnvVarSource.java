package dev.clew.api.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Where the value of an environment variable comes from: exactly one of the three. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "[has(self.secretKeyRef), has(self.configMapKeyRef), has(self.fieldRef)].filter(x, x).size() == 1",
        message = "must have exactly one of secretKeyRef, configMapKeyRef, fieldRef")
public record EnvVarSource(
        @JsonPropertyDescription("A key of a Secret.") @Nullable
        KeyRef secretKeyRef,

        @JsonPropertyDescription("A key of a ConfigMap.") @Nullable
        KeyRef configMapKeyRef,

        @JsonPropertyDescription("A field of the pod.") @Nullable
        FieldRef fieldRef) {}
