package dev.clew.api.run;

/** Where the compensation of a run or of a step is. */
public enum CompensationPhase {
    /** Turned back; forward attempts are not over yet. Only of a run. */
    Waiting,
    /** Owed, not begun. Only of a step. */
    Pending,
    /** Begun. */
    Running,
    /** Done. */
    Succeeded,
    /** Used up its retries: waits for a person. */
    Failed,
    /** Done without an attempt that succeeded: a person said so. Only of a step. */
    Skipped
}
