package dev.clew.api.workflow;

/** What a failed attempt means. */
public enum FailureAction {
    /** It uses up a retry. */
    Count,
    /** It is tried again and uses up no retry. */
    Ignore,
    /** No further attempt is made. */
    Fail,
    /** No further attempt is made, and this attempt had no effect: by itself it owes no compensation. */
    FailWithoutEffect
}
