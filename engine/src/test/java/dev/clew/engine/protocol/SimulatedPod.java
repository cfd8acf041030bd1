package dev.clew.engine.protocol;

import dev.clew.engine.pod.PodFacts;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A pod and the kubelet that has it. It moves one stage at a time, as the recorded pods did. What its kubelet knows, which
 * is the truth, is reported only while its node is connected.
 */
final class SimulatedPod {
    /**
     * What others do to a pod.
     *
     * @param gated whether somebody else's scheduling gate holds it
     * @param sidecar whether there is a container beside its own
     * @param grace seconds that it is given to end
     */
    record Circumstances(boolean gated, boolean sidecar, long grace) {
        static final Circumstances ORDINARY = new Circumstances(false, false, 30);
    }

    /** So long at most a machine runs on that is said to be switched off. */
    private static final Duration OFF_AFTER = Duration.ofSeconds(299);

    /** What the container will do once it is let. */
    enum Fate {
        /** Ends with 0. */
        SUCCEEDS,
        /** Ends with 7. */
        FAILS,
        /** Ends with 3. */
        FAILS_OTHERWISE,
        /** Runs until it is stopped. */
        HANGS,
        /** Runs until its grace period has passed after it was told to stop. */
        STUBBORN,
        /** Its image cannot be pulled. */
        NEVER_STARTS,
        /** No node has room for it. */
        UNSCHEDULABLE
    }

    private enum Stage {
        PENDING,
        BOUND,
        RUNNING,
        ENDED,
        TERMINAL
    }

    /** What a kubelet, or a scheduler, has written of a pod. */
    private record Report(
            Stage stage,
            @Nullable String waiting,
            boolean late,
            @Nullable Instant accepted,
            PodFacts.@Nullable Terminated terminated) {}

    final String name;
    final String uid;
    final String attempt;
    final boolean reservation;
    final Pod manifest;
    private final Instant created;
    private final boolean sidecar;
    private final long grace;
    private boolean unready;
    private boolean gated;
    private Fate fate;
    private Stage stage = Stage.PENDING;
    private boolean tracked;
    private boolean started;
    private boolean succeeded;
    private boolean late;
    private @Nullable String node;
    private @Nullable String waiting;
    private @Nullable Instant accepted;
    private @Nullable Instant deletionTime;
    private long deletionGrace;
    private boolean stopping;
    private boolean collected;
    private @Nullable Instant ordered;
    /** When its kubelet has learnt that it is to end; from then on it needs nobody to end it. */
    private @Nullable Instant told;

    private @Nullable Instant removed;
    private PodFacts.@Nullable Terminated terminated;
    private Report report;

    SimulatedPod(Pod manifest, String uid, Fate fate, Circumstances circumstances, Instant now) {
        this.manifest = manifest;
        this.name = manifest.getMetadata().getName();
        this.uid = uid;
        Map<String, String> annotations =
                Objects.requireNonNull(manifest.getMetadata().getAnnotations());
        this.attempt = annotations.getOrDefault("clew.dev/attempt", "");
        this.reservation = annotations.containsKey("clew.dev/reservation");
        this.fate = fate;
        this.gated = circumstances.gated()
                || !manifest.getSpec().getSchedulingGates().isEmpty();
        this.sidecar = circumstances.sidecar();
        this.grace = circumstances.grace();
        this.tracked = manifest.getMetadata().getFinalizers().contains("clew.dev/tracking");
        this.created = seconds(now);
        this.waiting = this.gated ? PodFacts.GATED : null;
        this.report = current();
    }

