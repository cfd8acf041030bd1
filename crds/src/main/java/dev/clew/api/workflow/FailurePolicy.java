package dev.clew.api.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** What failed attempts of a step mean; the shape of a Job's {@code podFailurePolicy}. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record FailurePolicy(
        @JsonPropertyDescription("The first rule that matches a failed attempt decides; without one it counts.")
        @Required
        @Size(min = 1, max = 20)
        List<FailureRule> rules) {
    public FailurePolicy {
        rules = rules == null ? List.of() : List.copyOf(rules);
    }
}
