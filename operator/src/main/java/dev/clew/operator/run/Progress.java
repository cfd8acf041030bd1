package dev.clew.operator.run;

import dev.clew.api.Condition;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Logs what a status write says that is new: how attempts ended, and where the run is. Counts how runs end. */
final class Progress {
    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

    private final MeterRegistry metrics;

    Progress(MeterRegistry metrics) {
        this.metrics = metrics;
    }

    void tell(WorkflowRunStatus before, WorkflowRunStatus after) {
        for (int i = 0; i < after.steps().size(); i++) {
            StepStatus now = after.steps().get(i);
            StepStatus old = i < before.steps().size() ? before.steps().get(i) : null;
            if (now.equals(old)) {
                continue;
            }
            try (var step = MDC.putCloseable("step", now.name())) {
                attempts("attempt", old == null ? List.of() : old.attempts(), now.attempts());
                attempts("compensation attempt", undoing(old), undoing(now));
            }
        }
        RunPhase phase = after.phase();
        if (phase != null && phase != before.phase()) {
            LOG.info("{}: {}", phase, after.message());
            if (phase.isEnd()) {
                metrics.counter("clew.runs.ended", "phase", phase.name(), "cause", cause(after))
                        .increment();
            }
        }
    }

    /** Why a run did not simply succeed: few words, fit for a label. */
    private static String cause(WorkflowRunStatus status) {
        return status.conditions().stream()
                .filter(condition -> condition.type().equals("Succeeded"))
                .map(Condition::reason)
                .findFirst()
                .orElse("");
    }

    private static List<Attempt> undoing(@Nullable StepStatus step) {
        return step == null || step.compensation() == null
                ? List.of()
                : step.compensation().attempts();
    }

    private static void attempts(String what, List<Attempt> before, List<Attempt> after) {
        for (Attempt attempt : after) {
            boolean known =
                    before.stream().anyMatch(old -> old.number() == attempt.number() && old.over() == attempt.over());
            if (!known && attempt.over()) {
                LOG.info(
                        "{} {}: {}{}",
                        what,
                        attempt.number(),
                        attempt.state(),
                        attempt.message() == null ? "" : ", " + attempt.message());
            }
        }
    }
}