    private SimulatedPod(SimulatedPod other) {
        this.manifest = other.manifest;
        this.name = other.name;
        this.uid = other.uid;
        this.attempt = other.attempt;
        this.reservation = other.reservation;
        this.created = other.created;
        this.sidecar = other.sidecar;
        this.grace = other.grace;
        this.unready = other.unready;
        this.gated = other.gated;
        this.fate = other.fate;
        this.stage = other.stage;
        this.tracked = other.tracked;
        this.started = other.started;
        this.succeeded = other.succeeded;
        this.late = other.late;
        this.node = other.node;
        this.waiting = other.waiting;
        this.accepted = other.accepted;
        this.deletionTime = other.deletionTime;
        this.deletionGrace = other.deletionGrace;
        this.stopping = other.stopping;
        this.collected = other.collected;
        this.ordered = other.ordered;
        this.told = other.told;
        this.removed = other.removed;
        this.terminated = other.terminated;
        this.report = other.report;
    }

    /** The same pod in a world that goes another way from here. */
    SimulatedPod copy() {
        return new SimulatedPod(this);
    }

    /** What of it can make a difference. */
    List<@Nullable Object> state(Essence essence) {
        return Arrays.asList(
                name,
                uid,
                reservation,
                started || terminated != null ? null : essence.beginning(created),
                unready,
                gated,
                fate,
                stage,
                tracked,
                started,
                succeeded,
                node,
                waiting,
                deletionGrace,
                stopping,
                collected,
                ordered != null,
                ended() ? null : essence.ending(told),
                removed != null,
                essence.ending(deletionTime, deletionTime == null ? null : Long.valueOf(deletionGrace), terminated),
                report.stage,
                report.waiting,
                essence.ending(
                        deletionTime, deletionTime == null ? null : Long.valueOf(deletionGrace), report.terminated));
    }

    private Report current() {
        return new Report(stage, waiting, late, accepted, terminated);
    }

