package dev.clew.engine.run;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pass knows of the world beside the run itself.
 *
 * @param definition what the run works on
 * @param prepared whether this pass made sure that the revision of this definition exists
 * @param pods by name; a name that is not there was not seen in the cache
 * @param settled by name of a pod, from when on no create for that name can arrive any more; a name that is not there
 *     is settled
 * @param nodes by name, read live; a name that is not there was not read
 * @param maxInFlight the longest time that a request can be on its way, and a node's kubelet not know
 * @param informedAt when this run's status was last written only to inform, if it was
 * @param abandoned whether the namespace is being deleted, so that nothing can be created in it any more
 */
public record Observed(
        DefinitionSeen definition,
        boolean prepared,
        Map<String, PodSeen> pods,
        Map<String, Instant> settled,
        Map<String, NodeSeen> nodes,
        Duration maxInFlight,
        @Nullable Instant informedAt,
        boolean abandoned) {
    private static final PodSeen NOT_CACHED = new PodSeen.Absent(false);

    public Observed {
        pods = Map.copyOf(pods);
        settled = Map.copyOf(settled);
        nodes = Map.copyOf(nodes);
    }

    /** What was seen under a pod's name. */
    public PodSeen pod(String name) {
        return pods.getOrDefault(name, NOT_CACHED);
    }
}
