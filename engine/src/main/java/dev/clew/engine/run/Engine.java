package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.Intent;
import dev.clew.api.run.IntentState;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.workflow.Definition;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides what happens next in a run. Total, pure and quick: the same input gives the same decision, and a decision that
 * was recorded gives nothing more to record.
 */
public final class Engine {
    /** Status that only informs comes so long after a claim, and no more often than that. */
    static final Duration INFORM_AFTER = Duration.ofSeconds(5);

    /** A run that waits so long for a valid Workflow is shown as stalled. */
    static final Duration STALLED_AFTER = Duration.ofSeconds(60);

    private Engine() {}

    /**
     * Decides.
     *
     * @param run the run as it was read
     * @param observed what else is known of the world
     * @param time now
     */
    public static Decision decide(RunView run, Observed observed, Instant time) {
        Instant now = time.truncatedTo(ChronoUnit.MILLIS);
        RunPhase phase = run.status().phase();
        boolean begun = !run.status().steps().isEmpty();
        boolean ended = phase != null && phase.isEnd();
        if (!begun && (ended || run.deleting())) {
            List<Action> actions = run.tracked() ? List.of(new Action.LetGo()) : List.of();
            return new Decision.Proceed(run.status(), false, actions, Optional.empty());
        }
        if (begun) {
            return goOn(run, observed, now);
        }
        return switch (observed.definition()) {
            case DefinitionSeen.NotYet notYet -> waiting(run, notYet, now);
            case DefinitionSeen.Wrong(String message) -> proceed(Summary.invalid(run, message, now), Optional.empty());
            case DefinitionSeen.Usable usable when !run.tracked() || !observed.prepared() -> new Decision.Prepare();
            case DefinitionSeen.Usable usable -> begin(run, usable, observed, now);
        };
    }

    private static Decision proceed(WorkflowRunStatus status, Optional<Instant> wakeUp) {
        return new Decision.Proceed(status, false, List.of(), wakeUp);
    }

    /** Waits for a valid Workflow; it starts by itself once there is one. */
    private static Decision waiting(RunView run, DefinitionSeen.NotYet notYet, Instant now) {
        Instant since = Objects.requireNonNullElse(run.status().startTime(), now);
        Instant stalled = since.plus(STALLED_AFTER);
        WorkflowRunStatus status = Summary.pending(run, notYet, since, !now.isBefore(stalled), now);
        return proceed(status, now.isBefore(stalled) ? Optional.of(stalled) : Optional.empty());
    }

    private static Decision begin(RunView run, DefinitionSeen.Usable usable, Observed observed, Instant now) {
        Definition definition = usable.definition();
        List<StepStatus> steps = definition.spec().steps().stream()
                .map(step -> new StepStatus(step.name(), StepPhase.Pending, List.of(), List.of(), null))
                .toList();
        WorkflowRunStatus old = run.status();
        var begun = new WorkflowRunStatus(
                old.observedGeneration(),
                null,
                null,
                null,
                null,
                null,
                null,
                usable.snapshot(),
                now,
                null,
                steps,
                null,
                old.conditions());
        var turn = new Turn(run.withStatus(begun), definition, observed, now);
        turn.decide();
        Forward.go(turn);
        new Undoing(turn).turnBackIfDue();
        return finish(turn);
    }

    private static Decision goOn(RunView run, Observed observed, Instant now) {
        return switch (observed.definition()) {
            case DefinitionSeen.Usable usable when lacksFinalizer(run) -> new Decision.Prepare();
            case DefinitionSeen.Usable usable -> goOn(new Turn(run, usable.definition(), observed, now));
            case DefinitionSeen.NotYet notYet -> lost(new Turn(run, Definition.NONE, observed, now), notYet.message());
            case DefinitionSeen.Wrong wrong -> lost(new Turn(run, Definition.NONE, observed, now), wrong.message());
        };
    }

    /** Somebody stripped it: it is put back before anything else, for without it nothing may be claimed. */
    private static boolean lacksFinalizer(RunView run) {
        RunPhase phase = run.status().phase();
        return !run.tracked() && !run.deleting() && (phase == null || !phase.isEnd());
    }

