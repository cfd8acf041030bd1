package dev.clew.api.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A seccomp profile. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SeccompProfile(
        @JsonPropertyDescription("RuntimeDefault, Localhost or Unconfined.") @Required @Size(min = 1, max = 63)
        String type,

        @JsonPropertyDescription("Path of the profile on the node, for Localhost.") @Size(max = 1024) @Nullable
        String localhostProfile) {}
