package dev.clew.api.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** Linux capabilities to add or to drop. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Capabilities(
        @JsonPropertyDescription("Capabilities to add.") @Size(max = 64)
        List<@Size(min = 1, max = 64) String> add,

        @JsonPropertyDescription("Capabilities to drop; ALL drops every one.") @Size(max = 64)
        List<@Size(min = 1, max = 64) String> drop) {
    public Capabilities {
        add = add == null ? List.of() : List.copyOf(add);
        drop = drop == null ? List.of() : List.copyOf(drop);
    }
}
