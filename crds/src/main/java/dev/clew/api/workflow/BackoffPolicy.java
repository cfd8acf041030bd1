package dev.clew.api.workflow;

/** How the wait between two attempts grows. */
public enum BackoffPolicy {
    /** Doubles after each failure, up to the maximum. */
    Exponential,
    /** Stays the same. */
    Constant
}
