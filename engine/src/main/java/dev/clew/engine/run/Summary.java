package dev.clew.engine.run;

import dev.clew.api.Condition;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.CompensationPhase;
import dev.clew.api.run.Intent;
import dev.clew.api.run.IntentState;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.RunCompensation;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.pod.Kind;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What people see first: phase, message, progress, conditions. Derived in one place from the rest of the record. */
final class Summary {
    private static final int LONGEST_MESSAGE = 2048;
    private static final int LONGEST_CURRENT = 512;

    private Summary() {}

    static WorkflowRunStatus of(Turn turn) {
        RunPhase phase = phase(turn);
        boolean standsStill = phase == RunPhase.Paused || phase == RunPhase.Stalled;
        turn.time.settle(turn.compensation == null && !phase.isEnd(), standsStill);
        WorkflowRunStatus old = turn.run.status();
        String message = message(turn, phase);
        boolean endedBefore = phase == old.phase() && old.completionTime() != null;
        var status = new WorkflowRunStatus(
                turn.run.generation(),
                phase,
                message,
                progress(turn),
                undone(turn),
                phase.isEnd() ? null : current(turn),
                turn.intent,
                old.workflow(),
                old.startTime(),
                phase.isEnd() ? endedBefore ? old.completionTime() : turn.now : null,
                turn.time.deadline(),
                turn.time.remainingSeconds(),
                turn.steps,
                turn.compensation,
                turn.interventions,
                Conditions.of(
                        turn.run,
                        phase,
                        turn.compensation,
                        reason(turn, phase),
                        message,
                        waitsForANode(turn),
                        turn.now));
        return Lifecycle.checked(turn.run, status);
    }

    private static String message(Turn turn, RunPhase phase) {
        String story = Story.message(turn, phase);
        Optional<String> kept = phase.isEnd() ? Ttl.refusal(turn) : Optional.empty();
        return kept.map(refusal -> cut(story, LONGEST_MESSAGE - refusal.length() - 2) + "; " + refusal)
                .orElse(cut(story, LONGEST_MESSAGE));
    }

    private static RunPhase phase(Turn turn) {
        if (turn.end != null) {
            return turn.end;
        }
        RunCompensation compensation = turn.compensation;
        if (turn.terminating()) {
            return compensation == null ? RunPhase.Running : RunPhase.Compensating;
        }
        boolean stalled =
                compensation == null ? turn.stalled != null : compensation.phase() == CompensationPhase.Failed;
        if (stalled) {
            return RunPhase.Stalled;
        }
        if (turn.paused()) {
            return RunPhase.Paused;
        }
        return compensation == null ? RunPhase.Running : RunPhase.Compensating;
    }

    private static String reason(Turn turn, RunPhase phase) {
        return switch (phase) {
            case Pending, Running -> "Running";
            case Paused -> "Paused";
            case Compensating, Failed, Cancelled, RolledBack ->
                Optional.ofNullable(turn.compensation)
                        .map(RunCompensation::reason)
                        .orElse("Failed");
            case Stalled -> Objects.requireNonNullElse(turn.stalled, Reasons.COMPENSATION_FAILED);
            case Succeeded -> "Succeeded";
            case Terminated ->
                turn.intent != null && turn.intent.state() == IntentState.Terminated
                        ? turn.intent.reason()
                        : Reasons.ABANDONED;
        };
    }

    /** An attempt that only its node or a person can end. */
    private static Optional<Attempt> waitsForANode(Turn turn) {
        return IntStream.range(0, turn.steps.size())
                .boxed()
                .flatMap(step -> List.of(Kind.values()).stream().map(kind -> turn.last(step, kind)))
                .flatMap(Optional::stream)
                .filter(Summary::waitsForANode)
                .findFirst();
    }

    static boolean waitsForANode(Attempt attempt) {
        return !attempt.over()
                && (Reasons.IN_DOUBT.equals(attempt.reason()) || Reasons.NODE_UNREACHABLE.equals(attempt.reason()));
    }

    private static String progress(Turn turn) {
        long done = turn.steps.stream().filter(StepStatus::done).count();
        return done + "/" + turn.steps.size();
    }

    private static @Nullable String undone(Turn turn) {
        List<String> plan = turn.compensation == null ? null : turn.compensation.plan();
        if (plan == null) {
            return null;
        }
        long done = turn.steps.stream()
                .filter(step ->
                        step.compensation() != null && step.compensation().done())
                .count();
        return done + "/" + plan.size();
    }

    /** The steps with an open attempt; between two attempts, the step that waits for the next one. */
    private static String current(Turn turn) {
        boolean undoing = turn.compensation != null && turn.compensation.plan() != null;
        List<String> names = IntStream.range(0, turn.steps.size())
                .filter(step -> undoing ? undoing(turn.steps.get(step)) : goingOn(turn, step))
                .mapToObj(step -> turn.steps.get(step).name())
                .toList();
        return cut(String.join(",", names), LONGEST_CURRENT);
    }

