package dev.clew.engine.pod;

import dev.clew.api.run.AttemptState;
import dev.clew.api.run.Reasons;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a pod proves about its attempt. */
public sealed interface Verdict {

    /** Not over: the container has not ended, or has not started. */
    record Open(
            boolean running,
            @Nullable String waitingReason,
            @Nullable String waitingMessage) implements Verdict {}

    /** Over: the process has ended, or never started and never will. */
    record Over(
            AttemptState state,
            @Nullable Integer exitCode,
            @Nullable String reason,
            @Nullable String message,
            @Nullable Instant finishedAt)
            implements Verdict {}

    /** Nothing is proved: the process may be running, though the pod looks finished. */
    record InDoubt(String message) implements Verdict {}

    /** Reasons of waiting that keep a container from being made at all. */
    Set<String> KEEPS_FROM_STARTING = Set.of(
            "ErrImagePull",
            "ImagePullBackOff",
            "InvalidImageName",
            "ErrImageNeverPull",
            "ImageInspectError",
            "RegistryUnavailable",
            "SignatureValidationFailed",
            "CreateContainerConfigError");

    /**
     * Judges a pod. The container's {@code terminated} is what counts, in whatever phase: only a kubelet writes it. A
     * terminal phase proves nothing, for pod garbage collection writes Failed while the process runs; nor does a
     * deletion, for a deleted pod may still start. Except where the pod has no node: that must have been read live.
     *
     * @param recordedWaiting the reason of waiting that status recorded for this attempt before
     */
    static Verdict of(PodFacts pod, @Nullable String recordedWaiting) {
        PodFacts.Terminated end = pod.terminated();
        if (end != null) {
            return Reasons.CONTAINER_STATUS_UNKNOWN.equals(end.reason())
                    ? unknown(pod, end, recordedWaiting)
                    : outcome(pod, end);
        }
        boolean ending = pod.terminal() || pod.deleting();
        if (ending && pod.node() == null) {
            return new Over(AttemptState.NotStarted, null, Reasons.NEVER_SCHEDULED, "ended without a node", null);
        }
        if (pod.terminal()) {
            return new InDoubt("the pod " + pod.name() + " says " + pod.phase()
                    + ", but no kubelet has reported the end of its container: it may still be running on "
                    + pod.node());
        }
        return new Open(pod.running(), pod.waitingReason(), pod.waitingMessage());
    }

    /** Never started only with proof: a record of what kept it from starting. A start that a node forgot looks alike. */
    private static Verdict unknown(PodFacts pod, PodFacts.Terminated end, @Nullable String recordedWaiting) {
        boolean proved = recordedWaiting != null
                && KEEPS_FROM_STARTING.contains(recordedWaiting)
                && !end.hasContainerId()
                && !pod.restarted();
        return proved
                ? new Over(AttemptState.NotStarted, null, recordedWaiting, "never started: " + recordedWaiting, null)
                : new Over(
                        AttemptState.Lost,
                        null,
                        Reasons.CONTAINER_STATUS_UNKNOWN,
                        "the kubelet lost sight of the container: it may have run",
                        end.finishedAt());
    }

    /** The outcome is the exit code, save for an exit 0 that answered a SIGTERM. */
    private static Verdict outcome(PodFacts pod, PodFacts.Terminated end) {
        boolean late = endedByDeadline(pod, end);
        if (end.exitCode() == 0 && !late && !endedByDeletion(pod, end)) {
            return new Over(AttemptState.Succeeded, 0, null, null, end.finishedAt());
        }
        String reason;
        String message;
        if (late) {
            reason = Reasons.DEADLINE_EXCEEDED;
            message = "did not end within " + pod.activeDeadlineSeconds() + " s";
        } else if (end.exitCode() == 0) {
            reason = Reasons.INTERRUPTED;
            message = "exit code 0, but the pod was being deleted" + disrupted(pod)
                    + ": its work may have been cut short";
        } else if (pod.disruption().isPresent() && !"OOMKilled".equals(end.reason())) {
            // told apart from an exit code of the program's own
            reason = pod.disruption().map(PodFacts.PodCondition::reason).orElse("DisruptionTarget");
            message = "disrupted" + disrupted(pod) + ", exit code " + end.exitCode();
        } else {
            reason = end.reason() == null || "Error".equals(end.reason()) ? Reasons.EXIT_CODE : end.reason();
            message = "exit code " + end.exitCode() + (Reasons.EXIT_CODE.equals(reason) ? "" : " (" + reason + ")");
        }
        return new Over(AttemptState.Failed, end.exitCode(), reason, message, end.finishedAt());
    }

    private static String disrupted(PodFacts pod) {
        return pod.disruption()
                .map(condition -> " (" + condition.reason()
                        + (condition.message() == null ? "" : ": " + condition.message()) + ")")
                .orElse("");
    }

    /** Exact: both times are whole seconds, and the kubelet computes with the truncated start time. */
    private static boolean endedByDeadline(PodFacts pod, PodFacts.Terminated end) {
        if (pod.activeDeadlineSeconds() == null || pod.startTime() == null || end.finishedAt() == null) {
            return Reasons.DEADLINE_EXCEEDED.equals(pod.reason());
        }
        return !end.finishedAt().isBefore(pod.startTime().plusSeconds(pod.activeDeadlineSeconds()));
    }

    private static boolean endedByDeletion(PodFacts pod, PodFacts.Terminated end) {
        Instant finishedAt = end.finishedAt();
        return pod.deleting()
                && !(finishedAt != null
                        && pod.deletionRequested().filter(finishedAt::isBefore).isPresent());
    }
}
