package dev.clew.devcluster.kubelet;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The state of one container, as its status tells it. */
sealed interface ContainerState {
    /** Not made yet. */
    record Waiting(String reason, Optional<String> message) implements ContainerState {}

    /** Its process runs. */
    record Running(String id, Instant startedAt) implements ContainerState {}

    /** Over. Id and times are absent for a container that could not be located. */
    record Terminated(
            int exitCode,
            String reason,
            Optional<String> message,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            @Nullable String id)
            implements ContainerState {

        /** What a kubelet writes for a container of which it finds no trace when the pod ends: 137 is invented. */
        static Terminated unknown() {
            return new Terminated(
                    137,
                    "ContainerStatusUnknown",
                    Optional.of("The container could not be located when the pod was terminated"),
                    null,
                    null,
                    null);
        }

        /** The program could not be executed; recorded with containerd: exit code 128, start at the epoch. */
        static Terminated startError(String id, String message, Instant at) {
            return new Terminated(128, "StartError", Optional.of(message), Instant.EPOCH, at, id);
        }

        boolean succeeded() {
            return exitCode == 0;
        }
    }
}
