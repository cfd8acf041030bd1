package dev.clew.api.pod;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Names;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A volume: exactly one of the four kinds. There is no hostPath. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value =
                "[has(self.emptyDir), has(self.configMap), has(self.secret), has(self.persistentVolumeClaim)].filter(x, x).size() == 1",
        message = "must have exactly one of emptyDir, configMap, secret, persistentVolumeClaim")
public record Volume(
        @JsonPropertyDescription("Name, unique in the workflow.")
        @Required
        @Size(min = 1, max = 63)
        @Pattern(Names.DNS_LABEL)
        String name,

        @JsonPropertyDescription("An empty directory.") @Nullable
        EmptyDirVolume emptyDir,

        @JsonPropertyDescription("The keys of a ConfigMap.") @Nullable
        ConfigMapVolume configMap,

        @JsonPropertyDescription("The keys of a Secret.") @Nullable
        SecretVolume secret,

        @JsonPropertyDescription("A PersistentVolumeClaim.") @Nullable
        PersistentVolumeClaimVolume persistentVolumeClaim) {}
