package dev.clew.api.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** A set of exit codes. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "self.operator != 'In' || !(0 in self.values)",
        message = "must not have 0 with the operator In: an exit code 0 is no failure",
        fieldPath = ".values")
public record ExitCodes(
        @JsonPropertyDescription("In: one of the values. NotIn: none of them; never 0.") @Required
        Operator operator,

        @JsonPropertyDescription("Exit codes.") @Required @Size(min = 1, max = 255)
        List<@Min(0) @Max(255) Integer> values) {
    /** How the values are meant. */
    public enum Operator {
        /** One of them. */
        In,
        /** None of them. */
        NotIn
    }

    public ExitCodes {
        values = values == null ? List.of() : List.copyOf(values);
    }
}
