package dev.clew.api.run;

/** Where a run is; for display, derived from the rest of the status. The conditions are the API. */
public enum RunPhase {
    /** Not begun, for the reason in the message. */
    Pending,
    /** Going forward. */
    Running,
    /** Starts no new attempt until it is resumed. */
    Paused,
    /** Turned back: waiting for what still runs, or undoing. */
    Compensating,
    /** Waits for a person. */
    Stalled,
    /** End: every step took effect. */
    Succeeded,
    /** End: a step failed and all that was owed is undone; or the run was invalid. */
    Failed,
    /** End: cancelled, and all that was owed is undone. */
    Cancelled,
    /** End: rolled back, and all that was owed is undone. */
    RolledBack,
    /** End: given up, nothing was undone. */
    Terminated;

    /** Whether the run has ended. */
    public boolean isEnd() {
        return switch (this) {
            case Pending, Running, Paused, Compensating, Stalled -> false;
            case Succeeded, Failed, Cancelled, RolledBack, Terminated -> true;
        };
    }
}
