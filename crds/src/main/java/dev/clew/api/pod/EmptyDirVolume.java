package dev.clew.api.pod;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/** An empty directory that lives as long as the pod. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record EmptyDirVolume(
        @JsonPropertyDescription("Memory for a file system in memory. Default: the disk of the node.")
        @Size(max = 63)
        @Nullable
        String medium,

        @JsonPropertyDescription("At most so much.") @Nullable
        Quantity sizeLimit) {}
