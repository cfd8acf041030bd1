package dev.clew.api.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Names;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** An environment variable. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "!self.name.startsWith('CLEW_')",
        message = "names that begin with CLEW_ are reserved: Clew sets them itself",
        fieldPath = ".name")
@ValidationRule(value = "!(has(self.value) && has(self.valueFrom))", message = "must not have both value and valueFrom")
public record EnvVar(
        @JsonPropertyDescription("Name. Names that begin with CLEW_ are reserved.")
        @Required
        @Size(min = 1, max = 256)
        @Pattern(Names.ENV_NAME)
        String name,

        @JsonPropertyDescription(
                "Value. $(params.NAME) and $(steps.STEP.outputs.NAME) are replaced; $(VAR) is left to the kubelet; $$ is a literal $.")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Size(max = 8192)
        @Nullable
        String value,

        @JsonPropertyDescription("Where the value comes from; instead of value.") @Nullable
        EnvVarSource valueFrom) {}
