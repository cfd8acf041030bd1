package dev.clew.engine.run;

import dev.clew.api.Condition;
import dev.clew.api.run.CompensationPhase;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.RunCompensation;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.WorkflowRef;
import dev.clew.api.run.WorkflowRunSpec;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.docs.Page;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConditionsPageTest {
    private static final RunView RUN = new RunView(
            "shop",
            "order-42",
            "uid",
            "1",
            1,
            List.of(),
            null,
            new WorkflowRunSpec(new WorkflowRef("order"), null, List.of(), null, List.of(), null, null, null),
            WorkflowRunStatus.EMPTY,
            null,
            0);

    private final List<String> rows = new ArrayList<>();

    @Test
    void the_conditions_on_the_page_are_those_of_the_code() throws IOException {
        RunCompensation waiting = compensation(CompensationPhase.Waiting, null);
        RunCompensation failed = compensation(CompensationPhase.Failed, List.of("charge"));
        RunCompensation done = compensation(CompensationPhase.Succeeded, List.of("charge"));
        RunCompensation nothing = compensation(CompensationPhase.Succeeded, List.of());
        row("Pending", RunPhase.Pending, null, "");
        row("Running", RunPhase.Running, null, "");
        row("Paused", RunPhase.Paused, null, "");
        row("Paused, turned back", RunPhase.Paused, waiting, "");
        row("Compensating", RunPhase.Compensating, waiting, "");
        row("Stalled, on the way forward", RunPhase.Stalled, null, Reasons.STEP_FAILED);
        row("Stalled, a compensation failed", RunPhase.Stalled, failed, Reasons.COMPENSATION_FAILED);
        row("Succeeded", RunPhase.Succeeded, null, "");
        for (RunPhase end : List.of(RunPhase.Failed, RunPhase.Cancelled, RunPhase.RolledBack)) {
            row(end.name(), end, done, "");
            row(end + ", nothing was owed", end, nothing, "");
        }
        row("Terminated", RunPhase.Terminated, null, "");
        Page.STATUS.holds("conditions", String.join("", rows));
    }

    private static RunCompensation compensation(CompensationPhase phase, @Nullable List<String> plan) {
        return new RunCompensation(phase, Reasons.STEP_FAILED, plan, null, null);
    }

    private void row(String name, RunPhase phase, @Nullable RunCompensation compensation, String reason) {
        List<Condition> conditions =
                Conditions.of(RUN, phase, compensation, reason, "", Optional.empty(), Instant.EPOCH);
        if (rows.isEmpty()) {
            rows.add(conditions.stream().map(Condition::type).collect(Collectors.joining(" | ", "| phase | ", " |\n")));
            rows.add("|---".repeat(conditions.size() + 1) + "|\n");
        }
        rows.add(conditions.stream()
                .map(condition -> condition.status().name())
                .collect(Collectors.joining(" | ", "| " + name + " | ", " |\n")));
    }
}
