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
        RunView run = turn.run;
        boolean abandoned = run.deleting() && run.spec().deletionPolicy() == DeletionPolicy.Abandon;
        Optional<Wanted> wanted = asked(run)
                .filter(state -> !abandoned || state == IntentState.Terminated)
                .map(state -> new Wanted(state, reason(state)))
                .or(() -> abandoned
                        ? Optional.of(new Wanted(IntentState.Terminated, Reasons.DELETED))
                        : Optional.empty());
        wanted.ifPresent(intent -> note(turn, intent));
    }

    /**
     * Deleting a run is cancelling it. But one that is stalled on its way forward is not undone because it is deleted: that is
     * for a person to say.
     */
    static void noteDeletion(Turn turn) {
        boolean waits = turn.intent == null
                && !turn.turnedBack()
                && turn.stallsOnFailure()
                && (new Undoing(turn).hasFailed() || isStalledForItsSize(turn.run));
        if (turn.run.deleting() && !waits) {
            note(turn, new Wanted(IntentState.Cancelled, Reasons.DELETED));
        }
    }

    private static boolean isStalledForItsSize(RunView run) {
        return run.status().phase() == RunPhase.Stalled
                && run.status().conditions().stream()
                        .anyMatch(condition -> condition.type().equals("Stalled")
                                && condition.reason().equals(Reasons.TOO_LARGE));
    }

    private static void note(Turn turn, Wanted wanted) {
        if (rises(turn, wanted.state())) {
            turn.decide();
            turn.intent = new Intent(wanted.state(), wanted.reason(), turn.now);
            turn.end = null;
        }
    }

    /** Whether a run that has ended is to be undone all the same. */
    static boolean revives(RunView run) {
        return run.status().phase() == RunPhase.Succeeded
                && asked(run).filter(state -> state == IntentState.RolledBack).isPresent();
    }

    private record Wanted(IntentState state, String reason) {}

    private static boolean rises(Turn turn, IntentState state) {
        if (turn.end != null) {
            return state == IntentState.RolledBack && revives(turn.run) && turn.run.tracked();
        }
        return turn.intent == null || turn.intent.state().compareTo(state) < 0;
    }

    static Optional<IntentState> asked(RunView run) {
        return switch (run.spec().desiredStateOrDefault()) {
            case Running, Paused -> Optional.empty();
            case Cancelled -> Optional.of(IntentState.Cancelled);
            case RolledBack -> Optional.of(IntentState.RolledBack);
            case Terminated -> Optional.of(IntentState.Terminated);
        };
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
