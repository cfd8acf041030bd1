package dev.clew.faults.plan;

/** What may befall a write. */
public enum WriteFault {
    /** The process is killed before the write is forwarded. */
    KILL_BEFORE("kill-before", true),
    /** The process is killed after the write is committed. */
    KILL_AFTER("kill-after", true),
    /** The process is killed before the write is forwarded, and the next one after its first write is committed. */
    KILL_BEFORE_TWICE("kill-before, then kill-after during recovery", true),
    /** The process is killed after the write is committed, and the next one before its first write is forwarded. */
    KILL_AFTER_TWICE("kill-after, then kill-before during recovery", true),
    /** The process is killed while the write is on its way, and the write arrives when the next one is at work. */
    KILL_AND_ARRIVE_LATE("kill-and-arrive-late", true),
    /** The write is committed, and its answer lost. */
    DROP_ANSWER("drop-answer", false),
    /** 409 Conflict, not committed. */
    CONFLICT("409", false),
    /** 429 with Retry-After, not committed. */
    TOO_MANY("429", false),
    /** 500, not committed. */
    ERROR("500", false),
    /** 504, though it was committed. */
    TIMEOUT_AFTER("504-after", false);

    private final String label;
    private final boolean kills;

    WriteFault(String label, boolean kills) {
        this.label = label;
        this.kills = kills;
    }

    /** Its name in the names of plans. */
    public String label() {
        return label;
    }

    /** Whether the write is committed, and only what follows disturbed. */
    public boolean commits() {
        return switch (this) {
            case KILL_AFTER, KILL_AFTER_TWICE, DROP_ANSWER, TIMEOUT_AFTER -> true;
            case KILL_BEFORE, KILL_BEFORE_TWICE, KILL_AND_ARRIVE_LATE, CONFLICT, TOO_MANY, ERROR -> false;
        };
    }

    /** Whether the next process is killed too, at its first write. */
    public boolean killsTwice() {
        return this == KILL_BEFORE_TWICE || this == KILL_AFTER_TWICE;
    }

    /** Whether the process is killed: then a plan needs one of its own. */
    public boolean kills() {
        return kills;
    }
}
