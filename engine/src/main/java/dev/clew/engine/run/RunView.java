package dev.clew.engine.run;

import dev.clew.api.Names;
import dev.clew.api.run.WorkflowRunSpec;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.pod.PodOwner;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A run as it was read.
 *
 * @param finalizers all its finalizers, in order
 * @param deletionTime when its deletion was asked for, if it was
 * @param gitOps the GitOps tool that would create the run again if it were deleted, if there is one
 * @param otherBytes bytes of the stored object beside its status
 */
public record RunView(
        String namespace,
        String name,
        String uid,
        String resourceVersion,
        long generation,
        List<String> finalizers,
        @Nullable Instant deletionTime,
        WorkflowRunSpec spec,
        WorkflowRunStatus status,
        @Nullable String gitOps,
        int otherBytes) {

    public RunView {
        finalizers = List.copyOf(finalizers);
    }

    /** Whether it carries Clew's finalizer. */
    public boolean tracked() {
        return finalizers.contains(Names.RUN_FINALIZER);
    }

    /** Whether it is being deleted. */
    public boolean deleting() {
        return deletionTime != null;
    }

    /** What its pods are made with. */
    public PodOwner owner() {
        return new PodOwner(namespace, name, uid, deleting(), Objects.requireNonNullElse(spec.idempotencyKey(), uid));
    }

    /** The same run with another status. */
    public RunView withStatus(WorkflowRunStatus other) {
        return new RunView(
                namespace,
                name,
                uid,
                resourceVersion,
                generation,
                finalizers,
                deletionTime,
                spec,
                other,
                gitOps,
                otherBytes);
    }
}
