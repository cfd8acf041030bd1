package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** That the run turned back, why, and what it undoes. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunCompensation(
        @JsonPropertyDescription("Where it is.") @Required CompensationPhase phase,

        @JsonPropertyDescription("Why the run turned back.") @Required @Size(min = 1, max = 128)
        String reason,

        @JsonPropertyDescription("The steps that owe their compensation, in the order of undoing; written once.")
        @Size(max = 512)
        @Nullable
        List<@Size(min = 1, max = 256) String> plan,

        @JsonPropertyDescription("When the run turned back.") @Nullable
        Instant startTime,

        @JsonPropertyDescription("When all was undone.") @Nullable
        Instant completionTime) {
    public RunCompensation {
        plan = plan == null ? null : List.copyOf(plan);
    }
}
