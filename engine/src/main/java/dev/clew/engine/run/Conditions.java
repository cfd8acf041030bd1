package dev.clew.engine.run;

import dev.clew.api.Condition;
import dev.clew.api.ConditionStatus;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.RunCompensation;
import dev.clew.api.run.RunPhase;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of a run, by its phase: a table. kstatus thus reads InProgress while it runs, Current when it
 * succeeded, and Failed in every other end and when it is stalled.
 */
final class Conditions {
    private static final ConditionStatus T = ConditionStatus.True;
    private static final ConditionStatus F = ConditionStatus.False;
    private static final ConditionStatus U = ConditionStatus.Unknown;

    /** One row: what each condition says in a phase. */
    private record Row(
            ConditionStatus succeeded,
            ConditionStatus finished,
            ConditionStatus compensated,
            ConditionStatus reconciling,
            ConditionStatus stalled,
            ConditionStatus actionRequired) {}

    private Conditions() {}

    private static Row row(RunPhase phase, boolean turnedBack, boolean anythingOwed, boolean notUndone) {
        ConditionStatus undone = anythingOwed ? T : F;
        return switch (phase) {
            case Pending, Running -> new Row(U, F, U, T, F, F);
            case Paused -> new Row(turnedBack ? F : U, F, U, T, F, F);
            case Compensating -> new Row(F, F, U, T, F, F);
            case Stalled -> new Row(turnedBack ? F : U, F, notUndone ? F : U, F, T, T);
            case Succeeded -> new Row(T, T, F, F, F, F);
            case Failed, Cancelled, RolledBack -> new Row(F, T, undone, F, T, F);
            case Terminated -> new Row(F, T, F, F, T, F);
        };
    }

    /** The conditions; those that say the same as before keep their time. */
    static List<Condition> of(
            RunView run,
            RunPhase phase,
            @Nullable RunCompensation compensation,
            String reason,
            String message,
            Optional<Attempt> waitsForANode,
            Instant now) {
        List<String> plan = compensation == null ? null : compensation.plan();
        boolean owed = plan != null && !plan.isEmpty();
        Row row = row(phase, compensation != null, owed, Reasons.COMPENSATION_FAILED.equals(reason));
        String compensated = compensatedReason(phase, owed, reason);
        boolean paused = phase == RunPhase.Paused;
        var writer = new Writer(run, now);
        return List.of(
                writer.condition("Succeeded", row.succeeded, reason, message),
                writer.condition("Finished", row.finished, phase.name(), message),
                writer.condition("Compensated", row.compensated, compensated, ""),
                writer.condition("Reconciling", row.reconciling, phase.name(), message),
                writer.condition("Stalled", row.stalled, row.stalled == T ? reason : phase.name(), message),
                waitsForANode
                        .map(attempt -> writer.condition(
                                "ActionRequired",
                                T,
                                Objects.requireNonNullElse(attempt.reason(), Reasons.IN_DOUBT),
                                Objects.requireNonNullElse(attempt.message(), message)))
                        .orElseGet(() -> writer.condition(
                                "ActionRequired",
                                row.actionRequired,
                                row.actionRequired == T ? reason : "None",
                                row.actionRequired == T ? message : "")),
                writer.condition("Suspended", paused ? T : F, paused ? "Paused" : "NotPaused", ""));
    }

    private static String compensatedReason(RunPhase phase, boolean owed, String reason) {
        return switch (phase) {
            case Pending, Running, Paused -> "Running";
            case Compensating -> "Compensating";
            case Stalled -> reason;
            case Succeeded -> "NotNeeded";
            case Failed, Cancelled, RolledBack -> owed ? "Compensated" : "NotNeeded";
            case Terminated -> Reasons.ABANDONED;
        };
    }

    private record Writer(RunView run, Instant now) {
        Condition condition(String type, ConditionStatus status, String reason, String message) {
            Optional<Condition> old = run.status().conditions().stream()
                    .filter(condition -> condition.type().equals(type))
                    .findFirst();
            Instant since = old.filter(condition -> condition.status() == status)
                    .map(Condition::lastTransitionTime)
                    .orElse(now.truncatedTo(ChronoUnit.SECONDS));
            return new Condition(type, status, run.generation(), Objects.requireNonNull(since), reason, message);
        }
    }
}