    /**
     * The definition of a run that has begun cannot be read: what is recorded as over is released, the rest is shown and waits.
     * Nothing else is closed, for without the definition the outputs of a step cannot be told; only if nothing more can come of it.
     */
    private static Decision lost(Turn turn, String message) {
        boolean ended = turn.end != null;
        if (ended || turn.observed.abandoned()) {
            Absorbing.all(turn);
        }
        if (turn.observed.abandoned() && turn.end == null) {
            turn.end(RunPhase.Terminated);
        }
        Housekeeping.run(turn);
        if (!turn.toRead.isEmpty()) {
            return new Decision.Look(turn.toRead);
        }
        WorkflowRunStatus status = turn.end == null
                ? Summary.definitionMissing(turn, message)
                : ended && !turn.decided() ? turn.run.status() : Summary.of(turn);
        return new Decision.Proceed(status, false, turn.actions, turn.wakeUp());
    }

    private static Decision goOn(Turn turn) {
        Absorbing.all(turn);
        if (turn.toRead.isEmpty()) {
            Forward.settle(turn);
        }
        if (turn.toRead.isEmpty() && turn.end == null) {
            intent(turn);
            var undoing = new Undoing(turn);
            undoing.turnBackIfDue();
            if (turn.observed.abandoned()) {
                turn.end(RunPhase.Terminated);
            } else if (turn.run.tracked()) {
                goForwardOrBack(turn, undoing);
            }
        }
        if (turn.toRead.isEmpty()) {
            Housekeeping.run(turn);
        }
        return finish(turn);
    }

    private static void goForwardOrBack(Turn turn, Undoing undoing) {
        if (!turn.turnedBack()) {
            Forward.go(turn);
            if (turn.end == null) {
                // a step whose input is missing has failed just now: the verdict is in the same write
                undoing.turnBackIfDue();
            }
        }
        if (turn.turnedBack()) {
            undoing.go();
        }
    }

    /** What was asked of the run; the highest that was seen is recorded and names the end. */
    private static void intent(Turn turn) {
        if (turn.run.deleting() && turn.intent == null) {
            turn.decide();
            turn.intent = new Intent(IntentState.Cancelled, Reasons.DELETED, turn.now);
        }
    }

    private static Decision finish(Turn turn) {
        if (!turn.toRead.isEmpty()) {
            return new Decision.Look(turn.toRead);
        }
        WorkflowRunStatus old = turn.run.status();
        WorkflowRunStatus status = Summary.of(turn);
        boolean unseen = !Objects.equals(old.observedGeneration(), turn.run.generation()) && turn.end == null;
        if (turn.decided() || unseen) {
            // the start of a container calls for no look, so that what depends on the time since must be looked at by
            // itself
            informAt(turn).ifPresent(turn::wakeAt);
            return new Decision.Proceed(status, false, turn.actions, turn.wakeUp());
        }
        Optional<Instant> inform = status.equals(old) ? Optional.empty() : informAt(turn);
        boolean due = inform.filter(at -> !turn.now.isBefore(at)).isPresent();
        inform.filter(turn.now::isBefore).ifPresent(turn::wakeAt);
        if (due || inform.isEmpty()) {
            lookForStart(turn);
        }
        return new Decision.Proceed(due ? status : old, due, turn.actions, turn.wakeUp());
    }

    /** That a container has started is no event here: while one is awaited, what the cache says is looked at now and then. */
    private static void lookForStart(Turn turn) {
        boolean awaited = attempts(turn).anyMatch(attempt -> attempt.state() == AttemptState.Claimed);
        if (awaited) {
            turn.wakeAt(turn.now.plus(INFORM_AFTER));
        }
    }

    private static Stream<Attempt> attempts(Turn turn) {
        return turn.steps.stream()
                .flatMap(step -> Stream.concat(
                        step.attempts().stream(),
                        step.compensation() == null ? Stream.empty() : step.compensation().attempts().stream()));
    }

    /** When status that only informs may be written: only while an attempt is open, and not too often. */
    private static Optional<Instant> informAt(Turn turn) {
        @Nullable Instant last = turn.observed.informedAt();
        return attempts(turn)
                .filter(attempt -> !attempt.over())
                .map(attempt -> Objects.requireNonNullElse(attempt.startTime(), turn.now)
                        .plus(INFORM_AFTER))
                .min(Instant::compareTo)
                .map(at -> last != null && at.isBefore(last.plus(INFORM_AFTER)) ? last.plus(INFORM_AFTER) : at);
    }
}
