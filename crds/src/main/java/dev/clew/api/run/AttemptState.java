package dev.clew.api.run;

/** Where an attempt is. */
public enum AttemptState {
    /** Recorded; its pod may not exist yet. */
    Claimed,
    /** Its container was seen running. */
    Running,
    /** Over: exit code 0, in time, with all outputs. */
    Succeeded,
    /** Over: anything else of which the end is known. */
    Failed,
    /** Over: proved never to have started. */
    NotStarted,
    /** Over: may have started, the outcome is unknown. Counts like Failed. */
    Lost;

    /** Whether the attempt is over. */
    public boolean isOver() {
        return switch (this) {
            case Claimed, Running -> false;
            case Succeeded, Failed, NotStarted, Lost -> true;
        };
    }
}
