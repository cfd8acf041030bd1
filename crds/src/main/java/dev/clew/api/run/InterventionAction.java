package dev.clew.api.run;

/** What a person can do to a run. */
public enum InterventionAction {
    /** Of a stalled run: a step gets fresh retries. */
    RetryStep,
    /** A failed step of a stalled run, or one that has not begun, is done without an attempt. */
    SkipStep,
    /** A compensation that has used up its retries gets fresh ones. */
    RetryCompensation,
    /** A compensation is done without an attempt. */
    SkipCompensation,
    /** The person vouches that the process of a pod has stopped. */
    AssumeStopped
}
