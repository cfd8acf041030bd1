package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records as a test wants them. */
final class Records {
    private Records() {}

    /** An attempt like another one that is over. */
    static Attempt closed(Attempt like, int number, AttemptState state, @Nullable String reason) {
        return new Attempt(
                number,
                state,
                like.startTime(),
                like.startTime(),
                reason,
                null,
                null,
                null,
                null,
                null,
                null,
                number == like.number() ? like.pod() : null);
    }

    /** The same status with other steps. */
    static WorkflowRunStatus with(WorkflowRunStatus old, StepStatus... steps) {
        return with(old, List.of(steps));
    }

    /** The same status with other steps. */
    static WorkflowRunStatus with(WorkflowRunStatus old, List<StepStatus> steps) {
        return new WorkflowRunStatus(
                old.observedGeneration(),
                old.phase(),
                old.message(),
                old.progress(),
                old.undone(),
                old.current(),
                old.intent(),
                old.workflow(),
                old.startTime(),
                old.completionTime(),
                old.deadline(),
                old.remainingSeconds(),
                steps,
                old.compensation(),
                old.interventions(),
                old.conditions());
    }
}
