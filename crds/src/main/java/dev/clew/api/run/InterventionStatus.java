package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The record of an intervention. Its name is spent, whatever came of it. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record InterventionStatus(
        @JsonPropertyDescription("Name.") @Required @Size(min = 1, max = 63)
        String name,

        @JsonPropertyDescription("Done, or Refused for the reason in the message.") @Required
        Result result,

        @JsonPropertyDescription("What was done, or why not.") @Size(max = 512) @Nullable
        String message,

        @JsonPropertyDescription("When.") @Required Instant time) {
    /** What came of an intervention. */
    public enum Result {
        /** Carried out. */
        Done,
        /** It did not apply. */
        Refused
    }
}
