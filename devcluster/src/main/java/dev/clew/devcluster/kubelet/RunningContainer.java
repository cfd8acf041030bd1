package dev.clew.devcluster.kubelet;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A container that has been started. */
interface RunningContainer {
    /** As in {@code containerID}. */
    String id();

    /** When it started. */
    Instant startedAt();

    /** Completed when its main process has ended; never exceptionally. */
    CompletableFuture<Exit> exit();

    /** Asks it to end (SIGTERM). */
    void terminate();

    /** Ends it (SIGKILL). */
    void kill();

    /**
     * Called once after {@link #exit()}: clears away what is left of it (other processes of its group) and gives its
     * termination message, already cut.
     */
    Optional<String> collect(Exit exit);

    /**
     * The end of a main process.
     *
     * @param because the reason, if it is not the usual one for the exit code
     */
    record Exit(int code, Instant at, Optional<String> because) {
        String reason() {
            return because.orElse(code == 0 ? "Completed" : "Error");
        }
    }
}
