package dev.clew.api.workflow;

/** When a step owes its compensation. */
public enum When {
    /** Once any attempt of the step may have had an effect, whether it succeeded or not. */
    Started,
    /** Only once the step succeeded. */
    Succeeded
}
