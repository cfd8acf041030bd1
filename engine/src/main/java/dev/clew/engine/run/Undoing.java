package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.CompensationPhase;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.RunCompensation;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepCompensation;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.workflow.Compensation;
import dev.clew.api.workflow.When;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.pod.PodFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Leads the world back: decides to turn, waits for what still runs, plans, and undoes. */
final class Undoing {
    private final Turn turn;

    Undoing(Turn turn) {
        this.turn = turn;
    }

    /** Turns the run back if there is a reason to. */
    void turnBackIfDue() {
        if (turn.turnedBack()) {
            return;
        }
        boolean failed = turn.steps.stream().anyMatch(step -> step.phase() == StepPhase.Failed);
        if (turn.intent != null) {
            turn.turnBack(turn.intent.reason());
        } else if (failed) {
            turn.turnBack(tooManyAttempts() ? Reasons.TOO_MANY_ATTEMPTS : Reasons.STEP_FAILED);
        } else {
            timeLimit();
        }
        if (turn.turnedBack()) {
            Forward.settle(turn);
        }
    }

    private boolean tooManyAttempts() {
        return turn.steps.stream()
                .anyMatch(step ->
                        step.phase() == StepPhase.Failed && step.attempts().size() >= Retries.MOST_ATTEMPTS);
    }

    private void timeLimit() {
        Integer seconds = turn.definition.spec().timeoutSeconds();
        boolean allDone = turn.steps.stream().allMatch(step -> step.phase() == StepPhase.Succeeded);
        if (seconds == null || allDone) {
            return;
        }
        var limit = Objects.requireNonNullElse(turn.run.status().startTime(), turn.now)
                .plusSeconds(seconds);
        if (turn.now.isBefore(limit)) {
            turn.wakeAt(limit);
        } else {
            turn.turnBack(Reasons.RUN_TIMEOUT);
        }
    }

    /** One step further back. */
    void go() {
        if (compensation().phase() == CompensationPhase.Waiting) {
            boolean over = true;
            for (int step = 0; step < turn.steps.size(); step++) {
                if (turn.open(step, Kind.Step)) {
                    over = false;
                    stopIfAsked(step);
                }
            }
            if (over) {
                plan();
            }
        }
        if (compensation().phase() == CompensationPhase.Running) {
            undo();
        }
    }

    private RunCompensation compensation() {
        return Objects.requireNonNull(turn.compensation);
    }

    /** A failed sibling lets the others end; who cancels, or a limit of the whole run, stops them. */
    private void stopIfAsked(int step) {
        boolean asked =
                turn.intent != null || Reasons.RUN_TIMEOUT.equals(compensation().reason());
        Attempt attempt = turn.last(step, Kind.Step).orElseThrow();
        String pod = Objects.requireNonNull(attempt.pod()).name();
        if (!asked || attempt.stopping() != null) {
            return;
        }
        if (turn.observed.pod(pod) instanceof PodSeen.Present(PodFacts facts, boolean live)
                && Objects.requireNonNull(attempt.pod()).uid() != null) {
            if (live) {
                String why = turn.intent == null ? compensation().reason() : turn.intent.reason();
                Absorbing.stop(turn, step, Kind.Step, attempt, why);
            } else {
                turn.toRead.add(facts.name());
            }
        }
    }

    /** What is owed, in reverse of the order in which it can have come about; written once. */
    private void plan() {
        List<Integer> owing = turn.definition.graph().topologicalOrder().reversed().stream()
                .filter(this::owes)
                .toList();
        for (int step : owing) {
            StepStatus old = turn.steps.get(step);
            turn.steps.set(
                    step,
                    new StepStatus(
                            old.name(),
                            old.phase(),
                            old.attempts(),
                            old.outputs(),
                            new StepCompensation(CompensationPhase.Pending, List.of())));
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
        return turn.attempts(step, Kind.Step).stream()
                .map(Attempt::state)
                .anyMatch(state -> state == AttemptState.Succeeded
                        || (compensation.when() != When.Succeeded && mayHaveHadAnEffect(state)));
    }

    private static boolean mayHaveHadAnEffect(AttemptState state) {
        return switch (state) {
            case Claimed, Running, Succeeded, Failed, Lost -> true;
            case NotStarted -> false;
        };
    }

    /** The first of the plan that is not done is the one at work; the next begins when it is done. */
    private void undo() {
        for (String name : Objects.requireNonNull(compensation().plan())) {
            int step = turn.definition.graph().index(name).orElseThrow();
            CompensationPhase phase = advance(step);
            if (phase == CompensationPhase.Failed) {
                finish(CompensationPhase.Failed);
                return;
            }
            if (phase != CompensationPhase.Succeeded) {
                return;
            }
        }
        finish(CompensationPhase.Succeeded);
        turn.end(turn.intent == null ? RunPhase.Failed : RunPhase.Cancelled);
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

    private CompensationPhase advance(int step) {
        Optional<Attempt> last = turn.last(step, Kind.Compensation);
        if (last.filter(attempt -> attempt.state() == AttemptState.Succeeded).isPresent()) {
            return settle(step, CompensationPhase.Succeeded);
        }
        if (last.filter(attempt -> !attempt.over()).isPresent()) {
            return settle(step, CompensationPhase.Running);
        }
        if (Retries.of(turn.definition.step(step), Kind.Compensation).usedUp(turn.attempts(step, Kind.Compensation))) {
            return settle(step, CompensationPhase.Failed);
        }
        Claims.whenDue(turn, step, Kind.Compensation);
        return settle(
                step,
                turn.attempts(step, Kind.Compensation).isEmpty()
                        ? CompensationPhase.Pending
                        : CompensationPhase.Running);
    }

    private CompensationPhase settle(int step, CompensationPhase phase) {
        StepStatus old = turn.steps.get(step);
        List<Attempt> attempts = new ArrayList<>(turn.attempts(step, Kind.Compensation));
        turn.steps.set(
                step,
                new StepStatus(
                        old.name(), old.phase(), old.attempts(), old.outputs(), new StepCompensation(phase, attempts)));
        return phase;
    }
}
