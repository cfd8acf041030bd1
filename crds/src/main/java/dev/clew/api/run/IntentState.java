package dev.clew.api.run;

/** What was asked of a run, in rising order. */
public enum IntentState {
    /** Stop what runs, undo what was started. */
    Cancelled
}
