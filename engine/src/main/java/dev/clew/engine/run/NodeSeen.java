package dev.clew.engine.run;

import java.time.Instant;

/** What was seen of a node, read live. */
public sealed interface NodeSeen {
    /** Its kubelet reports, without a break since then. */
    record Ready(Instant since) implements NodeSeen {}

    /** Its kubelet does not report: it may come back. */
    record NotReady() implements NodeSeen {}

    /** There is none of that name, or it is tainted {@code node.kubernetes.io/out-of-service}: it counts as switched off. */
    record Gone() implements NodeSeen {}

    /** Clew may not read nodes. */
    record Forbidden() implements NodeSeen {}
}
