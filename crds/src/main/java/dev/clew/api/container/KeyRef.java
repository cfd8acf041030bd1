package dev.clew.api.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Names;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A key of a Secret or of a ConfigMap in the namespace of the run. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record KeyRef(
        @JsonPropertyDescription("Name of the object.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern(Names.DNS_SUBDOMAIN)
        String name,

        @JsonPropertyDescription("Key in it.") @Required @Size(min = 1, max = 253) @Pattern(Names.CONFIG_KEY)
        String key,

        @JsonPropertyDescription("Whether the container may start without it. Default false.") @Nullable
        Boolean optional) {}
