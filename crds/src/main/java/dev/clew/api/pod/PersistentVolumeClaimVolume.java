package dev.clew.api.pod;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Names;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A PersistentVolumeClaim in the namespace of the run. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PersistentVolumeClaimVolume(
        @JsonPropertyDescription("Name of the claim.") @Required @Size(min = 1, max = 253) @Pattern(Names.DNS_SUBDOMAIN)
        String claimName,

        @JsonPropertyDescription("Whether it may only be read. Default false.") @Nullable
        Boolean readOnly) {}
