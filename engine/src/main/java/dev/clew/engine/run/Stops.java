package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.Reasons;
import dev.clew.api.workflow.RunningSteps;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.pod.PodFacts;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Stops what runs: whoever asked for an end stops it, and so does the run's limit; a failed sibling only if that is wanted. */
final class Stops {
    private Stops() {}

    static void run(Turn turn) {
        String why = why(turn);
        for (int step = 0; why != null && step < turn.steps.size(); step++) {
            stopIfOpen(turn, step, Kind.Step, why);
            if (turn.terminating()) {
                stopIfOpen(turn, step, Kind.Compensation, why);
            }
        }
    }

    private static @Nullable String why(Turn turn) {
        if (turn.intent != null) {
            return turn.intent.reason();
        }
        String verdict = turn.compensation == null ? turn.stalled : turn.compensation.reason();
        if (verdict == null || verdict.equals(Reasons.RUN_TIMEOUT)) {
            return verdict;
        }
        return turn.definition.spec().runningSteps() == RunningSteps.Stop ? Reasons.SIBLING_FAILED : null;
    }

    /** Only what was read live is stopped: why it has not started must be in the same write. */
    private static void stopIfOpen(Turn turn, int step, Kind kind, String why) {
        if (!turn.open(step, kind)) {
            return;
        }
        Attempt attempt = turn.last(step, kind).orElseThrow();
        AttemptPod pod = Objects.requireNonNull(attempt.pod());
        if (attempt.stopping() == null
                && pod.uid() != null
                && turn.observed.pod(pod.name()) instanceof PodSeen.Present(PodFacts facts, boolean live)
                && facts.uid().equals(pod.uid())) {
            if (live) {
                stop(turn, step, kind, attempt, why);
            } else {
                turn.toRead.add(pod.name());
            }
        }
    }

    /** Decides to stop an open attempt; its pod is deleted once that is recorded. */
    static void stop(Turn turn, int step, Kind kind, Attempt attempt, String why) {
        AttemptPod pod = Objects.requireNonNull(attempt.pod());
        turn.decide();
        turn.record(step, kind, attempt.withStopping(why));
        turn.actions.add(new Action.Stop(pod.name(), Objects.requireNonNull(pod.uid())));
    }
}
