package dev.clew.engine.protocol;

import dev.clew.api.run.RunPhase;
import dev.clew.api.run.WorkflowRunStatus;
import java.util.List;
import java.util.Objects;

/** The events of a run: what a person would want to be told. One for a run that goes well. */
final class Tellings {
    private Tellings() {}

    static List<Cluster.Telling> between(WorkflowRunStatus before, WorkflowRunStatus after) {
        RunPhase phase = after.phase();
        if (phase == null || phase == before.phase()) {
            return List.of();
        }
        String message = Objects.requireNonNullElse(after.message(), "");
        return switch (phase) {
            case Running -> List.of();
            case Succeeded -> List.of(new Cluster.Telling(false, phase.name(), message));
            case Pending, Compensating, Stalled, Failed, Cancelled, Terminated ->
                List.of(new Cluster.Telling(true, phase.name(), message));
        };
    }
}
