package dev.clew.operator.pod;

import dev.clew.api.Names;
import dev.clew.engine.pod.PodFacts;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A cache of pods that keeps only what {@link PodFacts} reads, a sixth of the memory. Only for one informer: several
 * (one for each of several namespaces) would share it, and each would remove what the others put in.
 */
final class PrunedPods extends BasicItemStore<Pod> {
    private static final Container ANY_CONTAINER = new Container();

    PrunedPods() {
        super(Cache::metaNamespaceKeyFunc);
    }

    @Override
    public Pod put(String key, Pod pod) {
        return super.put(key, prune(pod));
    }

    static Pod prune(Pod pod) {
        return new PodBuilder()
                .withMetadata(metadata(pod.getMetadata()))
                .withSpec(spec(Objects.requireNonNullElseGet(pod.getSpec(), PodSpec::new)))
                .withStatus(status(Objects.requireNonNullElseGet(pod.getStatus(), PodStatus::new)))
                .build();
    }

    private static ObjectMeta metadata(ObjectMeta meta) {
        return new ObjectMetaBuilder()
                .withNamespace(meta.getNamespace())
                .withName(meta.getName())
                .withUid(meta.getUid())
                .withResourceVersion(meta.getResourceVersion())
                .withCreationTimestamp(meta.getCreationTimestamp())
                .withDeletionTimestamp(meta.getDeletionTimestamp())
                .withDeletionGracePeriodSeconds(meta.getDeletionGracePeriodSeconds())
                .withFinalizers(meta.getFinalizers())
                .withOwnerReferences(meta.getOwnerReferences())
                .withLabels(only(meta.getLabels(), Names.RUN_LABEL))
                .withAnnotations(only(meta.getAnnotations(), Names.ATTEMPT_ANNOTATION, Names.RESERVATION_ANNOTATION))
                .build();
    }

    private static Map<String, String> only(@Nullable Map<String, String> all, String... keys) {
        Map<String, String> kept = new HashMap<>();
        for (String key : keys) {
            if (all != null && all.containsKey(key)) {
                kept.put(key, all.get(key));
            }
        }
        return kept;
    }

    private static PodSpec spec(PodSpec spec) {
        return new PodSpecBuilder()
                .withNodeName(spec.getNodeName())
                .withActiveDeadlineSeconds(spec.getActiveDeadlineSeconds())
                .withTerminationGracePeriodSeconds(spec.getTerminationGracePeriodSeconds())
                .withContainers(spec.getContainers().stream()
                        .map(container -> ANY_CONTAINER)
                        .toList())
                .withInitContainers(spec.getInitContainers().stream()
                        .map(container -> ANY_CONTAINER)
                        .toList())
                .build();
    }

    private static PodStatus status(PodStatus status) {
        return new PodStatusBuilder()
                .withPhase(status.getPhase())
                .withReason(status.getReason())
                .withStartTime(status.getStartTime())
                .withConditions(status.getConditions().stream()
                        .filter(condition -> !PodFacts.ORDINARY_CONDITIONS.contains(condition.getType())
                                || ("False".equals(condition.getStatus())
                                        && List.of("PodScheduled", "Ready").contains(condition.getType())))
                        .toList())
                .withContainerStatuses(containers(status.getContainerStatuses()))
                .build();
    }

    private static List<ContainerStatus> containers(List<ContainerStatus> statuses) {
        return statuses.stream()
                .map(status -> PodFacts.STEP_CONTAINER.equals(status.getName())
                        ? new ContainerStatusBuilder()
                                .withName(status.getName())
                                .withState(status.getState())
                                .withLastState(status.getLastState())
                                .withRestartCount(status.getRestartCount())
                                .build()
                        : new ContainerStatusBuilder()
                                .withName(status.getName())
                                .withState(status.getState())
                                .build())
                .toList();
    }
}
