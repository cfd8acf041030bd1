package dev.clew.engine.run;

import dev.clew.api.run.DeletionPolicy;
import dev.clew.api.run.Intent;
import dev.clew.api.run.IntentState;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.RunPhase;
import java.util.Optional;

/** What was asked of a run. It only rises; the highest that was seen is recorded and names the end. */
final class Intents {
    private Intents() {}

    /** Records what is asked, if it is more than was asked before and can have an effect. */
    static void note(Turn turn) {
        wanted(turn.run).filter(intent -> rises(turn, intent.state())).ifPresent(intent -> {
            turn.decide();
            turn.intent = new Intent(intent.state(), intent.reason(), turn.now);
            turn.end = null;
        });
    }

    /** Whether a run that has ended is to be undone all the same. */
    static boolean revives(RunView run) {
        return run.status().phase() == RunPhase.Succeeded
                && asked(run).filter(state -> state == IntentState.RolledBack).isPresent();
    }

    private record Wanted(IntentState state, String reason) {}

    private static boolean rises(Turn turn, IntentState state) {
        if (turn.end != null) {
            return revives(turn.run) && turn.run.tracked();
        }
        return turn.intent == null || turn.intent.state().compareTo(state) < 0;
    }

    private static Optional<IntentState> asked(RunView run) {
        return switch (run.spec().desiredStateOrDefault()) {
            case Running, Paused -> Optional.empty();
            case Cancelled -> Optional.of(IntentState.Cancelled);
            case RolledBack -> Optional.of(IntentState.RolledBack);
            case Terminated -> Optional.of(IntentState.Terminated);
        };
    }

    /** The higher of what the spec asks and what its deletion means. */
    private static Optional<Wanted> wanted(RunView run) {
        Optional<Wanted> asked = asked(run).map(state -> new Wanted(state, reason(state)));
        if (!run.deleting()) {
            return asked;
        }
        var deleted = new Wanted(
                run.spec().deletionPolicy() == DeletionPolicy.Abandon ? IntentState.Terminated : IntentState.Cancelled,
                Reasons.DELETED);
        return asked.filter(wanted -> wanted.state().compareTo(deleted.state()) >= 0)
                .or(() -> Optional.of(deleted));
    }

    /** Of a run that has not begun: how it ends at once. */
    static Optional<RunPhase> endsBeforeItBegins(RunView run) {
        return asked(run).map(Intents::end);
    }

    private static String reason(IntentState state) {
        return switch (state) {
            case Cancelled -> Reasons.CANCELLED;
            case RolledBack -> Reasons.ROLLED_BACK;
            case Terminated -> Reasons.TERMINATED;
        };
    }

    /** The end that an intent names. */
    static RunPhase end(IntentState state) {
        return switch (state) {
            case Cancelled -> RunPhase.Cancelled;
            case RolledBack -> RunPhase.RolledBack;
            case Terminated -> RunPhase.Terminated;
        };
    }
}
