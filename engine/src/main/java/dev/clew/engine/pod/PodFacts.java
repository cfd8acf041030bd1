package dev.clew.engine.pod;

import dev.clew.api.Names;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that Clew reads from a pod, and nothing else: what the pruned cache must keep, and what a change must touch to be
 * worth a look. Malformed times and absent parts read as absent; nothing in it throws on an odd pod.
 *
 * @param attempt value of the attempt annotation
 * @param controllerUid UID of the controller owner, if it has one
 * @param tracked whether it carries Clew's finalizer
 * @param deletionGraceSeconds null unless it is being deleted
 * @param containers number of containers and init containers, by which the kubelet divides the room for messages
 * @param othersRunning whether a container other than the step's runs; native sidecars, which the kubelet ends, aside
 * @param unready whether the step container runs, but the pod says that it is not ready
 * @param graceSeconds what it is given to end
 * @param reservation whether it only takes a name
 * @param conditions those that say why it ended or is to end
 * @param waitingReason why the step container has not started; of a pod without a node, why it has none
 */
public record PodFacts(
        String name,
        String uid,
        @Nullable String attempt,
        @Nullable String controllerUid,
        boolean tracked,
        @Nullable Instant creationTime,
        @Nullable Instant deletionTime,
        @Nullable Long deletionGraceSeconds,
        @Nullable String node,
        @Nullable String phase,
        @Nullable String reason,
        @Nullable Instant startTime,
        @Nullable Long activeDeadlineSeconds,
        int containers,
        @Nullable String waitingReason,
        @Nullable String waitingMessage,
        boolean running,
        boolean restarted,
        @Nullable Terminated terminated,
        boolean othersRunning,
        boolean unready,
        @Nullable Long graceSeconds,
        boolean reservation,
        List<PodCondition> conditions) {

    /** Reason for which a pod waits that a scheduling gate holds. */
    public static final String GATED = "SchedulingGated";

    /** Conditions of every pod: they say nothing about why one ended. */
    public static final Set<String> ORDINARY_CONDITIONS =
            Set.of("PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready");

    public PodFacts {
        conditions = List.copyOf(conditions);
    }

    /** A condition of a pod that says more than how far it has come. */
    public record PodCondition(
            String type,
            String status,
            @Nullable String reason,
            @Nullable String message) {}

    /** Name of the container that does the step's work. */
    public static final String STEP_CONTAINER = "main";

    /** The end of the step container, as the kubelet wrote it. */
    public record Terminated(
            int exitCode,
            @Nullable String reason,
            @Nullable String message,
            @Nullable Instant finishedAt,
            boolean hasContainerId) {}

    /** Reads a pod. */
    public static PodFacts of(Pod pod) {
        ObjectMeta meta = Objects.requireNonNullElseGet(pod.getMetadata(), ObjectMeta::new);
        PodSpec spec = Objects.requireNonNullElseGet(pod.getSpec(), PodSpec::new);
        PodStatus status = Objects.requireNonNullElseGet(pod.getStatus(), PodStatus::new);
        Optional<ContainerStatus> main = status.getContainerStatuses().stream()
                .filter(container -> STEP_CONTAINER.equals(container.getName()))
                .findFirst();
        Optional<ContainerState> state = main.map(ContainerStatus::getState);
        Optional<ContainerStateWaiting> waiting = state.map(ContainerState::getWaiting);
        Optional<io.fabric8.kubernetes.api.model.PodCondition> unscheduled = status.getConditions().stream()
                .filter(condition ->
                        "PodScheduled".equals(condition.getType()) && "False".equals(condition.getStatus()))
                .findFirst();
        return new PodFacts(
                Objects.requireNonNullElse(meta.getName(), ""),
                Objects.requireNonNullElse(meta.getUid(), ""),
                annotation(meta.getAnnotations()),
                controller(meta.getOwnerReferences()),
                meta.getFinalizers().contains(Names.POD_FINALIZER),
                time(meta.getCreationTimestamp()),
                time(meta.getDeletionTimestamp()),
                meta.getDeletionGracePeriodSeconds(),
                emptyToNull(spec.getNodeName()),
                status.getPhase(),
                emptyToNull(status.getReason()),
                time(status.getStartTime()),
                spec.getActiveDeadlineSeconds(),
                spec.getContainers().size() + spec.getInitContainers().size(),
                waiting.map(ContainerStateWaiting::getReason)
                        .or(() -> unscheduled.map(io.fabric8.kubernetes.api.model.PodCondition::getReason))
                        .orElse(null),
                waiting.map(ContainerStateWaiting::getMessage)
                        .or(() -> unscheduled.map(io.fabric8.kubernetes.api.model.PodCondition::getMessage))
                        .orElse(null),
                state.map(ContainerState::getRunning).isPresent(),
                main.map(PodFacts::wasRestarted).orElse(false),
                state.map(ContainerState::getTerminated)
                        .map(PodFacts::terminated)
                        .orElse(null),
                status.getContainerStatuses().stream()
                        .anyMatch(container -> !STEP_CONTAINER.equals(container.getName()) && runs(container)),
                state.map(ContainerState::getRunning).isPresent() && isUnready(status),
                spec.getTerminationGracePeriodSeconds(),
                meta.getAnnotations() != null && meta.getAnnotations().containsKey(Names.RESERVATION_ANNOTATION),
                status.getConditions().stream()
                        .filter(condition -> condition.getType() != null
                                && condition.getStatus() != null
                                && !ORDINARY_CONDITIONS.contains(condition.getType()))
                        .map(condition -> new PodCondition(
                                condition.getType(),
                                condition.getStatus(),
                                emptyToNull(condition.getReason()),
                                emptyToNull(condition.getMessage())))
                        .toList());
    }

    private static boolean isUnready(PodStatus status) {
        return status.getConditions().stream()
                .anyMatch(condition -> "Ready".equals(condition.getType()) && "False".equals(condition.getStatus()));
    }

    private static boolean runs(ContainerStatus status) {
        return status.getState() != null && status.getState().getRunning() != null;
    }

    private static @Nullable String annotation(@Nullable Map<String, String> annotations) {
        return annotations == null ? null : annotations.get(Names.ATTEMPT_ANNOTATION);
    }

    private static @Nullable String controller(List<OwnerReference> owners) {
        return owners.stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                .map(OwnerReference::getUid)
                .findFirst()
                .orElse(null);
    }

    private static boolean wasRestarted(ContainerStatus status) {
        ContainerState last = status.getLastState();
        boolean hasLast = last != null && (last.getTerminated() != null || last.getRunning() != null);
        return hasLast || (status.getRestartCount() != null && status.getRestartCount() > 0);
    }

    private static Terminated terminated(ContainerStateTerminated end) {
        return new Terminated(
                end.getExitCode() == null ? -1 : end.getExitCode(),
                emptyToNull(end.getReason()),
                end.getMessage(),
                time(end.getFinishedAt()),
                emptyToNull(end.getContainerID()) != null);
    }

    private static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (java.time.format.DateTimeParseException e) {
            return null;
        }
    }

    private static @Nullable String emptyToNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    /** Whether the pod is this attempt: its annotation says so, and no other controller owns it. */
    public boolean is(AttemptId id) {
        return id.annotation().equals(attempt) && (controllerUid == null || controllerUid.equals(id.runUid()));
    }

    /** Whether what has changed can call for a decision. That a container has started cannot, nor a phase after its end. */
    public boolean callsForALookAfter(PodFacts before) {
        return !Significance.of(this).equals(Significance.of(before));
    }

    private record Significance(
            boolean terminated,
            boolean ended,
            boolean deleting,
            boolean tracked,
            boolean gated,
            boolean unready,
            @Nullable String keptFromStarting) {
        static Significance of(PodFacts pod) {
            boolean terminated = pod.terminated != null;
            String waiting = pod.waitingReason;
            return new Significance(
                    terminated,
                    terminated || pod.terminal(),
                    pod.deleting(),
                    pod.tracked,
                    pod.gated(),
                    pod.unready,
                    waiting != null && Verdict.KEEPS_FROM_STARTING.contains(waiting) ? waiting : null);
        }
    }

    /** Whether a scheduling gate holds it. */
    public boolean gated() {
        return node == null && GATED.equals(waitingReason);
    }

    /** Whether its phase is terminal; by itself that proves nothing. */
    public boolean terminal() {
        return "Succeeded".equals(phase) || "Failed".equals(phase);
    }

    /** Why Kubernetes ends or has ended it against its will: evicted, drained, preempted, its node lost. */
    public Optional<PodCondition> disruption() {
        return conditions.stream()
                .filter(condition -> condition.type().equals("DisruptionTarget")
                        && condition.status().equals("True"))
                .findFirst();
    }

    /** Whether it is being deleted. */
    public boolean deleting() {
        return deletionTime != null;
    }

    /** When the deletion was asked for, if it can be told: the kubelet's confirmation overwrites both times. */
    public Optional<Instant> deletionRequested() {
        return deletionTime == null || deletionGraceSeconds == null || deletionGraceSeconds <= 0
                ? Optional.empty()
                : Optional.of(deletionTime.minusSeconds(deletionGraceSeconds));
    }
}
