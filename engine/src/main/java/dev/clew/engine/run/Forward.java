package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepPhase;
import dev.clew.engine.pod.Kind;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Goes forward: settles what steps have come to, and claims what is ready. */
final class Forward {
    private Forward() {}

    /** Settles the phase of every step by its last attempt. What is done or has failed stays so, unless a person wants it otherwise. */
    static void settle(Turn turn) {
        for (int step = 0; step < turn.steps.size(); step++) {
            StepPhase old = turn.steps.get(step).phase();
            StepPhase phase = phase(turn, step, old);
            if (phase != old) {
                turn.settle(step, phase);
            }
        }
    }

    private static StepPhase phase(Turn turn, int step, StepPhase old) {
        Optional<Attempt> last = turn.last(step, Kind.Step);
        return switch (old) {
            case Succeeded, Failed, Skipped -> old;
            case Pending, Running -> {
                if (last.isEmpty()) {
                    yield StepPhase.Pending;
                }
                if (!last.get().over()) {
                    yield StepPhase.Running;
                }
                if (last.get().state() == AttemptState.Succeeded) {
                    yield StepPhase.Succeeded;
                }
                boolean noMore = turn.turnedBack() || turn.terminating() || usedUp(turn, step, last.get());
                yield noMore ? StepPhase.Failed : StepPhase.Pending;
            }
        };
    }

    /** Whether the step gets no further attempt; what forbids one holds only when it happens, for a person may want one. */
    private static boolean usedUp(Turn turn, int step, Attempt last) {
        return (Retries.forbidsAnother(last) && turn.closedNow(step, Kind.Step))
                || Retries.of(turn.definition.step(step), Kind.Step).usedUp(turn, step, Kind.Step);
    }

    /** Claims all steps that are ready, as far as they may run beside each other; ends the run if all are done. */
    static void go(Turn turn) {
        BitSet done = done(turn);
        if (done.cardinality() == turn.steps.size()) {
            turn.end(RunPhase.Succeeded);
            return;
        }
        if (turn.paused()) {
            return;
        }
        List<Integer> ready = turn.definition.graph().topologicalOrder().stream()
                .filter(step -> isReady(turn, step, done))
                .toList();
        ready.forEach(step -> Claims.failWithoutInput(turn, step));
        settle(turn);
        if (!turn.anyFailed()) {
            for (int step : ready) {
                if (turn.open(Kind.Step) < most(turn)) {
                    Claims.whenDue(turn, step, Kind.Step);
                }
            }
        }
        settle(turn);
    }

    /** Most steps, or compensations, that may run at the same time. */
    static int most(Turn turn) {
        return Objects.requireNonNullElse(turn.definition.spec().maxParallelSteps(), Integer.MAX_VALUE);
    }

    /** A step that was skipped before its turn is done once its turn has come. */
    private static BitSet done(Turn turn) {
        var done = new BitSet(turn.steps.size());
        for (int step : turn.definition.graph().topologicalOrder()) {
            StepPhase phase = turn.steps.get(step).phase();
            done.set(step, phase == StepPhase.Succeeded || (phase == StepPhase.Skipped && isItsTurn(turn, step, done)));
        }
        return done;
    }

    private static boolean isReady(Turn turn, int step, BitSet done) {
        return turn.steps.get(step).phase() == StepPhase.Pending && isItsTurn(turn, step, done);
    }

    private static boolean isItsTurn(Turn turn, int step, BitSet done) {
        var missing = (BitSet) turn.definition.graph().dependencies(step).clone();
        missing.andNot(done);
        return missing.isEmpty();
    }
}
