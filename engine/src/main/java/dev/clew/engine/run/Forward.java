package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.engine.pod.Kind;
import java.util.BitSet;
import java.util.List;

/** Goes forward: settles what steps have come to, and claims what is ready. */
final class Forward {
    private Forward() {}

    /** Derives the phase of every step from its attempts. */
    static void settle(Turn turn) {
        for (int step = 0; step < turn.steps.size(); step++) {
            StepStatus old = turn.steps.get(step);
            StepPhase phase = phase(turn, step);
            if (phase != old.phase()) {
                turn.steps.set(
                        step, new StepStatus(old.name(), phase, old.attempts(), old.outputs(), old.compensation()));
            }
        }
    }

    private static StepPhase phase(Turn turn, int step) {
        List<Attempt> attempts = turn.attempts(step, Kind.Step);
        if (attempts.isEmpty()) {
            return StepPhase.Pending;
        }
        Attempt last = attempts.getLast();
        if (!last.over()) {
            return StepPhase.Running;
        }
        if (last.state() == AttemptState.Succeeded) {
            return StepPhase.Succeeded;
        }
        boolean noMore = turn.turnedBack()
                || Retries.of(turn.definition.step(step), Kind.Step).usedUp(attempts);
        return noMore ? StepPhase.Failed : StepPhase.Pending;
    }

    /** Claims all steps that are ready; ends the run if all have succeeded. */
    static void go(Turn turn) {
        var done = new BitSet(turn.steps.size());
        for (int step = 0; step < turn.steps.size(); step++) {
            done.set(step, turn.steps.get(step).phase() == StepPhase.Succeeded);
        }
        if (done.cardinality() == turn.steps.size()) {
            turn.end(RunPhase.Succeeded);
            return;
        }
        List<Integer> ready = turn.definition.graph().topologicalOrder().stream()
                .filter(step -> isReady(turn, step, done))
                .toList();
        ready.forEach(step -> Claims.failWithoutInput(turn, step));
        settle(turn);
        boolean failed = turn.steps.stream().anyMatch(step -> step.phase() == StepPhase.Failed);
        if (!failed) {
            ready.forEach(step -> Claims.whenDue(turn, step, Kind.Step));
        }
        settle(turn);
    }

    private static boolean isReady(Turn turn, int step, BitSet done) {
        var missing = (BitSet) turn.definition.graph().dependencies(step).clone();
        missing.andNot(done);
        return turn.steps.get(step).phase() == StepPhase.Pending && missing.isEmpty();
    }
}
