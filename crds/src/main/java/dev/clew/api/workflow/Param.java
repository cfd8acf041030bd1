package dev.clew.api.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Names;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A parameter of a workflow. Without a default, every run must give it a value. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Param(
        @JsonPropertyDescription("Name, used as $(params.NAME) in command, args and env values.")
        @Required
        @Size(min = 1, max = 63)
        @Pattern(Names.IDENTIFIER)
        String name,

        @JsonPropertyDescription("Value of a run that gives none. Without a default a run must give a value.")
        @JsonProperty("default")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Size(max = 4096)
        @Nullable
        String defaultValue,

        @JsonPropertyDescription("What the parameter is for.") @Size(max = 1024) @Nullable
        String description) {}
