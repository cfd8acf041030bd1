package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.Reasons;
import dev.clew.engine.pod.AttemptId;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.pod.PodRenderer;
import java.time.Instant;
import java.util.Set;

/** Claims the next attempt of a step or of a compensation, when it is due. */
final class Claims {
    private Claims() {}

    /** Claims the next attempt now, or wakes up when it is due. */
    static void whenDue(Turn turn, int step, Kind kind) {
        Retries retries = Retries.of(turn.definition.step(step), kind);
        Instant due = retries.due(turn, step, kind);
        if (turn.now.isBefore(due)) {
            turn.wakeAt(due);
            return;
        }
        if (!Room.forClaim(turn, step, kind) || !Trimming.beforeAnother(turn, step, kind)) {
            return;
        }
        int number = turn.made(step, kind) + 1;
        turn.decide();
        AttemptId id = turn.id(step, kind, number);
        String pod = id.podName(turn.run.name());
        turn.record(step, kind, Attempt.claimed(number, turn.now, pod));
        turn.actions.add(new Action.Create(id, pod));
        turn.wakeAt(turn.now.plus(retries.startTimeout()));
    }

    /** Fails a step that refers to outputs that do not exist, before a pod is made. */
    static void failWithoutInput(Turn turn, int step) {
        Set<String> missing =
                turn.definition.missing(PodRenderer.container(turn.definition.step(step), Kind.Step), turn.steps);
        if (!missing.isEmpty() && Trimming.beforeAnother(turn, step, Kind.Step)) {
            turn.close(step, Kind.Step, withoutInput(turn, turn.made(step, Kind.Step) + 1, missing));
        }
    }

    private static Attempt withoutInput(Turn turn, int number, Set<String> missing) {
        return new Attempt(
                number,
                AttemptState.NotStarted,
                turn.now,
                turn.now,
                Reasons.INPUT_MISSING,
                "refers to outputs that do not exist: " + String.join(", ", missing),
                null,
                null,
                null,
                null,
                null,
                null);
    }
}
