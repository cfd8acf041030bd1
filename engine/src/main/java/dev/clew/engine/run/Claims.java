package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.Reasons;
import dev.clew.engine.pod.AttemptId;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.pod.PodRenderer;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Claims the next attempt of a step or of a compensation, when it is due. */
final class Claims {
    private Claims() {}

    /** Claims the next attempt now, or wakes up when it is due. */
    static void whenDue(Turn turn, int step, Kind kind) {
        List<Attempt> attempts = turn.attempts(step, kind);
        Instant due = Retries.of(turn.definition.step(step), kind).due(attempts, turn.now);
        if (turn.now.isBefore(due)) {
            turn.wakeAt(due);
            return;
        }
        int number = attempts.isEmpty() ? 1 : attempts.getLast().number() + 1;
        turn.decide();
        AttemptId id = turn.id(step, kind, number);
        String pod = id.podName(turn.run.name());
        turn.record(
                step,
                kind,
                new Attempt(
                        number,
                        AttemptState.Claimed,
                        turn.now,
                        null,
                        null,
                        null,
                        null,
                        null,
                        new AttemptPod(pod, null, null)));
        turn.actions.add(new Action.Create(id, pod));
        turn.wakeAt(turn.now.plus(Retries.of(turn.definition.step(step), kind).startTimeout()));
    }

    /** Fails a step that refers to outputs that do not exist, before a pod is made. */
    static void failWithoutInput(Turn turn, int step) {
        List<Attempt> attempts = turn.attempts(step, Kind.Step);
        Set<String> missing =
                turn.definition.missing(PodRenderer.container(turn.definition.step(step), Kind.Step), turn.steps);
        if (!missing.isEmpty()) {
            turn.decide();
            int number = attempts.isEmpty() ? 1 : attempts.getLast().number() + 1;
            turn.record(step, Kind.Step, withoutInput(turn, number, missing));
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
                null);
    }
}
