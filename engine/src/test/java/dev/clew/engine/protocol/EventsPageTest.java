package dev.clew.engine.protocol;

import dev.clew.api.run.InterventionStatus;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.docs.Page;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EventsPageTest {
    @Test
    void the_events_on_the_page_are_those_of_the_code() throws IOException {
        var page = new StringBuilder("| reason | type | when |\n|---|---|---|\n");
        for (RunPhase phase : RunPhase.values()) {
            Tellings.between(WorkflowRunStatus.EMPTY, status(phase, "", List.of()))
                    .forEach(telling -> row(page, telling, "the run becomes " + phase));
        }
        var refused = new InterventionStatus("again", InterventionStatus.Result.Refused, "", Instant.EPOCH);
        Tellings.between(WorkflowRunStatus.EMPTY, status(null, "", List.of(refused)))
                .forEach(telling -> row(page, telling, "an intervention does not apply"));
        Tellings.between(WorkflowRunStatus.EMPTY, status(null, "not deleted after 5 s: …", List.of()))
                .forEach(telling ->
                        row(page, telling, "a run that GitOps would create again has `ttlSecondsAfterFinished`"));
        Page.STATUS.holds("events", page.toString());
    }

    private static void row(StringBuilder page, Cluster.Telling telling, String when) {
        page.append("| `")
                .append(telling.reason())
                .append("` | ")
                .append(telling.warning() ? "Warning" : "Normal")
                .append(" | ")
                .append(when)
                .append(" |\n");
    }

    private static WorkflowRunStatus status(
            @Nullable RunPhase phase, String message, List<InterventionStatus> interventions) {
        return new WorkflowRunStatus(
                null,
                phase,
                message,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                null,
                interventions,
                List.of());
    }
}
