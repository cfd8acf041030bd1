package dev.clew.faults.plan;

/** What is done to which run. Its name says all of it, and does it again. */
public sealed interface Plan {
    Flow flow();

    /** The row of the table that it counts in. */
    String faultClass();

    /** What it happens to, as the flow knows it. */
    String where();

    /** {@code flow/where/fault class}. */
    default String name() {
        return flow().label() + "/" + where() + "/" + faultClass();
    }

    /** A write meets a fault. */
    record OnWrite(Flow flow, String write, WriteFault fault) implements Plan {
        @Override
        public String faultClass() {
            return fault.label();
        }

        @Override
        public String where() {
            return write;
        }
    }

    /**
     * The watch of a resource meets a fault.
     *
     * @param resource pods, workflowruns, workflows, or all
     * @param event at which, from 1; 0 where it makes no difference
     */
    record OnWatch(Flow flow, String resource, int event, WatchFault fault) implements Plan {
        @Override
        public String faultClass() {
            return fault.label();
        }

        @Override
        public String where() {
            return "watch " + resource + (fault.atEvent() ? " event " + event : "");
        }
    }

    /**
     * The process is killed after a write is committed; the next one's first lists are old, and its watches tell it nothing
     * newer for 5 s.
     *
     * @param oldest whether the lists are from when the run had just been claimed; else from just before the write
     */
    record StaleStart(Flow flow, String write, boolean oldest) implements Plan {
        @Override
        public String faultClass() {
            return oldest ? "stale-first-list-from-the-first-claim" : "stale-first-list";
        }

        @Override
        public String where() {
            return write;
        }
    }

    /** The API server has a fault when a write arrives. */
    record OnServer(Flow flow, String write, ServerFault fault) implements Plan {
        @Override
        public String faultClass() {
            return fault.label();
        }

        @Override
        public String where() {
            return write;
        }
    }

    /** The run turns back while an attempt is claimed whose pod is not there. */
    record OnFence(Flow flow, FenceFault fault) implements Plan {
        @Override
        public String faultClass() {
            return fault.label();
        }

        @Override
        public String where() {
            return "create charge 1";
        }
    }

    /** Two operators. */
    record OnLeaders(Flow flow, LeaderFault fault) implements Plan {
        @Override
        public String faultClass() {
            return fault.label();
        }

        @Override
        public String where() {
            return switch (fault) {
                case KILLED,
                        CLOCK_AHEAD_KILLED,
                        PAUSED_WITH_POLICY,
                        PAUSED_AND_BACK,
                        PAUSED_WITHOUT_POLICY,
                        NO_ELECTION_LATE_CREATE -> "create charge 1";
                case RENEWALS_CUT -> "finalizer on";
                case CLOCKS_APART, NO_ELECTION -> "two operators";
            };
        }
    }
}
