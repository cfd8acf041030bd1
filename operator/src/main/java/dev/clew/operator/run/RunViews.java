package dev.clew.operator.run;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.run.RunView;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.time.Instant;
import java.util.Objects;

/** A run as the engine sees it. */
final class RunViews {
    private RunViews() {}

    static RunView of(WorkflowRun run) {
        ObjectMeta meta = run.getMetadata();
        String deleted = meta.getDeletionTimestamp();
        return new RunView(
                meta.getNamespace(),
                meta.getName(),
                meta.getUid(),
                meta.getResourceVersion(),
                Objects.requireNonNullElse(meta.getGeneration(), 0L),
                meta.getFinalizers(),
                deleted == null ? null : Instant.parse(deleted),
                run.getSpec(),
                Objects.requireNonNullElse(run.getStatus(), WorkflowRunStatus.EMPTY));
    }
}
