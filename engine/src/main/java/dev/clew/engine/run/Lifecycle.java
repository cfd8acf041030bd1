package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.pod.Kind;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a run, a step and an attempt can go: one table each. What is recorded at one time may be several events further
 * on, so a run can go from Running to Failed at once. The diagrams in docs/controller-flow.md are these tables.
 *
 * @param rows every change there can be
 */
public record Lifecycle<S extends Enum<S>>(List<Row<S>> rows) {
    /**
     * One change.
     *
     * @param from null before the first record
     * @param event what happens, as people would say it
     */
    public record Row<S extends Enum<S>>(@Nullable S from, String event, S to) {}

    /** Of a run. */
    public static final Lifecycle<RunPhase> RUN = new Lifecycle<>(List.of(
            new Row<>(null, "has no valid workflow yet", RunPhase.Pending),
            new Row<>(null, "begins", RunPhase.Running),
            new Row<>(null, "its spec is wrong", RunPhase.Failed),
            new Row<>(RunPhase.Pending, "begins", RunPhase.Running),
            new Row<>(RunPhase.Pending, "its spec is wrong", RunPhase.Failed),
            new Row<>(null, "is paused from the start", RunPhase.Paused),
            new Row<>(null, "is cancelled from the start", RunPhase.Cancelled),
            new Row<>(null, "is rolled back from the start", RunPhase.RolledBack),
            new Row<>(null, "is terminated from the start", RunPhase.Terminated),
            new Row<>(null, "a person skipped every step", RunPhase.Succeeded),
            new Row<>(null, "waits for a person", RunPhase.Stalled),
            new Row<>(RunPhase.Pending, "a person skipped every step", RunPhase.Succeeded),
            new Row<>(RunPhase.Pending, "waits for a person", RunPhase.Stalled),
            new Row<>(RunPhase.Pending, "is paused", RunPhase.Paused),
            new Row<>(RunPhase.Pending, "is cancelled", RunPhase.Cancelled),
            new Row<>(RunPhase.Pending, "is rolled back", RunPhase.RolledBack),
            new Row<>(RunPhase.Pending, "is terminated", RunPhase.Terminated),
            new Row<>(RunPhase.Running, "all steps are done", RunPhase.Succeeded),
            new Row<>(RunPhase.Running, "is paused", RunPhase.Paused),
            new Row<>(RunPhase.Running, "waits for a person", RunPhase.Stalled),
            new Row<>(RunPhase.Running, "rolled back, nothing to undo", RunPhase.RolledBack),
            new Row<>(RunPhase.Running, "turns back", RunPhase.Compensating),
            new Row<>(RunPhase.Running, "failed, nothing to undo", RunPhase.Failed),
            new Row<>(RunPhase.Running, "cancelled, nothing to undo", RunPhase.Cancelled),
            new Row<>(RunPhase.Running, "is terminated, or its namespace goes", RunPhase.Terminated),
            new Row<>(RunPhase.Paused, "is resumed", RunPhase.Running),
            new Row<>(RunPhase.Paused, "is resumed while undoing, or turns back", RunPhase.Compensating),
            new Row<>(RunPhase.Paused, "has no valid workflow any more", RunPhase.Pending),
            new Row<>(RunPhase.Paused, "waits for a person", RunPhase.Stalled),
            new Row<>(RunPhase.Paused, "what ran was the last", RunPhase.Succeeded),
            new Row<>(RunPhase.Paused, "all is undone", RunPhase.Failed),
            new Row<>(RunPhase.Paused, "cancelled, all is undone", RunPhase.Cancelled),
            new Row<>(RunPhase.Paused, "rolled back, all is undone", RunPhase.RolledBack),
            new Row<>(RunPhase.Paused, "is terminated, or its namespace goes", RunPhase.Terminated),
            new Row<>(RunPhase.Compensating, "all is undone", RunPhase.Failed),
            new Row<>(RunPhase.Compensating, "cancelled, all is undone", RunPhase.Cancelled),
            new Row<>(RunPhase.Compensating, "rolled back, all is undone", RunPhase.RolledBack),
            new Row<>(RunPhase.Compensating, "is paused", RunPhase.Paused),
            new Row<>(RunPhase.Compensating, "waits for a person", RunPhase.Stalled),
            new Row<>(RunPhase.Compensating, "is terminated, or its namespace goes", RunPhase.Terminated),
            new Row<>(RunPhase.Stalled, "a person has it go on", RunPhase.Running),
            new Row<>(RunPhase.Stalled, "a person has it go on, paused", RunPhase.Paused),
            new Row<>(RunPhase.Stalled, "a person has it undone", RunPhase.Compensating),
            new Row<>(RunPhase.Stalled, "a person skipped what was left", RunPhase.Succeeded),
            new Row<>(RunPhase.Stalled, "all is undone", RunPhase.Failed),
            new Row<>(RunPhase.Stalled, "cancelled, all is undone", RunPhase.Cancelled),
            new Row<>(RunPhase.Stalled, "rolled back, all is undone", RunPhase.RolledBack),
            new Row<>(RunPhase.Stalled, "is terminated, or its namespace goes", RunPhase.Terminated),
            new Row<>(RunPhase.Succeeded, "is to be rolled back", RunPhase.Compensating),
            new Row<>(RunPhase.Succeeded, "is to be rolled back, its definition is gone", RunPhase.Stalled),
            new Row<>(RunPhase.Succeeded, "rolled back, nothing to undo", RunPhase.RolledBack)));

