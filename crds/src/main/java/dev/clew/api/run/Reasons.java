package dev.clew.api.run;

/**
 * Reasons that the status of runs and workflows shows; the names are part of the API. Beside them an attempt shows as its
 * reason what a kubelet says of a container that waits or has ended ({@code ImagePullBackOff}, {@code OOMKilled} and the like).
 */
public final class Reasons {
    /** A step failed and has no retries left. */
    public static final String STEP_FAILED = "StepFailed";

    /** A step was tried as often as any step may be, however the attempts ended. */
    public static final String TOO_MANY_ATTEMPTS = "TooManyAttempts";

    /** The run was deleted before it ended. */
    public static final String DELETED = "Deleted";

    /** A person set {@code desiredState: Cancelled}. */
    public static final String CANCELLED = "Cancelled";

    /** A person set {@code desiredState: RolledBack}. */
    public static final String ROLLED_BACK = "RolledBack";

    /** A person set {@code desiredState: Terminated}. */
    public static final String TERMINATED = "Terminated";

    /** A run that is past its pivot was cancelled: it can only be rolled back or given up. */
    public static final String PAST_PIVOT = "PastPivot";

    /** A running step was stopped because another one had failed. */
    public static final String SIBLING_FAILED = "SiblingFailed";

    /** The record of the run would not fit into one object. */
    public static final String TOO_LARGE = "TooLarge";

    /** The run turned back before the attempt had a pod. */
    public static final String FENCED = "Fenced";

    /** A person vouched that the process of the attempt has stopped. */
    public static final String ASSUMED_STOPPED = "AssumedStopped";

    /** The node of the attempt has been up long enough, or down for good: its process has ended, and how is unknown. */
    public static final String NODE_RESOLVED = "NodeResolved";

    /** A pod that was to end has not ended in time: its node does not answer. */
    public static final String NODE_UNREACHABLE = "NodeUnreachable";

    /** An intervention did not apply. */
    public static final String INTERVENTION_REFUSED = "InterventionRefused";

    /** A run is not deleted after its time, for GitOps would create and so run it again. */
    public static final String TTL_REFUSED = "TTLRefused";

    /** The status of a run cannot be read: written by a newer version, or by hand. It is left alone. */
    public static final String UNREADABLE = "Unreadable";

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

    /** The run was given up with its namespace, in which nothing can be undone; of the condition Compensated, in any way. */
    public static final String ABANDONED = "Abandoned";

    /** The program ended with an exit code other than 0. */
    public static final String EXIT_CODE = "ExitCode";

    /** An attempt took longer than its timeoutSeconds. */
    public static final String DEADLINE_EXCEEDED = "DeadlineExceeded";

    /** The program ended with 0, but while its pod was being deleted: its work may have been cut short. */
    public static final String INTERRUPTED = "Interrupted";

    /** The pod ended without ever having had a node. */
    public static final String NEVER_SCHEDULED = "NeverScheduled";

    /** The kubelet lost sight of the container: it may have run. */
    public static final String CONTAINER_STATUS_UNKNOWN = "ContainerStatusUnknown";

    /** The step succeeded without having written an output that it declares. */
    public static final String OUTPUT_MISSING = "OutputMissing";

    /** The step wrote more to {@code $CLEW_OUTPUT} than the kubelet surely keeps. */
    public static final String OUTPUT_TOO_LONG = "OutputTooLong";

    /** An output is not UTF-8. */
    public static final String OUTPUT_INVALID = "OutputInvalid";

    /** The API server refuses the pod or, for more than some seconds, fails at it, for the reason in the message. */
    public static final String CREATE_REFUSED = "CreateRefused";

    /** No pod can be made of what the workflow says. */
    public static final String POD_INVALID = "PodInvalid";

    /** There is no Workflow of the name that the run gives. */
    public static final String WORKFLOW_MISSING = "WorkflowMissing";

    /** The Workflow that the run names has errors. */
    public static final String WORKFLOW_INVALID = "WorkflowInvalid";

    /** A Workflow has errors and cannot be run. */
    public static final String INVALID = "Invalid";

    /** A Workflow can be run, and something in it is probably not meant. */
    public static final String VALID_WITH_WARNINGS = "ValidWithWarnings";

    private Reasons() {}
}
