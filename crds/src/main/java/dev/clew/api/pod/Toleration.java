package dev.clew.api.pod;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A taint that the pods tolerate, as in Kubernetes. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Toleration(
        @JsonPropertyDescription("Key of the taint; empty means all.") @Size(max = 317) @Nullable
        String key,

        @JsonPropertyDescription("Exists or Equal (default).") @Size(max = 63) @Nullable
        String operator,

        @JsonPropertyDescription("Value of the taint.") @Size(max = 63) @Nullable
        String value,

        @JsonPropertyDescription("NoSchedule, PreferNoSchedule or NoExecute; empty means all.")
        @Size(max = 63)
        @Nullable
        String effect,

        @JsonPropertyDescription("How long NoExecute is tolerated, in seconds. Default: for ever.")
        @Min(0)
        @Max(2147483647)
        @Nullable
        Long tolerationSeconds) {}
