package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.DesiredState;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.pod.PodFacts;
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
        if (begun) {
            return goOnUnlessContradictory(run, observed, now);
        }
        if (ended || run.deleting()) {
            return letGoUnbegun(run, run.status(), observed, now);
        }
        Optional<RunPhase> endsAtOnce = Intents.endsBeforeItBegins(run);
        if (endsAtOnce.isPresent()) {
            return letGoUnbegun(run, Summary.neverBegun(run, endsAtOnce.get(), now), observed, now);
        }
        return switch (observed.definition()) {
            case DefinitionSeen.NotYet notYet -> waiting(run, notYet, now);
            case DefinitionSeen.Wrong wrong ->
                letGoUnbegun(run, Summary.invalid(run, wrong.message(), now), observed, now);
            case DefinitionSeen.Usable usable
            when run.spec().desiredStateOrDefault() == DesiredState.Paused ->
                proceed(Summary.pausedBeforeItBegan(run, now), Optional.empty());
            case DefinitionSeen.Usable usable when !run.tracked() || !observed.prepared() -> new Decision.Prepare();
            case DefinitionSeen.Usable usable -> begin(run, usable, observed, now);
        };
    }

    /** A run that never began holds nothing. */
    private static Decision letGoUnbegun(RunView run, WorkflowRunStatus status, Observed observed, Instant now) {
        Definition definition = switch (observed.definition()) {
            case DefinitionSeen.Usable usable -> usable.definition();
            case DefinitionSeen.Wrong wrong -> wrong.definition();
            case DefinitionSeen.NotYet notYet -> Definition.NONE;
        };
        var turn = new Turn(run.withStatus(status), definition, observed, now);
        if (run.tracked()) {
            turn.actions.add(new Action.LetGo());
        }
        Ttl.plan(turn);
        boolean unseen = !Objects.equals(run.status().observedGeneration(), run.generation()) && !run.deleting();
        if (unseen) {
            Interventions.carryOut(turn);
        }
        return new Decision.Proceed(unseen ? Summary.seen(turn) : status, false, turn.actions, turn.wakeUp());
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
                .map(step -> StepStatus.pending(step.name()))
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
                null,
                null,
                steps,
                null,
                List.of(),
                old.conditions());
        var turn = new Turn(run.withStatus(begun), definition, observed, now);
        turn.decide();
        turn.time.grant();
        Interventions.carryOut(turn);
        goForwardOrBack(turn);
        return finish(turn);
    }

    private static Decision goOnUnlessContradictory(RunView run, Observed observed, Instant now) {
        Definition definition =
                observed.definition() instanceof DefinitionSeen.Usable usable ? usable.definition() : null;
        Optional<String> contradiction = Contradictions.in(run.status(), definition);
        if (contradiction.isPresent()) {
            return new Decision.Unreadable(contradiction.get());
        }
        try {
            return goOn(run, observed, now);
        } catch (Lifecycle.NoSuchWayException e) {
            return new Decision.Unreadable(Objects.requireNonNull(e.getMessage()));
        }
    }

    private static Decision goOn(RunView run, Observed observed, Instant now) {
        return switch (observed.definition()) {
            case DefinitionSeen.Usable usable when lacksFinalizer(run) -> new Decision.Prepare();
            case DefinitionSeen.Usable usable -> goOn(new Turn(run, usable.definition(), observed, now));
            case DefinitionSeen.NotYet notYet -> lost(new Turn(run, Definition.NONE, observed, now), notYet.message());
            case DefinitionSeen.Wrong wrong -> lost(new Turn(run, Definition.NONE, observed, now), wrong.message());
        };
    }

    /**
     * Somebody stripped it, or the run has ended and is to be rolled back: it is put on before anything else, for without it
     * nothing may be claimed.
     */
    private static boolean lacksFinalizer(RunView run) {
        RunPhase phase = run.status().phase();
        boolean ended = phase != null && phase.isEnd();
        return !run.tracked() && !run.deleting() && (!ended || Intents.revives(run));
    }

    /**
     * The definition of a run that has begun cannot be read: what is recorded as over is released, the rest is shown and waits.
     * Nothing else is closed, for without the definition the outputs of a step cannot be told; only if nothing more can come of it.
     */
    private static Decision lost(Turn turn, String message) {
        boolean ended = turn.end != null && !Intents.revives(turn.run);
        if (!ended) {
            Intents.note(turn);
        }
        boolean givenUp = turn.observed.abandoned() || turn.terminating();
        if (ended || givenUp) {
            Absorbing.all(turn);
        }
        if (turn.observed.abandoned() && turn.end == null) {
            turn.end(RunPhase.Terminated);
        }
        if (turn.terminating()) {
            terminate(turn);
            Fence.launch(turn);
        }
        Housekeeping.run(turn);
        Ttl.plan(turn);
        if (turn.mustRead()) {
            return new Decision.Look(turn.toRead, turn.nodesToRead);
        }
        WorkflowRunStatus status = turn.end == null && !turn.terminating()
                ? Summary.definitionMissing(turn, message)
                : ended && !turn.decided() ? turn.run.status() : Summary.of(turn);
        return new Decision.Proceed(status, false, turn.actions, turn.wakeUp());
    }

    private static Decision goOn(Turn turn) {
        Intents.note(turn);
        Absorbing.all(turn);
        if (!turn.mustRead()) {
            settle(turn);
            Intents.noteDeletion(turn);
            Interventions.carryOut(turn);
            settle(turn);
            if (turn.end == null) {
                proceedUnlessEnded(turn);
            }
        }
        if (!turn.mustRead()) {
            Fence.launch(turn);
            Housekeeping.run(turn);
            Ttl.plan(turn);
        }
        return finish(turn);
    }

    private static void settle(Turn turn) {
        if (turn.end == null) {
            Forward.settle(turn);
        }
    }

    private static void proceedUnlessEnded(Turn turn) {
        if (turn.observed.abandoned()) {
            turn.end(RunPhase.Terminated);
        } else if (turn.terminating()) {
            terminate(turn);
        } else if (turn.run.tracked()) {
            goForwardOrBack(turn);
        }
    }

    private static void terminate(Turn turn) {
        Stops.run(turn);
        if (turn.open(Kind.Step) + turn.open(Kind.Compensation) == 0) {
            turn.end(RunPhase.Terminated);
        }
    }

    private static void goForwardOrBack(Turn turn) {
        var undoing = new Undoing(turn);
        undoing.judge();
        if (!turn.turnedBack() && turn.stalled == null) {
            Forward.go(turn);
            // a step whose input is missing has failed just now: the verdict is in the same write
            undoing.judge();
        }
        Stops.run(turn);
        if (turn.turnedBack()) {
            undoing.go();
        }
    }

    private static Decision finish(Turn turn) {
        if (turn.mustRead()) {
            return new Decision.Look(turn.toRead, turn.nodesToRead);
        }
        WorkflowRunStatus old = turn.run.status();
        Room.settle(turn);
        WorkflowRunStatus status = Summary.of(turn);
        // the deletion of a run that has ended is no news: its status may have been written for the last time
        boolean unseen = (!Objects.equals(old.observedGeneration(), turn.run.generation()) || wasUnreadable(old))
                && (turn.end == null || !turn.run.deleting());
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

    /** It says that it cannot be read, and can be again. */
    private static boolean wasUnreadable(WorkflowRunStatus status) {
        return status.conditions().stream().anyMatch(condition -> Reasons.UNREADABLE.equals(condition.reason()));
    }

    /** That a container has started is no event here: while one is awaited, what the cache says is looked at now and then. */
    private static void lookForStart(Turn turn) {
        if (attempts(turn).anyMatch(Engine::mayStartUnnoticed)) {
            turn.wakeAt(turn.now.plus(INFORM_AFTER));
        }
    }

    /** What holds up the others ends with an event, or waits for a person. */
    private static boolean mayStartUnnoticed(Attempt attempt) {
        return attempt.state() == AttemptState.Claimed
                && attempt.doubt() == null
                && !PodFacts.GATED.equals(attempt.reason())
                && !Reasons.NODE_UNREACHABLE.equals(attempt.reason());
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
