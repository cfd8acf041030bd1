package dev.clew.engine.run;

import dev.clew.api.run.WorkflowRunSpec;
import dev.clew.api.run.WorkflowRunStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A run as it was read.
 *
 * @param tracked whether it carries Clew's finalizer
 * @param deletionTime when its deletion was asked for, if it was
 */
public record RunView(
        String namespace,
        String name,
        String uid,
        String resourceVersion,
        long generation,
        boolean tracked,
        @Nullable Instant deletionTime,
        WorkflowRunSpec spec,
        WorkflowRunStatus status) {

    /** Whether it is being deleted. */
    public boolean deleting() {
        return deletionTime != null;
    }

    /** The same run with another status. */
    public RunView withStatus(WorkflowRunStatus other) {
        return new RunView(namespace, name, uid, resourceVersion, generation, tracked, deletionTime, spec, other);
    }
}
