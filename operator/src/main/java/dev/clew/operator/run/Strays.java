package dev.clew.operator.run;

import dev.clew.api.Names;
import dev.clew.api.WorkflowRun;
import dev.clew.engine.pod.PodFacts;
import dev.clew.operator.pod.Pods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes Clew's finalizer off pods whose run is gone, though it should have held on to itself until they were released:
 * somebody stripped its finalizer. Nothing else would ever let them go.
 */
final class Strays {
    private static final Logger LOG = LoggerFactory.getLogger(Strays.class);

    private final KubernetesClient client;
    private final IndexerResourceCache<WorkflowRun> runs;
    private final Requests requests;
    private final BooleanSupplier leading;
    private final Executor later;

    /** UIDs of pods that are about to be looked at: what is suspected again meanwhile is looked at once. */
    private final Set<String> suspects = ConcurrentHashMap.newKeySet();

    /**
     * Strays.
     *
     * @param maxInFlight a pod that nobody in the cache owns is looked at after this time: no create of it is on its way then
     * @param leading whether this process may let go of any
     */
    Strays(
            KubernetesClient client,
            IndexerResourceCache<WorkflowRun> runs,
            Requests requests,
            Duration maxInFlight,
            BooleanSupplier leading,
            Executor threads) {
        this.client = client;
        this.runs = runs;
        this.requests = requests;
        this.leading = leading;
        this.later = CompletableFuture.delayedExecutor(maxInFlight.toMillis(), TimeUnit.MILLISECONDS, threads);
    }

    /** A pod has changed: if it seems to have no run, it is looked into. */
    void suspect(Pod pod, Pods pods) {
        if (leading.getAsBoolean()
                && isTracked(pod)
                && !hasCachedRun(pod)
                && suspects.add(pod.getMetadata().getUid())) {
            later.execute(() -> look(pod, pods));
        }
    }

    /** All that is there is looked into: a standby has let everything be. */
    void suspectAll(Pods pods) {
        pods.tracked().forEach(pod -> suspect(pod, pods));
    }

    /** A run is gone: its pods may not have changed by that. */
    void gone(WorkflowRun run, Pods pods) {
        later.execute(() -> pods.tracked().stream()
                .filter(pod ->
                        uid(pod).filter(run.getMetadata().getUid()::equals).isPresent())
                .filter(pod -> suspects.add(pod.getMetadata().getUid()))
                .forEach(pod -> look(pod, pods)));
    }

    private void look(Pod pod, Pods pods) {
        try {
            if (!hasCachedRun(pod) && !hasRun(pod)) {
                String namespace = pod.getMetadata().getNamespace();
                String name = pod.getMetadata().getName();
                requests.bounded(
                        () -> pods.release(namespace, name, pod.getMetadata().getUid()));
                if (PodFacts.of(pod).reservation()) {
                    requests.bounded(() -> {
                        pods.delete(namespace, name, pod.getMetadata().getUid());
                        return true;
                    });
                }
                LOG.warn("released the pod {}/{}: its run is gone", namespace, name);
            }
            suspects.remove(pod.getMetadata().getUid());
        } catch (RuntimeException e) {
            LOG.warn("will look again at a pod whose run is gone: {}", e.getMessage());
            later.execute(() -> look(pod, pods));
        }
    }

    private static boolean isTracked(Pod pod) {
        return pod.getMetadata().getFinalizers().contains(Names.POD_FINALIZER);
    }

    private boolean hasCachedRun(Pod pod) {
        return runName(pod)
                .flatMap(name -> runs.get(new ResourceID(name, pod.getMetadata().getNamespace())))
                .filter(run -> isOf(pod, run))
                .isPresent();
    }

    private boolean hasRun(Pod pod) {
        return runName(pod)
                .map(name -> requests.bounded(() -> Optional.ofNullable(client.resources(WorkflowRun.class)
                        .inNamespace(pod.getMetadata().getNamespace())
                        .withName(name)
                        .get())))
                .flatMap(run -> run)
                .filter(run -> isOf(pod, run))
                .isPresent();
    }

    private static boolean isOf(Pod pod, WorkflowRun run) {
        return uid(pod).filter(run.getMetadata().getUid()::equals).isPresent();
    }

    private static Optional<String> runName(Pod pod) {
        return label(pod.getMetadata().getLabels(), Names.RUN_LABEL);
    }

    /** The attempt's annotation begins with the UID of its run. */
    private static Optional<String> uid(Pod pod) {
        return Optional.ofNullable(PodFacts.of(pod).attempt()).map(attempt -> attempt.split("/", 2)[0]);
    }

    private static Optional<String> label(@Nullable Map<String, String> labels, String key) {
        return labels == null ? Optional.empty() : Optional.ofNullable(labels.get(key));
    }
}
