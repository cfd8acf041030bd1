package dev.clew.api.workflow;

/** What happens when a step has failed for good. */
public enum OnFailure {
    /** The run turns back and undoes what it owes. */
    Compensate,
    /** The run stops where it is and waits for a person. */
    Stall
}
