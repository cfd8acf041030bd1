package dev.clew.engine.protocol;

import dev.clew.engine.pod.PodFacts;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A pod and the kubelet that has it. It moves one stage at a time, as the recorded pods did. */
final class SimulatedPod {
    private static final long GRACE = 30;

    /** What the container will do once it is let. */
    enum Fate {
        /** Ends with 0. */
        SUCCEEDS,
        /** Ends with 7. */
        FAILS,
        /** Runs until it is stopped. */
        HANGS,
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

    final String name;
    final String uid;
    final String attempt;
    final Pod manifest;
    private final Instant created;
    private Fate fate;
    private Stage stage = Stage.PENDING;
    private boolean tracked;
    private boolean started;
    private boolean late;
    private @Nullable String node;
    private @Nullable String waiting;
    private @Nullable Instant accepted;
    private @Nullable Instant deletionTime;
    private PodFacts.@Nullable Terminated terminated;

    SimulatedPod(Pod manifest, String uid, Fate fate, Instant now) {
        this.manifest = manifest;
        this.name = manifest.getMetadata().getName();
        this.uid = uid;
        this.attempt =
                Objects.requireNonNull(manifest.getMetadata().getAnnotations()).getOrDefault("clew.dev/attempt", "");
        this.fate = fate;
        this.tracked = manifest.getMetadata().getFinalizers().contains("clew.dev/tracking");
        this.created = seconds(now);
    }

    private static Instant seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS);
    }

    /** One stage further, if there is a reason to; true if anything changed. */
    boolean advance(Instant now, String message) {
        return switch (stage) {
            case PENDING -> {
                if (deletionTime == null && fate == Fate.UNSCHEDULABLE) {
                    boolean news = waiting == null;
                    waiting = "Unschedulable";
                    yield news;
                }
                if (deletionTime == null) {
                    node = "node-1";
                    accepted = seconds(now);
                    waiting = "ContainerCreating";
                    stage = Stage.BOUND;
                } else {
                    stage = Stage.TERMINAL;
                }
                yield true;
            }
            case BOUND -> fate == Fate.NEVER_STARTS ? pull(now) : start();
            case RUNNING -> run(now, message);
            case ENDED -> {
                stage = Stage.TERMINAL;
                yield true;
            }
            case TERMINAL -> false;
        };
    }

    private boolean pull(Instant now) {
        if (deletionTime != null || pastDeadline(now)) {
            late = deletionTime == null;
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
        boolean stopped = late || deletionTime != null;
        if (fate == Fate.HANGS && !stopped) {
            return false;
        }
        int exitCode = stopped ? 137 : fate == Fate.SUCCEEDS ? 0 : 7;
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
        if (deletionTime == null) {
            deletionTime = seconds(now).plusSeconds(stage == Stage.TERMINAL || node == null ? 0 : GRACE);
        }
    }

    /** What hangs, fails after all. */
    void stopHanging() {
        fate = fate == Fate.HANGS ? Fate.FAILS : fate;
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

    /** Whether the object goes: deleted, held by nobody, and the kubelet is done with it. */
    boolean gone() {
        return deletionTime != null && !tracked && stage == Stage.TERMINAL;
    }

    boolean started() {
        return started;
    }

    /** The truth: whether its process runs, or may still start. Only a pod without a node is stopped by its deletion. */
    boolean mayRun() {
        return switch (stage) {
            case PENDING -> deletionTime == null;
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
                deletionTime == null ? null : node == null ? Long.valueOf(0) : Long.valueOf(GRACE),
                node,
                phase(),
                late && stage == Stage.TERMINAL ? "DeadlineExceeded" : null,
                accepted,
                manifest.getSpec().getActiveDeadlineSeconds(),
                1,
                waiting,
                null,
                stage == Stage.RUNNING,
                false,
                terminated,
                false,
                false,
                List.of());
    }

    private String phase() {
        return switch (stage) {
            case PENDING, BOUND -> "Pending";
            case RUNNING, ENDED -> "Running";
            case TERMINAL -> terminated != null && terminated.exitCode() == 0 ? "Succeeded" : "Failed";
        };
    }

    @Override
    public String toString() {
        return name + " (" + attempt + ", " + stage + ", " + fate + (deleting() ? ", deleting" : "") + ")";
    }
}