    private static boolean undoing(StepStatus step) {
        return step.compensation() != null
                && (step.compensation().phase() == CompensationPhase.Running
                        || step.compensation().phase() == CompensationPhase.Failed);
    }

    private static boolean goingOn(Turn turn, int step) {
        boolean retries = turn.steps.get(step).phase() == StepPhase.Pending
                && !turn.attempts(step, Kind.Step).isEmpty();
        boolean holdsUp = turn.stalled != null && turn.steps.get(step).phase() == StepPhase.Failed;
        return turn.open(step, Kind.Step) || retries || holdsUp;
    }

    static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(most - 2)) ? most - 2 : most - 1;
        return text.substring(0, end) + "…";
    }

    /** A run that waits for its Workflow. */
    static WorkflowRunStatus pending(
            RunView run, DefinitionSeen.NotYet notYet, Instant since, boolean stalled, Instant now) {
        String message = cut(notYet.message(), LONGEST_MESSAGE);
        List<Condition> conditions = stalled
                ? Conditions.of(run, RunPhase.Stalled, null, notYet.reason(), message, Optional.empty(), now)
                : Conditions.of(run, RunPhase.Pending, null, notYet.reason(), message, Optional.empty(), now);
        return with(run, RunPhase.Pending, message, null, since, null, conditions);
    }

    /** A run that can never start. */
    static WorkflowRunStatus invalid(RunView run, String problems, Instant now) {
        String message = cut(problems, LONGEST_MESSAGE);
        List<Condition> conditions =
                Conditions.of(run, RunPhase.Failed, null, Reasons.INVALID_SPEC, message, Optional.empty(), now);
        return with(run, RunPhase.Failed, message, null, now, now, conditions);
    }

    /** A run that was ended before it began. */
    static WorkflowRunStatus neverBegun(RunView run, RunPhase end, Instant now) {
        String message = "ended before it began: there was nothing to undo";
        return with(
                run,
                end,
                message,
                Intents.asked(run)
                        .map(state -> new Intent(state, end.name(), now))
                        .orElse(null),
                now,
                now,
                Conditions.of(run, end, null, end.name(), message, Optional.empty(), now));
    }

    /** A run that could begin and is paused. */
    static WorkflowRunStatus pausedBeforeItBegan(RunView run, Instant now) {
        String message = "paused before it began; to go on: " + Hints.patch(run, "desiredState", "Running");
        List<Condition> conditions =
                Conditions.of(run, RunPhase.Paused, null, "Paused", message, Optional.empty(), now);
        return with(run, RunPhase.Paused, message, null, null, null, conditions);
    }

    /** The same status, for a later generation of the spec that changes nothing. */
    static WorkflowRunStatus seen(Turn turn) {
        RunView run = turn.run;
        WorkflowRunStatus old = run.status();
        return new WorkflowRunStatus(
                run.generation(),
                old.phase(),
                old.message(),
                old.progress(),
                old.undone(),
                old.current(),
                old.intent(),
                old.workflow(),
                old.startTime(),
                old.completionTime(),
                old.deadline(),
                old.remainingSeconds(),
                old.steps(),
                old.compensation(),
                turn.interventions,
                old.conditions().stream()
                        .map(condition -> new Condition(
                                condition.type(),
                                condition.status(),
                                run.generation(),
                                condition.lastTransitionTime(),
                                condition.reason(),
                                condition.message()))
                        .toList());
    }

    /** A run that has begun and whose definition is gone. */
    static WorkflowRunStatus definitionMissing(Turn turn, String why) {
        RunView run = turn.run;
        String message = cut(
                why + ", or give the run up with: " + Hints.patch(run, "desiredState", "Terminated"), LONGEST_MESSAGE);
        WorkflowRunStatus old = run.status();
        turn.time.settle(turn.compensation == null, true);
        var status = new WorkflowRunStatus(
                run.generation(),
                RunPhase.Stalled,
                message,
                old.progress(),
                old.undone(),
                old.current(),
                turn.intent,
                old.workflow(),
                old.startTime(),
                null,
                turn.time.deadline(),
                turn.time.remainingSeconds(),
                turn.steps,
                turn.compensation,
                turn.interventions,
                Conditions.of(
                        run,
                        RunPhase.Stalled,
                        turn.compensation,
                        Reasons.REVISION_MISSING,
                        message,
                        Optional.empty(),
                        turn.now));
        return Lifecycle.checked(run, status);
    }

    private static WorkflowRunStatus with(
            RunView run,
            RunPhase phase,
            String message,
            @Nullable Intent intent,
            @Nullable Instant start,
            @Nullable Instant completion,
            List<Condition> conditions) {
        var status = new WorkflowRunStatus(
                run.generation(),
                phase,
                message,
                null,
                null,
                null,
                intent,
                null,
                start,
                completion,
                null,
                null,
                List.of(),
                null,
                List.of(),
                conditions);
        return Lifecycle.checked(run, status);
    }

    /** Whether an attempt succeeded. */
    static boolean succeeded(Attempt attempt) {
        return attempt.state() == AttemptState.Succeeded;
    }
}
