package dev.clew.engine.protocol;

import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.run.DefinitionSeen;
import dev.clew.engine.run.NodeSeen;
import dev.clew.engine.run.RunView;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * All that the loop asks of a cluster. In production the Kubernetes API; in simulations whatever can go wrong with one.
 * A request that fails for a passing reason throws; the pass is then repeated later from the start.
 */
public interface Cluster {
    /** What a create came to. */
    sealed interface Created {
        /** The pod is there, and this request made it. */
        record Made(PodFacts pod) implements Created {}

        /** A pod of that name is there already. */
        record Exists() implements Created {}

        /** The namespace is being deleted: nothing can be created in it any more. */
        record NamespaceTerminating() implements Created {}

        /** Refused for another reason, which may pass. */
        record Refused(String reason, String message) implements Created {}

        /** The API server failed at it, or did not answer: because of a webhook, for instance. It may have made the pod. */
        record Failed(String message) implements Created {}
    }

    /** Something for the run's events. */
    record Telling(boolean warning, String reason, String message) {}

    /** The status that a write was based on is no longer current; nothing was written. */
    final class StaleException extends Exception {
        /** With the reason in words. */
        public StaleException(String message) {
            super(message);
        }
    }

    /** The API server has answered a create with a refusal that passes by itself (a conflict, too many requests). */
    final class PassingRefusalException extends RuntimeException {
        /** With the answer in words. */
        public PassingRefusalException(String message) {
            super(message);
        }
    }

    /** The API server has failed at a create, which may be done all the same. */
    final class CreateFailedException extends RuntimeException {
        /** With the answer in words. */
        public CreateFailedException(String message) {
            super(message);
        }
    }

    /** The present time. */
    Instant now();

    /** What a run works on: of a run that has begun its revision, else what it refers to, as cached. */
    DefinitionSeen definition(RunView run);

    /** Makes sure, live, that the revision named in the definition exists with its content. */
    void ensureRevision(RunView run, DefinitionSeen.Usable definition);

    /** The run as it is now by a quorum read; empty if it is gone. */
    Optional<RunView> readRun(RunView run);

    /** Puts Clew's finalizer on a run, by compare-and-swap. */
    RunView addFinalizer(RunView run) throws StaleException;

    /** Takes Clew's finalizer off a run, by compare-and-swap. */
    void removeFinalizer(RunView run) throws StaleException;

    /** Writes a status by compare-and-swap, and returns the run as it then is. */
    RunView writeStatus(RunView run, WorkflowRunStatus status) throws StaleException;

    /** The pods of a run by name, as cached. */
    Map<String, PodFacts> cachedPods(RunView run);

    /** A pod as it is now; empty if there is none. */
    Optional<PodFacts> readPod(String namespace, String name);

    /** A node as it is now. */
    NodeSeen readNode(String name);

    /**
     * Deletes a run, if it is still exactly this one.
     *
     * @throws StaleException if it has changed
     */
    void deleteRun(RunView run) throws StaleException;

    /** Whether the namespace is being deleted, read live; false if that may not be read. */
    boolean isTerminating(String namespace);

    /**
     * Creates a pod.
     *
     * @throws PassingRefusalException if it was refused for a reason that passes; any other exception means that there was no
     *     answer
     */
    Created create(Pod pod);

    /** Deletes a pod with its own grace period, if it is still the one with that UID. */
    void delete(String namespace, String name, String uid);

    /**
     * Takes Clew's finalizer off a pod, if it is still the one with that UID.
     *
     * @return the pod as it then is; empty if it is gone or another one
     */
    Optional<PodFacts> release(String namespace, String name, String uid);

    /** Tells people; may be lost. */
    void tell(RunView run, Telling telling);

    /** Does several things at the same time, as far as the bound on requests allows, and waits for all of them. */
    <T> List<T> inParallel(List<Callable<T>> tasks);
}