    private static Instant seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS);
    }

    /** One stage further, if there is a reason to; true if anything changed. */
    boolean advance(Instant now, String message, SimulatedNodes nodes) {
        Report before = report;
        boolean moved = node == null ? schedule(now, nodes) : isPowered(now, nodes) && move(now, message, nodes);
        if (node == null || nodes.isUp(node)) {
            unready = false;
            report = current();
        }
        return moved || !report.equals(before);
    }

    private boolean schedule(Instant now, SimulatedNodes nodes) {
        if (deletionTime != null) {
            boolean news = stage != Stage.TERMINAL;
            stage = Stage.TERMINAL;
            return news;
        }
        if (stage != Stage.PENDING || gated || removed != null) {
            return false;
        }
        String free = fate == Fate.UNSCHEDULABLE ? null : nodes.free().orElse(null);
        boolean news = free != null || waiting == null;
        node = free;
        accepted = free == null ? null : seconds(now);
        waiting = free == null ? "Unschedulable" : "ContainerCreating";
        stage = free == null ? Stage.PENDING : Stage.BOUND;
        return news;
    }

    private boolean isPowered(Instant now, SimulatedNodes nodes) {
        Instant gone = nodes.goneSince(Objects.requireNonNull(node));
        return gone == null || now.isBefore(gone.plus(OFF_AFTER));
    }

    private boolean move(Instant now, String message, SimulatedNodes nodes) {
        stopping |= nodes.isUp(Objects.requireNonNull(node)) && (deletionTime != null || removed != null);
        return switch (stage) {
            case PENDING, TERMINAL -> false;
            case BOUND -> fate == Fate.NEVER_STARTS ? pull(now) : start();
            case RUNNING -> run(now, message);
            case ENDED -> {
                boolean ends = !sidecar || stopping || late;
                stage = ends ? Stage.TERMINAL : stage;
                yield ends;
            }
        };
    }

    private boolean pull(Instant now) {
        if (stopping || pastDeadline(now)) {
            late = !stopping;
            waiting = null;
            terminated = new PodFacts.Terminated(137, "ContainerStatusUnknown", null, null, false);
            stage = Stage.ENDED;
            return true;
        }
        boolean news = !"ImagePullBackOff".equals(waiting);
        waiting = "ImagePullBackOff";
        return news;
    }

    /** Also if it is being deleted: a deleted pod may still start. */
    private boolean start() {
        waiting = null;
        started = true;
        stage = Stage.RUNNING;
        return true;
    }

    private boolean run(Instant now, String message) {
        late = pastDeadline(now);
        boolean stopped = late || (stopping && fate != Fate.STUBBORN);
        if ((fate == Fate.HANGS || fate == Fate.STUBBORN) && !stopped) {
            return false;
        }
        int exitCode = stopped
                ? 137
                : switch (fate) {
                    case SUCCEEDS -> 0;
                    case FAILS_OTHERWISE -> 3;
                    case FAILS, HANGS, STUBBORN, NEVER_STARTS, UNSCHEDULABLE -> 7;
                };
        succeeded = exitCode == 0;
        terminated =
                new PodFacts.Terminated(exitCode, exitCode == 0 ? "Completed" : "Error", message, seconds(now), true);
        stage = Stage.ENDED;
        return true;
    }

    private boolean pastDeadline(Instant now) {
        Long seconds = manifest.getSpec().getActiveDeadlineSeconds();
        return seconds != null && accepted != null && !now.isBefore(accepted.plusSeconds(seconds));
    }

    void delete(Instant now) {
        order(now);
        if (deletionTime == null) {
            deletionGrace = report.stage == Stage.TERMINAL || node == null ? 0 : grace;
            deletionTime = seconds(now).plusSeconds(deletionGrace);
        }
    }

    /** Deletes it without waiting for its kubelet. */
    void force(Instant now) {
        order(now);
        deletionGrace = 0;
        deletionTime = seconds(now);
    }

    /** Pod garbage collection: writes a phase that it does not know, and forces the deletion. */
    void collect(Instant now) {
        collected = true;
        force(now);
    }

    /** The object is gone; what its kubelet has runs on until that learns of it. */
    void vanish(Instant now) {
        order(now);
        removed = now;
    }

    /** From now on a kubelet that is connected ends it. */
    private void order(Instant now) {
        ordered = ordered == null ? now : ordered;
    }

    /** What happens because time passes, seen or not. */
    void timePasses(Instant now, SimulatedNodes nodes) {
        unready |= node != null && nodes.isKnownToBeAway(node, now);
        if (node == null || !mayRun()) {
            return;
        }
        Instant connected = nodes.connectedSince(node);
        if (told == null && ordered != null && connected != null) {
            told = later(ordered, connected);
        }
        boolean ended = told != null && !now.isBefore(told.plusSeconds(grace));
        if (ended || !isPowered(now, nodes)) {
            die();
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** Its process is no more and will not be, and nobody was told. */
    void die() {
        if (node != null && mayRun()) {
            stage = started ? Stage.ENDED : Stage.TERMINAL;
            terminated = started ? new PodFacts.Terminated(137, "Error", null, null, true) : null;
        }
    }

    /** It will come to something else. */
    void becomes(Fate other) {
        fate = other;
    }

    /**
     * Its container starts, its node loses power before that is reported, somebody deletes the pod, and the node comes back and
     * knows nothing of the container: recorded as 20e.
     */
    void startsAndIsForgotten(Instant now) {
        delete(now);
        started = true;
        stage = Stage.TERMINAL;
        waiting = null;
        terminated = new PodFacts.Terminated(137, "ContainerStatusUnknown", null, null, false);
        report = current();
    }

    /** Whether it has a node and its container has not started. */
    boolean bound() {
        return stage == Stage.BOUND;
    }

    /** Whether its container is the next thing that its kubelet starts. */
    boolean isAboutToStart() {
        return fate != Fate.NEVER_STARTS;
    }

    /** Whether it ends with 0 if nothing befalls it. */
    boolean willSucceed() {
        return fate == Fate.SUCCEEDS;
    }

    /** Whether its phase says that it has ended, whoever wrote that. */
    boolean terminalPhase() {
        return facts().terminal();
    }

    /** Whether its kubelet has nothing more to say. */
    boolean hasReportedItsEnd() {
        return report.stage == Stage.TERMINAL;
    }

    /** Whether it waits for a node. */
    boolean pending() {
        return stage == Stage.PENDING;
    }

    /** Whether its container runs. */
    boolean running() {
        return stage == Stage.RUNNING;
    }

    /** Whether its container has ended, or never will start. */
    boolean ended() {
        return stage == Stage.ENDED || stage == Stage.TERMINAL;
    }

    /** What hangs, fails after all; what had no room, finds some; what another holds, is let go. */
    void stopHanging() {
        fate = switch (fate) {
            case HANGS, STUBBORN -> Fate.FAILS;
            case UNSCHEDULABLE -> Fate.SUCCEEDS;
            case SUCCEEDS, FAILS, FAILS_OTHERWISE, NEVER_STARTS -> fate;
        };
        liftGate();
    }

    /** What hangs, ends with 0. */
    void succeedAfterAll() {
        fate = Fate.SUCCEEDS;
    }

    /** Another's scheduling gate is lifted; a reservation's never is. */
    boolean liftGate() {
        boolean lifted = gated && !reservation && node == null;
        if (lifted) {
            gated = false;
            waiting = null;
            report = current();
        }
        return lifted;
    }

    void release() {
        tracked = false;
    }

    boolean tracked() {
        return tracked;
    }

    boolean deleting() {
        return deletionTime != null;
    }

    @Nullable
    String node() {
        return node;
    }

    /** Whether the object goes: deleted, held by nobody, and the kubelet is done with it, or was not asked. */
    boolean gone() {
        return deletionTime != null
                && !tracked
                && (node == null || deletionGrace == 0 || report.stage == Stage.TERMINAL);
    }

    boolean started() {
        return started;
    }

    /** The truth: whether it ended by itself with 0. */
    boolean succeeded() {
        return succeeded;
    }

    /** Whether it is Clew's. */
    boolean isAttempt() {
        return attempt.contains("/Step/") || attempt.contains("/Compensation/");
    }

    /** The truth: whether its process runs, or may still start. Only a pod without a node is stopped by its deletion. */
    boolean mayRun() {
        return switch (stage) {
            case PENDING -> deletionTime == null && removed == null && !reservation;
            case BOUND, RUNNING -> true;
            case ENDED, TERMINAL -> false;
        };
    }

    PodFacts facts() {
        return new PodFacts(
                name,
                uid,
                attempt,
                manifest.getMetadata().getOwnerReferences().stream()
                        .map(owner -> owner.getUid())
                        .findFirst()
                        .orElse(null),
                tracked,
                created,
                deletionTime,
                deletionTime == null ? null : Long.valueOf(deletionGrace),
                node,
                phase(),
                report.late && report.stage == Stage.TERMINAL ? "DeadlineExceeded" : null,
                report.accepted,
                manifest.getSpec().getActiveDeadlineSeconds(),
                sidecar ? 2 : 1,
                report.waiting,
                null,
                report.stage == Stage.RUNNING,
                false,
                report.terminated,
                sidecar && (report.stage == Stage.RUNNING || report.stage == Stage.ENDED),
                unready && report.stage == Stage.RUNNING,
                grace,
                reservation,
                collected
                        ? List.of(new PodFacts.PodCondition("DisruptionTarget", "True", "DeletionByPodGC", null))
                        : List.of());
    }

    private String phase() {
        if (collected) {
            return "Failed";
        }
        return switch (report.stage) {
            case PENDING, BOUND -> "Pending";
            case RUNNING, ENDED -> "Running";
            case TERMINAL -> report.terminated != null && report.terminated.exitCode() == 0 ? "Succeeded" : "Failed";
        };
    }

    @Override
    public String toString() {
        return name + " (" + attempt + ", " + stage + ", " + fate + (node == null ? "" : ", " + node)
                + (deleting() ? ", deleting" : "") + (removed == null ? "" : ", removed")
                + (reservation ? ", reservation" : "") + ")";
    }
}
