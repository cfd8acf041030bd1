package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.CompensationPhase;
import dev.clew.api.run.IntentState;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.RunCompensation;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepCompensation;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.workflow.Compensation;
import dev.clew.api.workflow.CompensationFailure;
import dev.clew.api.workflow.CompensationPolicy;
import dev.clew.api.workflow.Order;
import dev.clew.api.workflow.When;
import dev.clew.engine.pod.Kind;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Leads the world back: decides to turn or to wait for a person, waits for what still runs, plans, and undoes. */
final class Undoing {
    private final Turn turn;
    private final CompensationPolicy policy;

    Undoing(Turn turn) {
        this.turn = turn;
        this.policy = turn.definition.spec().compensationOrDefault();
    }

    /** Turns the run back, or has it wait for a person, if there is a reason to. */
    void judge() {
        if (turn.turnedBack() || turn.terminating() || turn.end != null) {
            return;
        }
        turn.stalled = null;
        String reason = reason();
        if (reason == null) {
            return;
        }
        if (turn.intent == null ? turn.stallsOnFailure() : reason.equals(Reasons.PAST_PIVOT)) {
            turn.stalled = reason;
            if (turn.run.status().phase() != RunPhase.Stalled) {
                turn.decide();
            }
        } else {
            turn.turnBack(reason);
            Forward.settle(turn);
        }
    }

    /** Whether something has happened that the run cannot go on from by itself. */
    boolean hasFailed() {
        return failure() != null;
    }

    private @Nullable String reason() {
        if (turn.intent != null) {
            if (turn.intent.state() == IntentState.Cancelled && turn.pastPivot()) {
                // what came too late to stop the last step has nothing left to stop
                return turn.allDone() ? null : Reasons.PAST_PIVOT;
            }
            return turn.intent.reason();
        }
        return failure();
    }

    private @Nullable String failure() {
        if (turn.anyFailed()) {
            return tooManyAttempts() ? Reasons.TOO_MANY_ATTEMPTS : Reasons.STEP_FAILED;
        }
        if (turn.allDone()) {
            return null;
        }
        if (turn.time.isUp()) {
            return Reasons.RUN_TIMEOUT;
        }
        return turn.full ? Reasons.TOO_LARGE : null;
    }

    private boolean tooManyAttempts() {
        return turn.steps.stream()
                .anyMatch(step -> step.phase() == StepPhase.Failed
                        && !step.attempts().isEmpty()
                        && step.attempts().getLast().number() >= Retries.MOST_ATTEMPTS);
    }

    /** One step further back. */
    void go() {
        if (compensation().phase() == CompensationPhase.Waiting && turn.open(Kind.Step) == 0) {
            plan();
        }
        if (compensation().phase() == CompensationPhase.Running) {
            undo();
        }
    }

    private RunCompensation compensation() {
        return Objects.requireNonNull(turn.compensation);
    }

    /** What is owed, in reverse of the order in which it can have come about; written once. */
    private void plan() {
        List<Integer> owing = turn.definition.graph().topologicalOrder().reversed().stream()
                .filter(this::owes)
                .toList();
        for (int step : owing) {
            turn.steps.set(step, turn.steps.get(step).withCompensation(StepCompensation.OWED));
        }
        turn.decide();
        turn.compensation = new RunCompensation(
                CompensationPhase.Running,
                compensation().reason(),
                owing.stream().map(step -> turn.steps.get(step).name()).toList(),
                compensation().startTime(),
                null);
    }

    private boolean owes(int step) {
        Compensation compensation = turn.definition.step(step).compensation();
        if (compensation == null) {
            return false;
        }
        StepStatus status = turn.steps.get(step);
        if (compensation.when() == When.Succeeded) {
            return status.attempts().stream().anyMatch(attempt -> attempt.state() == AttemptState.Succeeded);
        }
        return Boolean.TRUE.equals(status.mayHaveEffect())
                || status.attempts().stream().anyMatch(Attempt::mayHaveHadAnEffect);
    }

    /** Claims what may be undone now; ends the run, or has it wait for a person, when nothing more can be done. */
    private void undo() {
        List<Integer> plan = Objects.requireNonNull(compensation().plan()).stream()
                .map(name -> turn.definition.graph().index(name).orElseThrow())
                .toList();
        plan.forEach(this::settle);
        boolean anyFailed = plan.stream().anyMatch(step -> phase(step) == CompensationPhase.Failed);
        boolean stopped = anyFailed && policy.onFailure() != CompensationFailure.Continue;
        if (!turn.paused()) {
            claim(plan, stopped);
        }
        boolean allDone = plan.stream().allMatch(this::isDone);
        if (allDone && !anyFailed) {
            finish(CompensationPhase.Succeeded);
            turn.end(turn.intent == null ? RunPhase.Failed : Intents.end(turn.intent.state()));
        } else if (anyFailed && (allDone || (stopped && turn.open(Kind.Compensation) == 0))) {
            finish(CompensationPhase.Failed);
        }
    }

    /** In the order of the plan, which has dependents before what they depend on. */
    private void claim(List<Integer> plan, boolean stopped) {
        var awaited = new BitSet(turn.steps.size());
        int most = policy.order() == Order.Graph ? Forward.most(turn) : 1;
        for (int step : plan) {
            if (isDone(step)) {
                continue;
            }
            boolean free = !awaited.get(step) && !turn.open(step, Kind.Compensation);
            if (free && (!stopped || isWantedByAPerson(step)) && turn.open(Kind.Compensation) < most) {
                Claims.whenDue(turn, step, Kind.Compensation);
                settle(step);
            }
            if (policy.order() != Order.Graph) {
                return;
            }
            awaited.or(turn.definition.graph().ancestors(step));
        }
    }

    /** One that had failed and got fresh retries. */
    private boolean isWantedByAPerson(int step) {
        return phase(step) == CompensationPhase.Pending
                && !turn.attempts(step, Kind.Compensation).isEmpty();
    }

    private CompensationPhase phase(int step) {
        return Objects.requireNonNull(turn.steps.get(step).compensation()).phase();
    }

    private boolean isDone(int step) {
        return switch (phase(step)) {
            case Succeeded, Skipped -> true;
            case Failed -> policy.onFailure() == CompensationFailure.Continue;
            case Waiting, Pending, Running -> false;
        };
    }

    private void settle(int step) {
        CompensationPhase old = phase(step);
        CompensationPhase now = settled(step, old);
        if (now != old) {
            turn.settle(step, now);
        }
    }

    private CompensationPhase settled(int step, CompensationPhase old) {
        Optional<Attempt> last = turn.last(step, Kind.Compensation);
        return switch (old) {
            case Succeeded, Skipped, Failed -> old;
            case Waiting, Pending, Running -> {
                if (last.isEmpty()) {
                    yield CompensationPhase.Pending;
                }
                if (last.get().state() == AttemptState.Succeeded) {
                    yield CompensationPhase.Succeeded;
                }
                boolean noMore = last.get().over()
                        && Retries.of(turn.definition.step(step), Kind.Compensation)
                                .usedUp(turn, step, Kind.Compensation);
                yield noMore ? CompensationPhase.Failed : CompensationPhase.Running;
            }
        };
    }

    private void finish(CompensationPhase phase) {
        turn.decide();
        turn.compensation = new RunCompensation(
                phase,
                compensation().reason(),
                compensation().plan(),
                compensation().startTime(),
                phase == CompensationPhase.Succeeded ? turn.now : null);
    }
}
