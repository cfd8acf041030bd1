package dev.clew.api.run;

/** What was asked of a run, in rising order. */
public enum IntentState {
    /** Stop what runs, undo what was started. */
    Cancelled,
    /** Undo whatever was done, also after success or a pivot. */
    RolledBack,
    /** Stop what runs, undo nothing. */
    Terminated
}
