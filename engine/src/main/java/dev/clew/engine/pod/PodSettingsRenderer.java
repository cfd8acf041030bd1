package dev.clew.engine.pod;

import dev.clew.api.pod.KeyToPath;
import dev.clew.api.pod.PodSecurityContext;
import dev.clew.api.pod.PodSettings;
import dev.clew.api.pod.Toleration;
import dev.clew.api.pod.Volume;
import dev.clew.engine.workflow.Affinities;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.EmptyDirVolumeSourceBuilder;
import io.fabric8.kubernetes.api.model.KeyToPathBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Renders what all pods of a workflow share. */
final class PodSettingsRenderer {
    private PodSettingsRenderer() {}

    static PodSpec render(PodSettings settings) {
        return new PodSpecBuilder()
                .withServiceAccountName(settings.serviceAccountName())
                .withImagePullSecrets(settings.imagePullSecrets().stream()
                        .map(secret -> new LocalObjectReference(secret.name()))
                        .toList())
                .withNodeSelector(settings.nodeSelector())
                .withTolerations(settings.tolerations().stream()
                        .map(PodSettingsRenderer::toleration)
                        .toList())
                .withAffinity(affinity(settings.affinity()))
                .withPriorityClassName(settings.priorityClassName())
                .withRuntimeClassName(settings.runtimeClassName())
                .withSecurityContext(securityContext(settings.securityContext()))
                .withVolumes(settings.volumes().stream()
                        .map(PodSettingsRenderer::volume)
                        .toList())
                .withTerminationGracePeriodSeconds(settings.terminationGracePeriodSeconds())
                .build();
    }

    private static io.fabric8.kubernetes.api.model.Toleration toleration(Toleration toleration) {
        return new TolerationBuilder()
                .withKey(toleration.key())
                .withOperator(toleration.operator())
                .withValue(toleration.value())
                .withEffect(toleration.effect())
                .withTolerationSeconds(toleration.tolerationSeconds())
                .build();
    }

    private static @Nullable Affinity affinity(Map<String, Object> affinity) {
        return affinity.isEmpty() ? null : Affinities.read(affinity);
    }

    private static io.fabric8.kubernetes.api.model.@Nullable PodSecurityContext securityContext(
            @Nullable PodSecurityContext context) {
        return context == null
                ? null
                : new PodSecurityContextBuilder()
                        .withRunAsUser(context.runAsUser())
                        .withRunAsGroup(context.runAsGroup())
                        .withRunAsNonRoot(context.runAsNonRoot())
                        .withFsGroup(context.fsGroup())
                        .withFsGroupChangePolicy(context.fsGroupChangePolicy())
                        .withSupplementalGroups(context.supplementalGroups())
                        .withSeccompProfile(PodRenderer.seccomp(context.seccompProfile()))
                        .build();
    }

    private static io.fabric8.kubernetes.api.model.Volume volume(Volume volume) {
        var built = new VolumeBuilder().withName(volume.name());
        if (volume.emptyDir() != null) {
            built.withEmptyDir(new EmptyDirVolumeSourceBuilder()
                    .withMedium(volume.emptyDir().medium())
                    .withSizeLimit(volume.emptyDir().sizeLimit())
                    .build());
        }
        if (volume.configMap() != null) {
            built.withNewConfigMap()
                    .withName(volume.configMap().name())
                    .withItems(items(volume.configMap().items()))
                    .withDefaultMode(volume.configMap().defaultMode())
                    .withOptional(volume.configMap().optional())
                    .endConfigMap();
        }
        if (volume.secret() != null) {
            built.withNewSecret()
                    .withSecretName(volume.secret().secretName())
                    .withItems(items(volume.secret().items()))
                    .withDefaultMode(volume.secret().defaultMode())
                    .withOptional(volume.secret().optional())
                    .endSecret();
        }
        if (volume.persistentVolumeClaim() != null) {
            built.withNewPersistentVolumeClaim(
                    volume.persistentVolumeClaim().claimName(),
                    volume.persistentVolumeClaim().readOnly());
        }
        return built.build();
    }

    private static List<io.fabric8.kubernetes.api.model.KeyToPath> items(List<KeyToPath> items) {
        return items.stream()
                .map(item -> new KeyToPathBuilder()
                        .withKey(item.key())
                        .withPath(item.path())
                        .withMode(item.mode())
                        .build())
                .toList();
    }
}
