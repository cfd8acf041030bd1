package dev.clew.api.container;

/** Where the termination message comes from. */
public enum TerminationMessagePolicy {
    /** From the file only. */
    File,
    /** From the end of the log if the file is empty and the container failed. */
    FallbackToLogsOnError
}
