package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** That it cannot be told whether the process of an attempt has ended, and what would settle it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Doubt(
        @JsonPropertyDescription("Since when.") @Required Instant since,

        @JsonPropertyDescription("Node of the pod, if it is known.") @Size(max = 253) @Nullable
        String node,

        @JsonPropertyDescription("Seconds that the node's kubelet gives a pod to end.")
        int graceSeconds,

        @JsonPropertyDescription("Since when the node is known to be gone or out of service.") @Nullable
        Instant nodeGoneSince) {}
