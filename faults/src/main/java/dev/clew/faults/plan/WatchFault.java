package dev.clew.faults.plan;

/** What may befall a watch. */
public enum WatchFault {
    /** It is cut at an event. */
    CUT("watch-cut", true),
    /** At an event the API server says 410 Gone. */
    GONE("watch-410", true),
    /** The first attempts are answered 429. */
    REFUSED("watch-refused", false),
    /** From an event on nothing comes for 8 s, then it is cut. */
    SILENT("watch-silent", true),
    /** From an event on nothing comes any more, and nothing is cut. */
    HALF_OPEN("watch-half-open", true),
    /** Every event comes 3 s late. */
    DELAYED("watch-delayed", false),
    /** Every event comes twice. */
    TWICE("watch-duplicated", false),
    /** After every event the one before it of the same object comes again. */
    OLD("watch-old-events", false);

    private final String label;
    private final boolean atEvent;

    WatchFault(String label, boolean atEvent) {
        this.label = label;
        this.atEvent = atEvent;
    }

    /** Its name in the names of plans. */
    public String label() {
        return label;
    }

    /** Whether it begins at a certain event. */
    public boolean atEvent() {
        return atEvent;
    }
}
