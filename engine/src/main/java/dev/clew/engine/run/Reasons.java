package dev.clew.engine.run;

/** Reasons that status shows and that decisions rest on. The names are part of the API. */
public final class Reasons {
    /** A step failed and has no retries left. */
    public static final String STEP_FAILED = "StepFailed";

    /** A step was tried as often as any step may be, however the attempts ended. */
    public static final String TOO_MANY_ATTEMPTS = "TooManyAttempts";

    /** The run was deleted before it ended. */
    public static final String DELETED = "Deleted";

    /** The time of the run was up. */
    public static final String RUN_TIMEOUT = "RunTimeout";

    /** An attempt had no started container in time. */
    public static final String START_TIMEOUT = "StartTimeout";

    /** The deletion of the run ended a compensation's pod; does not count against the compensation. */
    public static final String RUN_DELETED = "RunDeleted";

    /** A step refers to an output that does not exist. */
    public static final String INPUT_MISSING = "InputMissing";

    /** A foreign pod bears the name of the attempt's pod. */
    public static final String NAME_CONFLICT = "NameConflict";

    /** It cannot be told whether the process of an attempt has ended. */
    public static final String IN_DOUBT = "InDoubt";

    /** A compensation used up its retries. */
    public static final String COMPENSATION_FAILED = "CompensationFailed";

    /** What the run itself says is wrong. */
    public static final String INVALID_SPEC = "InvalidSpec";

    /** The definition that the run works on is gone. */
    public static final String REVISION_MISSING = "RevisionMissing";

    /** The namespace is being deleted: nothing can be undone in it. */
    public static final String ABANDONED = "Abandoned";

    private Reasons() {}
}
