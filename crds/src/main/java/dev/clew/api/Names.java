package dev.clew.api;

/** Keys that Clew writes on objects, and patterns of names, each in one place. */
public final class Names {
    /** The finalizer on a run: what is owed is undone before the run may go. */
    public static final String RUN_FINALIZER = "clew.dev/run";

    /** The finalizer on a pod: its outcome is recorded before it may go. */
    public static final String POD_FINALIZER = "clew.dev/tracking";

    /** Prefix of all label and annotation keys of Clew; reserved. */
    public static final String KEY_PREFIX = "clew.dev/";

    /** Prefix of the environment variables that Clew sets; reserved. */
    public static final String ENV_PREFIX = "CLEW_";

    /** Label: name of the run that a pod belongs to. */
    public static final String RUN_LABEL = "clew.dev/run";

    /** Label: UID of the run that a pod belongs to. */
    public static final String RUN_UID_LABEL = "clew.dev/run-uid";

    /** Label: name of the step that a pod belongs to. */
    public static final String STEP_LABEL = "clew.dev/step";

    /** Label: number of the attempt, from 1. */
    public static final String ATTEMPT_LABEL = "clew.dev/attempt";

    /** Annotation: run UID, step, kind and number of the attempt that a pod is. */
    public static final String ATTEMPT_ANNOTATION = "clew.dev/attempt";

    /** Annotation of a pod that only takes a name, and name of the scheduling gate that holds it. */
    public static final String RESERVATION_ANNOTATION = "clew.dev/reservation";

    /** Annotation of pods: the identity of the process that created it. */
    public static final String LEADER_ANNOTATION = "clew.dev/leader";

    /** With what the name of an admission policy ends that refuses pods of processes that do not lead. */
    public static final String LEADER_POLICY_SUFFIX = "leader.clew.dev";

    /** Label that says who made a pod. */
    public static final String MANAGED_BY_LABEL = "app.kubernetes.io/managed-by";

    /** Value of {@link #MANAGED_BY_LABEL}. */
    public static final String MANAGED_BY = "clew";

    /** Label that tells a step's pod from a compensation's. */
    public static final String COMPONENT_LABEL = "app.kubernetes.io/component";

    /** A DNS label (RFC 1123): what a step, a volume and the like may be called. */
    public static final String DNS_LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

    /** A DNS subdomain (RFC 1123): what most Kubernetes objects may be called. */
    public static final String DNS_SUBDOMAIN = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

    /** What a parameter or an output may be called. */
    public static final String IDENTIFIER = "^[A-Za-z_][A-Za-z0-9_-]*$";

    /** What an environment variable may be called: printable ASCII without "=" (the rule of Kubernetes 1.34). */
    public static final String ENV_NAME = "^[ -<>-~]+$";

    /** A key of a Secret or ConfigMap. */
    public static final String CONFIG_KEY = "^[-._a-zA-Z0-9]+$";

    private Names() {}
}
