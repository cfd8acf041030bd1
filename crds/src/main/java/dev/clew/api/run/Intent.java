package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;

/** What was asked of the run that ends it otherwise than by itself. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Intent(
        @JsonPropertyDescription("What was asked.") @Required
        IntentState state,

        @JsonPropertyDescription("By what.") @Required @Size(min = 1, max = 128)
        String reason,

        @JsonPropertyDescription("When it was noticed.") @Required
        Instant time) {}
