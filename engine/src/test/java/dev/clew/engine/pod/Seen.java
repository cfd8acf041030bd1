package dev.clew.engine.pod;

import org.jspecify.annotations.Nullable;

/** Pods as somebody might see them who reads them wrongly. */
public final class Seen {
    private Seen() {}

    /** The same pod, taken for one whose step container has ended. */
    public static PodFacts ended(PodFacts pod, @Nullable String phase, PodFacts.Terminated end) {
        return new PodFacts(
                pod.name(),
                pod.uid(),
                pod.attempt(),
                pod.controllerUid(),
                pod.tracked(),
                pod.creationTime(),
                pod.deletionTime(),
                pod.deletionGraceSeconds(),
                pod.node(),
                phase,
                pod.reason(),
                pod.startTime(),
                pod.activeDeadlineSeconds(),
                pod.containers(),
                null,
                null,
                false,
                false,
                end,
                pod.othersRunning(),
                pod.reservation(),
                pod.conditions());
    }
}
