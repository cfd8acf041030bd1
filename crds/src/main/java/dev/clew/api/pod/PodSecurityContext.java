package dev.clew.api.pod;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.container.SeccompProfile;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Security settings of all containers of a pod, as in Kubernetes. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PodSecurityContext(
        @JsonPropertyDescription("User ID.") @Min(0) @Max(2147483647) @Nullable
        Long runAsUser,

        @JsonPropertyDescription("Group ID.") @Min(0) @Max(2147483647) @Nullable
        Long runAsGroup,

        @JsonPropertyDescription("Whether the kubelet refuses to run a container as root.") @Nullable
        Boolean runAsNonRoot,

        @JsonPropertyDescription("Group that owns the volumes.") @Min(0) @Max(2147483647) @Nullable
        Long fsGroup,

        @JsonPropertyDescription("OnRootMismatch or Always.") @Size(max = 63) @Nullable
        String fsGroupChangePolicy,

        @JsonPropertyDescription("Further groups of the processes.") @Size(max = 32)
        List<@Min(0) @Max(2147483647) Long> supplementalGroups,

        @JsonPropertyDescription("Seccomp profile.") @Nullable
        SeccompProfile seccompProfile) {
    public PodSecurityContext {
        supplementalGroups = supplementalGroups == null ? List.of() : List.copyOf(supplementalGroups);
    }
}
