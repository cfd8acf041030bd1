package dev.clew.engine.run;

import dev.clew.api.run.WorkflowRunStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The time that the forward part of a run may take. Its clock stands still while the run is Paused or Stalled. */
final class TimeLimit {
    private final Turn turn;
    private @Nullable Instant deadline;
    private @Nullable Long remainingSeconds;

    TimeLimit(Turn turn) {
        this.turn = turn;
        WorkflowRunStatus status = turn.run.status();
        this.deadline = status.deadline();
        this.remainingSeconds = status.remainingSeconds();
    }

    @Nullable
    Instant deadline() {
        return deadline;
    }

    @Nullable
    Long remainingSeconds() {
        return remainingSeconds;
    }

    /** Gives the run all its time, from now on. */
    void grant() {
        Optional<Integer> seconds = Optional.ofNullable(turn.definition.spec().timeoutSeconds());
        deadline = seconds.map(turn.now::plusSeconds).orElse(null);
        remainingSeconds = null;
    }

    /** Whether the time is up. */
    boolean isUp() {
        return remainingSeconds == null ? deadline != null && !turn.now.isBefore(deadline) : remainingSeconds == 0;
    }

    /** Stops the clock, lets it go on, or forgets it, by what the run has come to. */
    void settle(boolean forward, boolean standingStill) {
        if (!forward) {
            deadline = null;
            remainingSeconds = null;
        } else if (standingStill && deadline != null) {
            turn.decide();
            // rounded up: 0 means that it is up
            Duration left = Duration.between(turn.now, deadline).plusMillis(999);
            remainingSeconds = left.isNegative() ? 0L : left.toSeconds();
            deadline = null;
        } else if (!standingStill && remainingSeconds != null && remainingSeconds > 0) {
            turn.decide();
            deadline = turn.now.plusSeconds(Objects.requireNonNull(remainingSeconds));
            remainingSeconds = null;
        }
        if (deadline != null && turn.now.isBefore(deadline)) {
            turn.wakeAt(deadline);
        }
    }
}
