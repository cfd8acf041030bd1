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
}
