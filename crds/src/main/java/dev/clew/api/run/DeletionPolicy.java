package dev.clew.api.run;

/** What deleting an unfinished run means. */
public enum DeletionPolicy {
    /** It is cancelled first; where that cannot be done it waits for a person. */
    Compensate,
    /** It is terminated: what runs is stopped, nothing is undone. */
    Abandon
}
