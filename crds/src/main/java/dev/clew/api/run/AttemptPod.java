package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** The pod of an attempt. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AttemptPod(
        @JsonPropertyDescription("Name: a function of the attempt.") @Required @Size(min = 1, max = 63)
        String name,

        @JsonPropertyDescription("UID, once it is known.") @Size(max = 64) @Nullable
        String uid,

        @JsonPropertyDescription("Exit code of the step container, once it is known.") @Nullable
        Integer exitCode,

        @JsonPropertyDescription("Node, once it is known.") @Size(max = 253) @Nullable
        String node,

        @JsonPropertyDescription("Seconds that it is given to end, if others than the workflow says.") @Nullable
        Long graceSeconds) {}
