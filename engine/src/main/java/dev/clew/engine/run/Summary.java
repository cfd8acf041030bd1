package dev.clew.engine.run;

import dev.clew.api.Condition;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.CompensationPhase;
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
    private static final int LONGEST_MESSAGE = 1024;
    private static final int LONGEST_CURRENT = 512;

    private Summary() {}

    static WorkflowRunStatus of(Turn turn) {
        RunPhase phase = phase(turn);
        WorkflowRunStatus old = turn.run.status();
        String message = cut(Story.message(turn, phase), LONGEST_MESSAGE);
        Optional<Attempt> doubt = doubt(turn);
        Instant completion = phase.isEnd() ? Objects.requireNonNullElse(old.completionTime(), turn.now) : null;
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
                completion,
                turn.steps,
                turn.compensation,
                Conditions.of(turn.run, phase, turn.compensation, reason(turn, phase), message, doubt, turn.now));
        return Lifecycle.checked(turn.run, status);
    }

    private static RunPhase phase(Turn turn) {
        if (turn.end != null) {
            return turn.end;
        }
        RunCompensation compensation = turn.compensation;
        if (compensation == null) {
            return RunPhase.Running;
        }
        return compensation.phase() == CompensationPhase.Failed ? RunPhase.Stalled : RunPhase.Compensating;
    }

    private static String reason(Turn turn, RunPhase phase) {
        return switch (phase) {
            case Pending, Running -> "Running";
            case Compensating, Failed, Cancelled ->
                Optional.ofNullable(turn.compensation)
                        .map(RunCompensation::reason)
                        .orElse("Failed");
            case Stalled -> Reasons.COMPENSATION_FAILED;
            case Succeeded -> "Succeeded";
            case Terminated -> Reasons.ABANDONED;
        };
    }

    private static Optional<Attempt> doubt(Turn turn) {
        return IntStream.range(0, turn.steps.size())
                .boxed()
                .flatMap(step -> List.of(Kind.values()).stream().map(kind -> turn.last(step, kind)))
                .flatMap(Optional::stream)
                .filter(attempt -> !attempt.over() && Reasons.IN_DOUBT.equals(attempt.reason()))
                .findFirst();
    }

    private static String progress(Turn turn) {
        long done = turn.steps.stream()
                .filter(step -> step.phase() == StepPhase.Succeeded)
                .count();
        return done + "/" + turn.steps.size();
    }

    private static @Nullable String undone(Turn turn) {
        List<String> plan = turn.compensation == null ? null : turn.compensation.plan();
        if (plan == null) {
            return null;
        }
        long done = turn.steps.stream()
                .filter(step ->
                        step.compensation() != null && step.compensation().phase() == CompensationPhase.Succeeded)
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
        return turn.open(step, Kind.Step) || retries;
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
        return with(run, RunPhase.Pending, message, since, null, conditions);
    }

    /** A run that can never start. */
    static WorkflowRunStatus invalid(RunView run, String problems, Instant now) {
        String message = cut(problems, LONGEST_MESSAGE);
        List<Condition> conditions =
                Conditions.of(run, RunPhase.Failed, null, Reasons.INVALID_SPEC, message, Optional.empty(), now);
        return with(run, RunPhase.Failed, message, now, now, conditions);
    }

    /** A run that has begun and whose definition is gone. */
    static WorkflowRunStatus definitionMissing(Turn turn, String why) {
        RunView run = turn.run;
        String message = cut(why, LONGEST_MESSAGE);
        List<Condition> conditions = Conditions.of(
                run,
                RunPhase.Stalled,
                turn.compensation,
                Reasons.REVISION_MISSING,
                message,
                Optional.empty(),
                turn.now);
        WorkflowRunStatus old =
                with(run, RunPhase.Stalled, message, run.status().startTime(), null, conditions);
        return new WorkflowRunStatus(
                old.observedGeneration(),
                old.phase(),
                old.message(),
                old.progress(),
                old.undone(),
                old.current(),
                turn.intent,
                old.workflow(),
                old.startTime(),
                old.completionTime(),
                turn.steps,
                turn.compensation,
                old.conditions());
    }

    private static WorkflowRunStatus with(
            RunView run,
            RunPhase phase,
            String message,
            @Nullable Instant start,
            @Nullable Instant completion,
            List<Condition> conditions) {
        WorkflowRunStatus old = run.status();
        var status = new WorkflowRunStatus(
                run.generation(),
                phase,
                message,
                old.progress(),
                old.undone(),
                old.current(),
                old.intent(),
                old.workflow(),
                start,
                completion,
                old.steps(),
                old.compensation(),
                conditions);
        return Lifecycle.checked(run, status);
    }

    /** Whether an attempt succeeded. */
    static boolean succeeded(Attempt attempt) {
        return attempt.state() == AttemptState.Succeeded;
    }
}
