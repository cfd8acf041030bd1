package dev.clew.engine.pod;

/** What an attempt does. */
public enum Kind {
    /** Goes forward. */
    Step,
    /** Undoes. */
    Compensation
}
