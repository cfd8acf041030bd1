package dev.clew.api.run;

/** What a person wants of a run. */
public enum DesiredState {
    /** It goes on. */
    Running,
    /** It starts no new attempt, forward or compensating; what runs, runs on. */
    Paused,
    /** It stops what runs, undoes what it owes and ends Cancelled, unless it has ended. */
    Cancelled,
    /** It undoes whatever was done, also after success or a pivot, and ends RolledBack. */
    RolledBack,
    /** It stops what runs, undoes nothing and ends Terminated, unless it has ended. */
    Terminated
}
