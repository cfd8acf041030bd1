package dev.clew.api.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;

/** What a container asks for and may use at most. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Resources(
        @JsonPropertyDescription("Asked for, as cpu: 100m.") @Size(max = 32)
        Map<String, Quantity> requests,

        @JsonPropertyDescription("At most, as memory: 256Mi.") @Size(max = 32)
        Map<String, Quantity> limits) {
    public Resources {
        requests = requests == null ? Map.of() : Map.copyOf(requests);
        limits = limits == null ? Map.of() : Map.copyOf(limits);
    }
}
