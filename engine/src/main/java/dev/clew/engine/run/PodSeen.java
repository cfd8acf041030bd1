package dev.clew.engine.run;

import dev.clew.engine.pod.PodFacts;
import java.time.Instant;

/** What was seen under the name of an attempt's pod. */
public sealed interface PodSeen {
    /** Whether it was read live in this pass; what comes from a cache may be old. */
    boolean live();

    /** A pod of that name. */
    record Present(PodFacts facts, boolean live) implements PodSeen {}

    /** No pod of that name; from a cache that decides nothing. */
    record Absent(boolean live) implements PodSeen {}

    /**
     * There is none, and the API server refused to create one.
     *
     * @param reason one word
     * @param message what the API server said
     * @param lookedAt when it was read live that there is none
     * @param firstTried when this process first tried to create it
     */
    record Refused(String reason, String message, Instant lookedAt, Instant firstTried) implements PodSeen {
        @Override
        public boolean live() {
            return true;
        }
    }
}
