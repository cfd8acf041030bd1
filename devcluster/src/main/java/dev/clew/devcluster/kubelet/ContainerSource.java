package dev.clew.devcluster.kubelet;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;

/** Where the containers of a pod come from: processes, or a script. */
interface ContainerSource {
    /** Tries to start a container. */
    Start start(Pod pod, Container container, int attempt) throws InterruptedException;

    /** Whether a version with {@code ContainerCreating} is written before the containers start. */
    boolean announcesCreation();

    /** Between acceptance and start. */
    Duration startDelay();

    /** Between the version with the terminated containers and the terminal phase; zero: one version for both. */
    Duration terminalDelay();

    /** What came of a try to start a container. */
    sealed interface Start {
        /** It runs. */
        record Started(RunningContainer container) implements Start {}

        /** It was made, but its program could not be executed. */
        record Failed(String id, String message) implements Start {}

        /** It could not be made; it waits, and is tried again. */
        record NotCreated(String reason, String message) implements Start {}
    }
}
