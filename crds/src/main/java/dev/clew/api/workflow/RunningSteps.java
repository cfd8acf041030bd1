package dev.clew.api.workflow;

/** What happens to running steps when another one has failed for good. */
public enum RunningSteps {
    /** They may end by themselves. */
    Finish,
    /** They are stopped, with their grace period. */
    Stop
}
