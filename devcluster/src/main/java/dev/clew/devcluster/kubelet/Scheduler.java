package dev.clew.devcluster.kubelet;

import dev.clew.devcluster.kubelet.PodApi.PodGoneException;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the scheduler's place: binds every pod that waits for a node, has no scheduling gate and is not being deleted. The
 * node selector is heeded, and the taint of an unreachable node; affinity, other taints and resources are not.
 *
 * <p>{@value ProcessKubelet#NODE} comes first: another node gets only pods whose selector {@value ProcessKubelet#NODE} does
 * not match.
 */
public final class Scheduler implements AutoCloseable {
    /** As its requests are named in the audit log. */
    public static final String USER_AGENT = "clew-scheduler";

    private static final String UNREACHABLE = "node.kubernetes.io/unreachable";
    private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);

    private final KubernetesClient client;
    private final PodApi api;
    private final ExecutorService executor;
    private final SharedIndexInformer<Node> nodes;
    private final SharedIndexInformer<Pod> pods;
    /** Pods that are being bound, or wait for a node that suits them. */
    private final Set<String> busy = new HashSet<>();

    private final Map<String, Pod> unschedulable = new HashMap<>();

    private Scheduler(Config config) {
        this.client = new KubernetesClientBuilder().withConfig(config).build();
        this.api = new PodApi(client, new NodeLink());
        this.executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("scheduler-", 0).factory());
        this.nodes = client.nodes().inform(new NodeEvents());
        this.pods =
                client.pods().inAnyNamespace().withField("spec.nodeName", "").inform(new PodEvents());
    }

    /**
     * Starts to work.
     *
     * @param config how to reach the API server; all rights are needed
     */
    public static Scheduler start(Config config) {
        return new Scheduler(config);
    }

    private synchronized void consider(Pod pod) {
        if (isDue(pod) && busy.add(pod.getMetadata().getUid())) {
            executor.execute(() -> bindOrExplain(pod));
        }
    }

    private synchronized void forget(Pod pod) {
        busy.remove(pod.getMetadata().getUid());
        unschedulable.remove(pod.getMetadata().getUid());
    }

    private synchronized void tryAgain() {
        List<Pod> again = List.copyOf(unschedulable.values());
        again.forEach(this::forget);
        again.forEach(this::consider);
    }

    private static boolean isDue(Pod pod) {
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return pod.getSpec().getNodeName() == null
                && pod.getSpec().getSchedulingGates().isEmpty()
                && !PodWorker.isDeleted(pod)
                && (phase == null || phase.equals(StatusReport.PENDING))
                && "default-scheduler".equals(pod.getSpec().getSchedulerName());
    }

    private void bindOrExplain(Pod pod) {
        try {
            Optional<String> node = chooseOrKeep(pod);
            if (node.isEmpty()) {
                explain(pod);
            } else if (!api.bind(pod, node.orElseThrow())) {
                forget(pod);
            }
        } catch (PodGoneException e) {
            LOG.debug("{}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The choice and the note that there was none belong together, so that no new node is missed in between. */
    private synchronized Optional<String> chooseOrKeep(Pod pod) {
        Optional<String> chosen = choose(pod);
        if (chosen.isEmpty()) {
            unschedulable.put(pod.getMetadata().getUid(), pod);
        }
        return chosen;
    }

    private Optional<String> choose(Pod pod) {
        List<Node> matching = nodes.getStore().list().stream()
                .filter(node -> matches(pod, node))
                .sorted(Comparator.comparing((Node node) -> !isDefault(node)).thenComparing(Scheduler::name))
                .toList();
        return matching.stream()
                .filter(node -> isDefault(node) || !isDefault(matching.getFirst()))
                .filter(node -> accepts(node, pod))
                .map(Scheduler::name)
                .findFirst();
    }

    private void explain(Pod pod) throws PodGoneException, InterruptedException {
        List<Node> all = nodes.getStore().list();
        long matching = all.stream().filter(node -> matches(pod, node)).count();
        List<String> reasons = new ArrayList<>();
        if (matching > 0) {
            reasons.add(matching + " node(s) had untolerated taint {" + UNREACHABLE + ": }");
        }
        if (matching < all.size()) {
            reasons.add((all.size() - matching) + " node(s) didn't match Pod's node affinity/selector");
        }
        var _ = api.patchStatus(
                pod,
                Map.of(
                        "conditions",
                        List.of(Map.of(
                                "type",
                                "PodScheduled",
                                "status",
                                "False",
                                "reason",
                                "Unschedulable",
                                "message",
                                ("0/%d nodes are available: %s. no new claims to deallocate, preemption: 0/%d nodes are"
                                                + " available: %d Preemption is not helpful for scheduling.")
                                        .formatted(all.size(), String.join(", ", reasons), all.size(), all.size())))));
    }

    private static boolean matches(Pod pod, Node node) {
        Map<String, String> selector = Objects.requireNonNullElse(pod.getSpec().getNodeSelector(), Map.of());
        Map<String, String> labels =
                Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.of());
        return selector.isEmpty() ? isDefault(node) : labels.entrySet().containsAll(selector.entrySet());
    }

    private static boolean isDefault(Node node) {
        return name(node).equals(ProcessKubelet.NODE);
    }

    private static String name(Node node) {
        return node.getMetadata().getName();
    }

    private static boolean accepts(Node node, Pod pod) {
        return node.getSpec().getTaints().stream()
                .filter(taint -> taint.getKey().equals(UNREACHABLE))
                .allMatch(taint ->
                        pod.getSpec().getTolerations().stream().anyMatch(toleration -> tolerates(toleration, taint)));
    }

    private static boolean tolerates(Toleration toleration, Taint taint) {
        return (toleration.getKey() == null || toleration.getKey().equals(taint.getKey()))
                && (toleration.getEffect() == null || toleration.getEffect().equals(taint.getEffect()));
    }

    /** Stops binding. */
    @Override
    public void close() {
        pods.stop();
        nodes.stop();
        executor.shutdownNow();
        client.close();
    }

    private final class PodEvents implements ResourceEventHandler<Pod> {
        @Override
        public void onAdd(Pod pod) {
            consider(pod);
        }

        @Override
        public void onUpdate(Pod old, Pod pod) {
            consider(pod);
        }

        /** It has a node, or is gone. */
        @Override
        public void onDelete(Pod pod, boolean deletedFinalStateUnknown) {
            forget(pod);
        }
    }

    private final class NodeEvents implements ResourceEventHandler<Node> {
        @Override
        public void onAdd(Node node) {
            tryAgain();
        }

        @Override
        public void onUpdate(Node old, Node node) {
            tryAgain();
        }

        @Override
        public void onDelete(Node node, boolean deletedFinalStateUnknown) {}
    }
}
