package dev.clew.engine.pod;

import org.jspecify.annotations.Nullable;

/** Pods as somebody might see them who reads them wrongly. */
public final class Seen {
    private Seen() {}

    /** The same pod, taken for one whose step container has ended. */
    public static PodFacts ended(PodFacts pod, @Nullable String phase, PodFacts.Terminated end) {
        return with(pod, pod.node(), phase, null, null, false, end, pod.othersRunning(), pod.graceSeconds());
    }

    /** The same pod, as if nothing ran beside its step container. */
    public static PodFacts alone(PodFacts pod) {
        return as(pod, false, pod.graceSeconds());
    }

    /** The same pod, as if it were given so long to end. */
    public static PodFacts withGrace(PodFacts pod, @Nullable Long seconds) {
        return as(pod, pod.othersRunning(), seconds);
    }

    /** The same pod, taken for one that ended without ever having a node. */
    public static PodFacts neverScheduled(PodFacts pod) {
        return with(pod, null, "Failed", null, null, false, null, pod.othersRunning(), pod.graceSeconds());
    }

    private static PodFacts as(PodFacts pod, boolean othersRunning, @Nullable Long graceSeconds) {
        return with(
                pod,
                pod.node(),
                pod.phase(),
                pod.waitingReason(),
                pod.waitingMessage(),
                pod.running(),
                pod.terminated(),
                othersRunning,
                graceSeconds);
    }

    private static PodFacts with(
            PodFacts pod,
            @Nullable String node,
            @Nullable String phase,
            @Nullable String waitingReason,
            @Nullable String waitingMessage,
            boolean running,
            PodFacts.@Nullable Terminated end,
            boolean othersRunning,
            @Nullable Long graceSeconds) {
        return new PodFacts(
                pod.name(),
                pod.uid(),
                pod.attempt(),
                pod.controllerUid(),
                pod.tracked(),
                pod.creationTime(),
                pod.deletionTime(),
                pod.deletionGraceSeconds(),
                node,
                phase,
                pod.reason(),
                pod.startTime(),
                pod.activeDeadlineSeconds(),
                pod.containers(),
                waitingReason,
                waitingMessage,
                running,
                false,
                end,
                othersRunning,
                pod.unready(),
                graceSeconds,
                pod.reservation(),
                pod.conditions());
    }
}
