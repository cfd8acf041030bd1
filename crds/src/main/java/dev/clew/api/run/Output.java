package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A value that a step wrote. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Output(
        @JsonPropertyDescription("Name.") @Required @Size(min = 1, max = 63)
        String name,

        @JsonPropertyDescription("Value.") @Required @JsonInclude(JsonInclude.Include.ALWAYS) @Size(max = 4096)
        String value) {}
