package dev.clew.api.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** Security settings of a container, as in Kubernetes. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SecurityContext(
        @JsonPropertyDescription("Whether a process may gain more privileges than its parent.") @Nullable
        Boolean allowPrivilegeEscalation,

        @JsonPropertyDescription("Linux capabilities.") @Nullable
        Capabilities capabilities,

        @JsonPropertyDescription("Whether it runs privileged. Default false.") @Nullable
        Boolean privileged,

        @JsonPropertyDescription("Whether the root file system may only be read. Default false.") @Nullable
        Boolean readOnlyRootFilesystem,

        @JsonPropertyDescription("User ID.") @Min(0) @Max(2147483647) @Nullable
        Long runAsUser,

        @JsonPropertyDescription("Group ID.") @Min(0) @Max(2147483647) @Nullable
        Long runAsGroup,

        @JsonPropertyDescription("Whether the kubelet refuses to run it as root.") @Nullable
        Boolean runAsNonRoot,

        @JsonPropertyDescription("Seccomp profile.") @Nullable
        SeccompProfile seccompProfile) {}
