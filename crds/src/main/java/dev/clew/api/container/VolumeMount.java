package dev.clew.api.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Names;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A volume of spec.pod.volumes in the file system of a container. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record VolumeMount(
        @JsonPropertyDescription("Name of the volume in spec.pod.volumes.")
        @Required
        @Size(min = 1, max = 63)
        @Pattern(Names.DNS_LABEL)
        String name,

        @JsonPropertyDescription("Path in the container.") @Required @Size(min = 1, max = 1024)
        String mountPath,

        @JsonPropertyDescription("Path in the volume. Default: its root.") @Size(max = 1024) @Nullable
        String subPath,

        @JsonPropertyDescription("Whether it may only be read. Default false.") @Nullable
        Boolean readOnly) {}
