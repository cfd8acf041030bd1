package dev.clew.faults.plan;

/** What may become of the create of a claimed attempt while its run turns back. */
public enum FenceFault {
    /** It is refused until the run has turned back. */
    REFUSED("turned-back-create-refused", false),
    /** It arrives once the run has turned back, before the name is reserved. */
    ARRIVES_BEFORE("turned-back-create-arrives-before-reservation", false),
    /** It arrives once the name is reserved. */
    ARRIVES_AFTER("turned-back-create-arrives-after-reservation", false),
    /** It is refused, and the process is killed after it has reserved the name. */
    KILLED_AT_RESERVATION("turned-back-killed-after-reservation", false),
    /** The process is killed before it is sent, and the end is asked for while none is there. */
    KILLED("turned-back-while-killed", true),
    /** The same with the create on its way; it arrives when the next process is at work. */
    KILLED_ARRIVES_LATE("turned-back-while-killed-create-arrives-late", true);

    private final String label;
    private final boolean kills;

    FenceFault(String label, boolean kills) {
        this.label = label;
        this.kills = kills;
    }

    /** Its name in the names of plans. */
    public String label() {
        return label;
    }

    /** Whether the process is killed at the create. */
    public boolean kills() {
        return kills;
    }

    /** Whether the create may arrive after the run has turned back. */
    public boolean arrives() {
        return this == ARRIVES_BEFORE || this == ARRIVES_AFTER || this == KILLED_ARRIVES_LATE;
    }
}
