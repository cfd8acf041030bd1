package dev.clew.devcluster.kubelet;

import dev.clew.devcluster.kubelet.PodApi.PodGoneException;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the scheduler's place: binds every pod that waits for a node, has no scheduling gate and is not being deleted to this
 * node. The node selector is heeded; affinity, taints and resources are not.
 */
final class PodBinder {
    private static final String UNSCHEDULABLE =
            "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate,"
                    + " preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
    private static final Logger LOG = LoggerFactory.getLogger(PodBinder.class);

    private final PodApi api;
    private final String nodeName;
    private final Supplier<Node> node;
    private final ExecutorService executor;
    private final Set<String> busy = ConcurrentHashMap.newKeySet();

    PodBinder(PodApi api, String nodeName, Supplier<Node> node, ExecutorService executor) {
        this.api = api;
        this.nodeName = nodeName;
        this.node = node;
        this.executor = executor;
    }

    /** Looks at a pod and binds it if that is due. Returns at once. */
    void consider(Pod pod) {
        if (isDue(pod) && busy.add(pod.getMetadata().getUid())) {
            executor.execute(() -> bindOrExplain(pod));
        }
    }

    /** Forgets a pod that is gone. */
    void forget(Pod pod) {
        busy.remove(pod.getMetadata().getUid());
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
            if (fits(pod)) {
                if (!api.bind(pod, nodeName)) {
                    forget(pod);
                }
            } else {
                api.patchStatus(
                        pod,
                        Map.of(
                                "conditions",
                                List.of(Map.of(
                                        "type", "PodScheduled",
                                        "status", "False",
                                        "reason", "Unschedulable",
                                        "message", UNSCHEDULABLE))));
            }
        } catch (PodGoneException e) {
            LOG.debug("{}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean fits(Pod pod) {
        Map<String, String> selector = pod.getSpec().getNodeSelector();
        if (selector == null || selector.isEmpty()) {
            return true;
        }
        Map<String, String> labels =
                Objects.requireNonNullElse(node.get().getMetadata().getLabels(), Map.of());
        return labels.entrySet().containsAll(selector.entrySet());
    }
}
