package dev.clew.faults.bench;

import java.time.Duration;

/** How long things may take. */
final class Timing {
    static final int REQUEST_SECONDS = 1;
    static final int API_SERVER_SECONDS = 2;

    /** The longest time that a request can be on its way, as the operators are told. */
    static final Duration MAX_IN_FLIGHT = Duration.ofSeconds(REQUEST_SECONDS + API_SERVER_SECONDS);

    /** After a kill, a run goes on so soon after the next operator is ready. */
    static final Duration RECOVERY = Duration.ofSeconds(5);

    private Timing() {}
}
