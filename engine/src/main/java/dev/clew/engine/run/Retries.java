package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.Reasons;
import dev.clew.api.workflow.Compensation;
import dev.clew.api.workflow.FailureAction;
import dev.clew.api.workflow.Retry;
import dev.clew.api.workflow.Step;
import dev.clew.engine.pod.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How many attempts there may be, and when the next one may begin. */
final class Retries {
    /** Most attempts of a step or of a compensation, however they ended. */
    static final int MOST_ATTEMPTS = 50;

    private final Retry retry;
    private final int limit;
    private final Duration startTimeout;

    private Retries(@Nullable Retry retry, int otherwise, @Nullable Integer startTimeoutSeconds) {
        this.retry = Objects.requireNonNullElse(retry, Retry.UNSET);
        this.limit = this.retry.limitOr(otherwise);
        this.startTimeout =
                Duration.ofSeconds(startTimeoutSeconds == null ? Step.START_TIMEOUT_SECONDS : startTimeoutSeconds);
    }

    static Retries of(Step step, Kind kind) {
        return switch (kind) {
            case Step -> new Retries(step.retry(), Retry.STEP_LIMIT, step.startTimeoutSeconds());
            case Compensation -> {
                Compensation compensation = Objects.requireNonNull(step.compensation());
                yield new Retries(compensation.retry(), Retry.COMPENSATION_LIMIT, compensation.startTimeoutSeconds());
            }
        };
    }

    Duration startTimeout() {
        return startTimeout;
    }

    int limit() {
        return limit;
    }

    /** Whether an attempt that is over uses up a retry. One that Clew stopped for the run's sake does not. */
    static boolean counts(Attempt attempt) {
        return switch (attempt.state()) {
            case Failed, Lost ->
                !wasStopped(attempt) && attempt.policy() == null && !Reasons.RUN_DELETED.equals(attempt.reason());
            case NotStarted ->
                Reasons.START_TIMEOUT.equals(attempt.reason()) || Reasons.DEADLINE_EXCEEDED.equals(attempt.reason());
            case Claimed, Running, Succeeded -> false;
        };
    }

    /** Whether no further attempt may be made. */
    boolean usedUp(Turn turn, int step, Kind kind) {
        return turn.failures(step, kind) > limit || turn.made(step, kind) >= MOST_ATTEMPTS;
    }

    /** Whether a person wants the next attempt, or the last one was ended for the run's sake: there is nothing to wait for. */
    private static boolean isWantedNow(Attempt last, int failures) {
        boolean freshRetries = counts(last) && failures == 0;
        return freshRetries || forbidsAnother(last) || wasStopped(last) || Reasons.RUN_DELETED.equals(last.reason());
    }

    /** Whether no further attempt follows by itself on this one, however many retries are left. */
    static boolean forbidsAnother(Attempt attempt) {
        return attempt.policy() == FailureAction.Fail
                || attempt.policy() == FailureAction.FailWithoutEffect
                || Reasons.INPUT_MISSING.equals(attempt.reason());
    }

    /** Whether Clew stopped it, and not because it did not start. */
    static boolean wasStopped(Attempt attempt) {
        return attempt.stopping() != null && !Reasons.START_TIMEOUT.equals(attempt.stopping());
    }

    /** From when on the next attempt may begin. */
    Instant due(Turn turn, int step, Kind kind) {
        Optional<Attempt> last = turn.last(step, kind);
        if (last.isEmpty() || isWantedNow(last.get(), turn.failures(step, kind))) {
            return turn.now;
        }
        Instant ended = Objects.requireNonNullElse(last.get().finishTime(), turn.now);
        long wait = retry.waitSeconds(Math.max(1, turn.failures(step, kind)));
        // the kubelet's times are whole seconds: it may have ended up to a second later
        return wait == 0 ? ended : ended.plusSeconds(1 + wait);
    }
}
