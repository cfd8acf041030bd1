package dev.clew.api.run;

/** Where a step is; for display, derived from its attempts. */
public enum StepPhase {
    /** No attempt is open. */
    Pending,
    /** An attempt is open. */
    Running,
    /** An attempt succeeded. */
    Succeeded,
    /** No further attempt will be made, unless a person wants one. */
    Failed,
    /** Done without an attempt that succeeded: a person said so. */
    Skipped
}
