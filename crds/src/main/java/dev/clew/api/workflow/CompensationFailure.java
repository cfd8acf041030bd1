package dev.clew.api.workflow;

/** What happens to the other compensations when one has used up its retries. */
public enum CompensationFailure {
    /** They wait until a person has dealt with it. */
    Stop,
    /** They are run all the same. */
    Continue
}