    /** Of a step. */
    public static final Lifecycle<StepPhase> STEP = new Lifecycle<>(List.of(
            new Row<>(null, "the run begins", StepPhase.Pending),
            new Row<>(null, "the run begins with it", StepPhase.Running),
            new Row<>(StepPhase.Pending, "an attempt is claimed", StepPhase.Running),
            new Row<>(StepPhase.Pending, "its input is missing", StepPhase.Failed),
            new Row<>(StepPhase.Pending, "the run turns back before a retry", StepPhase.Failed),
            new Row<>(StepPhase.Pending, "a person skips it", StepPhase.Skipped),
            new Row<>(StepPhase.Failed, "a person has it tried again", StepPhase.Pending),
            new Row<>(StepPhase.Failed, "a person has it tried again at once", StepPhase.Running),
            new Row<>(StepPhase.Failed, "a person skips it", StepPhase.Skipped),
            new Row<>(null, "a person skips it from the start", StepPhase.Skipped),
            new Row<>(null, "its input is missing from the start", StepPhase.Failed),
            new Row<>(StepPhase.Running, "the attempt succeeded", StepPhase.Succeeded),
            new Row<>(StepPhase.Running, "the attempt failed, a retry is left", StepPhase.Pending),
            new Row<>(StepPhase.Running, "the attempt failed, no retry is left", StepPhase.Failed),
            new Row<>(StepPhase.Running, "the attempt failed, a person skips it", StepPhase.Skipped)));

    /** Of an attempt, forward or compensating. */
    public static final Lifecycle<AttemptState> ATTEMPT = new Lifecycle<>(List.of(
            new Row<>(null, "is claimed", AttemptState.Claimed),
            new Row<>(null, "its input is missing", AttemptState.NotStarted),
            new Row<>(AttemptState.Claimed, "is seen running", AttemptState.Running),
            new Row<>(AttemptState.Claimed, "exit code 0, in time", AttemptState.Succeeded),
            new Row<>(AttemptState.Claimed, "ended otherwise", AttemptState.Failed),
            new Row<>(AttemptState.Claimed, "proved never to start", AttemptState.NotStarted),
            new Row<>(AttemptState.Claimed, "over, outcome unknown", AttemptState.Lost),
            new Row<>(AttemptState.Running, "exit code 0, in time", AttemptState.Succeeded),
            new Row<>(AttemptState.Running, "ended otherwise", AttemptState.Failed),
            new Row<>(AttemptState.Running, "over, outcome unknown", AttemptState.Lost)));

    public Lifecycle {
        rows = List.copyOf(rows);
    }

    /** Whether there is a change from one to the other; to stay is none. */
    public boolean allows(@Nullable S from, S to) {
        return from == to || rows.stream().anyMatch(row -> row.from() == from && row.to() == to);
    }

    /** The table as a diagram in Mermaid's language. */
    public String mermaid() {
        List<String> ends = rows.stream()
                .map(Row::to)
                .distinct()
                .filter(state -> rows.stream().noneMatch(row -> row.from() == state))
                .map(state -> "    " + state + " --> [*]\n")
                .toList();
        return rows.stream()
                .map(row ->
                        "    " + (row.from() == null ? "[*]" : row.from()) + " --> " + row.to() + ": " + row.event())
                .collect(Collectors.joining("\n", "stateDiagram-v2\n", "\n" + String.join("", ends)));
    }

    /** From what is recorded no way leads to what would have to be recorded next. */
    static final class NoSuchWayException extends IllegalStateException {
        NoSuchWayException(String message) {
            super(message);
        }
    }

    private void check(@Nullable S from, S to, String what) {
        if (!allows(from, to)) {
            throw new NoSuchWayException(what + " cannot go from " + (from == null ? "none" : from) + " to " + to
                    + ": either somebody else has written its record, or this is a bug in Clew");
        }
    }

    /**
     * The status that shall follow the one of the run, if all its changes are in the tables.
     *
     * @throws NoSuchWayException if one is not: it must not be recorded
     */
    static WorkflowRunStatus checked(RunView run, WorkflowRunStatus next) {
        WorkflowRunStatus old = run.status();
        String name = "the run " + run.namespace() + "/" + run.name();
        RUN.check(old.phase(), Objects.requireNonNull(next.phase()), name);
        for (int i = 0; i < next.steps().size(); i++) {
            StepStatus before = i < old.steps().size() ? old.steps().get(i) : null;
            StepStatus after = next.steps().get(i);
            if (!after.equals(before)) {
                checkStep(before, after, name);
            }
        }
        return next;
    }

    private static void checkStep(@Nullable StepStatus before, StepStatus after, String run) {
        String name = run + ", step " + after.name();
        STEP.check(before == null ? null : before.phase(), after.phase(), name);
        for (Kind kind : Kind.values()) {
            List<Attempt> old = before == null ? List.of() : Turn.attempts(before, kind);
            for (Attempt attempt : Turn.attempts(after, kind)) {
                AttemptState from = old.stream()
                        .filter(other -> other.number() == attempt.number())
                        .map(Attempt::state)
                        .findFirst()
                        .orElse(null);
                ATTEMPT.check(from, attempt.state(), name + ", " + kind + " attempt " + attempt.number());
            }
        }
    }
}
