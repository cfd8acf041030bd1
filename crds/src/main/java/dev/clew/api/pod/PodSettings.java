package dev.clew.api.pod;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Names;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.crd.generator.annotation.SchemaFrom;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings that all pods of a workflow share. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value =
                "!has(self.labels) || self.labels.all(k, !k.startsWith('clew.dev/') && k != 'app.kubernetes.io/managed-by' && k != 'app.kubernetes.io/component')",
        message =
                "keys that begin with clew.dev/, app.kubernetes.io/managed-by and app.kubernetes.io/component are reserved: Clew sets them itself",
        fieldPath = ".labels")
@ValidationRule(
        value = "!has(self.annotations) || self.annotations.all(k, !k.startsWith('clew.dev/'))",
        message = "keys that begin with clew.dev/ are reserved: Clew sets them itself",
        fieldPath = ".annotations")
public record PodSettings(
        @JsonPropertyDescription("Service account of the pods. Default: that of the namespace.")
        @Size(max = 253)
        @Pattern(Names.DNS_SUBDOMAIN)
        @Nullable
        String serviceAccountName,

        @JsonPropertyDescription("Whether the pods get a token of their service account. Default false.") @Nullable
        Boolean automountServiceAccountToken,

        @JsonPropertyDescription(
                "Whether the pods get environment variables for the services of the namespace. Default false.")
        @Nullable
        Boolean enableServiceLinks,

        @JsonPropertyDescription("Secrets for pulling images.") @Size(max = 16)
        List<ObjectName> imagePullSecrets,

        @JsonPropertyDescription("Labels that a node must have.") @Size(max = 32)
        Map<String, @Size(max = 63) String> nodeSelector,

        @JsonPropertyDescription("Taints that the pods tolerate.") @Size(max = 32)
        List<Toleration> tolerations,

        @JsonPropertyDescription("Affinity as in a pod; checked when a pod is created.")
        @PreserveUnknownFields
        @SchemaFrom(type = Object.class)
        Map<String, Object> affinity,

        @JsonPropertyDescription("Priority class.") @Size(max = 253) @Pattern(Names.DNS_SUBDOMAIN) @Nullable
        String priorityClassName,

        @JsonPropertyDescription("Runtime class.") @Size(max = 253) @Pattern(Names.DNS_SUBDOMAIN) @Nullable
        String runtimeClassName,

        @JsonPropertyDescription("Security settings.") @Nullable
        PodSecurityContext securityContext,

        @JsonPropertyDescription("Volumes that containers may mount.") @Size(max = 64)
        List<Volume> volumes,

        @JsonPropertyDescription("Seconds from SIGTERM to SIGKILL when a pod is stopped. Default 30.")
        @Min(0)
        @Max(86400)
        @Nullable
        Long terminationGracePeriodSeconds,

        @JsonPropertyDescription("Labels of the pods. Keys of clew.dev and those that Clew sets are reserved.")
        @Size(max = 32)
        Map<String, @Size(max = 63) String> labels,

        @JsonPropertyDescription("Annotations of the pods. Keys of clew.dev are reserved.") @Size(max = 32)
        Map<String, @Size(max = 4096) String> annotations) {
    public PodSettings {
        imagePullSecrets = imagePullSecrets == null ? List.of() : List.copyOf(imagePullSecrets);
        nodeSelector = nodeSelector == null ? Map.of() : Map.copyOf(nodeSelector);
        tolerations = tolerations == null ? List.of() : List.copyOf(tolerations);
        affinity = affinity == null ? Map.of() : affinity;
        volumes = volumes == null ? List.of() : List.copyOf(volumes);
        labels = labels == null ? Map.of() : Map.copyOf(labels);
        annotations = annotations == null ? Map.of() : Map.copyOf(annotations);
    }
}
