package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.StepStatus;
import dev.clew.engine.pod.Kind;
import java.util.List;
import java.util.Optional;

/**
 * Sees to claimed attempts that have no pod. While pods may start they get theirs; once no pod may start any more the name
 * is reserved instead, so that a create that is still on its way comes to nothing.
 */
final class Fence {
    private Fence() {}

    /** Whether no pod of this kind may start any more. */
    static boolean isClosed(Turn turn, Kind kind) {
        return switch (kind) {
            case Step -> turn.turnedBack() || turn.intent != null || turn.time.isUp();
            case Compensation -> turn.terminating();
        };
    }

    static void launch(Turn turn) {
        if (turn.abandoned()) {
            return;
        }
        for (int step = 0; step < turn.steps.size(); step++) {
            for (Kind kind : Kind.values()) {
                int at = step;
                turn.last(step, kind)
                        .filter(attempt -> !attempt.over() && wasClaimedBefore(turn, at, kind, attempt))
                        .ifPresent(attempt -> launch(turn, at, kind, attempt));
            }
        }
    }

    /** What is claimed in this very decision is created by its claim. */
    private static boolean wasClaimedBefore(Turn turn, int step, Kind kind, Attempt attempt) {
        List<StepStatus> before = turn.run.status().steps();
        return before.size() > step
                && Turn.attempts(before.get(step), kind).stream().anyMatch(old -> old.number() == attempt.number());
    }

    private static void launch(Turn turn, int step, Kind kind, Attempt attempt) {
        Optional<AttemptPod> missing = Optional.ofNullable(attempt.pod())
                .filter(pod -> pod.uid() == null && turn.observed.pod(pod.name()) instanceof PodSeen.Absent);
        missing.map(AttemptPod::name).ifPresent(pod -> {
            var id = turn.id(step, kind, attempt.number());
            turn.actions.add(isClosed(turn, kind) ? new Action.Reserve(id, pod) : new Action.Create(id, pod));
        });
    }
}
