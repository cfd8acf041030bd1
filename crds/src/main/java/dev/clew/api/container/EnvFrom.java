package dev.clew.api.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** All keys of a ConfigMap or of a Secret as environment variables: exactly one of the two. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "has(self.configMapRef) != has(self.secretRef)",
        message = "must have exactly one of configMapRef, secretRef")
@ValidationRule(
        value = "!has(self.prefix) || !self.prefix.startsWith('CLEW_')",
        message = "prefixes that begin with CLEW_ are reserved",
        fieldPath = ".prefix")
public record EnvFrom(
        @JsonPropertyDescription("Put before each key.") @Size(max = 253) @Nullable
        String prefix,

        @JsonPropertyDescription("The ConfigMap.") @Nullable EnvFromRef configMapRef,
        @JsonPropertyDescription("The Secret.") @Nullable EnvFromRef secretRef) {}
