package dev.clew.operator.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.run.GitOps;
import dev.clew.engine.run.RunView;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/** A run as the engine sees it. */
final class RunViews {
    private static final ObjectMapper JSON = new ObjectMapper();

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
                Objects.requireNonNullElse(run.getStatus(), WorkflowRunStatus.EMPTY),
                GitOps.tool(
                        Objects.requireNonNullElse(meta.getLabels(), Map.of()),
                        Objects.requireNonNullElse(meta.getAnnotations(), Map.of())),
                bytes(meta) + bytes(run.getSpec()));
    }

    /** Size as JSON. */
    private static int bytes(Object part) {
        try (var counting = new CountingOutputStream()) {
            JSON.writeValue(counting, part);
            return counting.count;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class CountingOutputStream extends OutputStream {
        private int count;

        @Override
        public void write(int b) {
            count++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            count += length;
        }
    }
}
