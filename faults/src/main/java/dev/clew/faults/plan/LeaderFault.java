package dev.clew.faults.plan;

/** What may befall two operators. Each says what may come of it; nothing more may. */
public enum LeaderFault {
    /** The leader is killed at a write; the other one takes over when the Lease has run out. */
    KILLED("leader-killed", false),
    /**
     * The leader is stopped for longer than its Lease lasts with a create on its way, which arrives when the run has ended; then it
     * goes on. The admission policy refuses the create.
     */
    PAUSED_WITH_POLICY("leader-paused-with-policy", false),
    /**
     * The same without the policy. A pod that ended by itself stays, and takes the name. One that was stopped, because the run
     * was cancelled or deleted, is gone once it is released, and its name free: then a second pod starts for the attempt, after its
     * compensation, and nobody has a record of it. If the run is gone, the garbage collector deletes it, and it is released (if the
     * collector is quicker than the kubelet, it does not even start: the plan has the collector wait). If the run is still
     * there, it runs, and stays for as long as the run.
     */
    PAUSED_WITHOUT_POLICY("leader-paused-without-policy", true),
    /** With the policy, and the create arrives and the leader goes on as soon as the other one has the Lease, in the middle of the run. */
    PAUSED_AND_BACK("leader-paused-and-back", false),
    /** The leader's clock is 20 s behind: it stays the leader. */
    CLOCKS_APART("clocks-20s-apart", false),
    /** The leader's clock is 20 s ahead, and it is killed at a write: the other one takes over as soon as after any other leader. */
    CLOCK_AHEAD_KILLED("leader-killed-with-clock-20s-ahead", false),
    /** The leader can do all but renew its Lease: it ends while the other one must still wait, and that one finishes. */
    RENEWALS_CUT("leader-cannot-renew", false),
    /** Both act, by mistake. They meet in conflicts and in names that are taken; nothing starts twice. */
    NO_ELECTION("two-operators-without-election", false),
    /**
     * Both act, by mistake, and a create of one of them is on its way for longer than the other one's whole life of the run. As
     * without the policy: if the step was stopped meanwhile, a second pod starts for the attempt.
     */
    NO_ELECTION_LATE_CREATE("two-operators-without-election-late-create", true);

    private final String label;
    private final boolean spoilsStoppedSteps;

    LeaderFault(String label, boolean spoilsStoppedSteps) {
        this.label = label;
        this.spoilsStoppedSteps = spoilsStoppedSteps;
    }

    /** Its name in the names of plans. */
    public String label() {
        return label;
    }

    /** Whether the held attempt starts a second time then; that, as told above, is all that may happen, and it does. */
    public boolean startsTwice(Flow flow) {
        return spoilsStoppedSteps && (flow == Flow.CANCEL || flow == Flow.DELETION);
    }

    /** Whether a create arrives late. */
    public boolean lateCreate() {
        return this == PAUSED_WITH_POLICY
                || this == PAUSED_AND_BACK
                || this == PAUSED_WITHOUT_POLICY
                || this == NO_ELECTION_LATE_CREATE;
    }
}
