package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Names;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** The value of a parameter. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Argument(
        @JsonPropertyDescription("Name of the parameter.") @Required @Size(min = 1, max = 63) @Pattern(Names.IDENTIFIER)
        String name,

        @JsonPropertyDescription("Value. It is data: it is never parsed again.")
        @Required
        @JsonInclude(JsonInclude.Include.ALWAYS)
        @Size(max = 4096)
        String value) {}
