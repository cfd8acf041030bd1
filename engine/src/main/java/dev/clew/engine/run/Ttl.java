package dev.clew.engine.run;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Deletes a run some time after its end, unless a GitOps tool would create it again, which would run it again. */
public final class Ttl {
    /** With these words a run says that it is not deleted after its time. */
    private static final String NOT_DELETED = "not deleted after ";

    private Ttl() {}

    /** Plans the deletion of a run that has ended and has been let go, or is now: nothing else calls for a look then. */
    static void plan(Turn turn) {
        boolean letGoNow = turn.actions.contains(new Action.LetGo());
        boolean over = turn.end != null
                && (!turn.run.tracked() || letGoNow)
                && !turn.run.deleting()
                && !Intents.revives(turn.run);
        @Nullable Integer seconds = seconds(turn);
        if (!over || seconds == null || turn.run.gitOps() != null || turn.mustRead()) {
            return;
        }
        Instant due = Objects.requireNonNullElse(turn.run.status().completionTime(), turn.now)
                .plusSeconds(seconds);
        if (turn.now.isBefore(due) || letGoNow) {
            turn.wakeAt(due);
        } else {
            turn.actions.add(new Action.DeleteRun());
        }
    }

    private static @Nullable Integer seconds(Turn turn) {
        Integer own = turn.run.spec().ttlSecondsAfterFinished();
        return own == null ? turn.definition.spec().ttlSecondsAfterFinished() : own;
    }

    /** The part of a run's message that says that its time is not heeded, if it says so. */
    public static Optional<String> refused(@Nullable String message) {
        if (message == null) {
            return Optional.empty();
        }
        int at = message.lastIndexOf(NOT_DELETED);
        return at < 0 ? Optional.empty() : Optional.of(message.substring(at));
    }

    /** What a run says whose time is not heeded. */
    static Optional<String> refusal(Turn turn) {
        String tool = turn.run.gitOps();
        Integer seconds = seconds(turn);
        return tool == null || seconds == null
                ? Optional.empty()
                : Optional.of(
                        NOT_DELETED + seconds + " s: " + tool + " would create the run again, and so run it again;"
                                + " take the run out of Git to delete it, or remove ttlSecondsAfterFinished");
    }
}
