package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.CompensationPhase;
import dev.clew.api.run.RunCompensation;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepCompensation;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.api.workflow.Step;
import dev.clew.engine.workflow.Definition;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What no record of Clew's ever says. A record that says it was written by somebody else: whatever was decided on it, something
 * could run that must not.
 */
final class Contradictions {
    private Contradictions() {}

    /** The first one that is found in the record of a run that has begun. */
    static Optional<String> in(WorkflowRunStatus status, @Nullable Definition definition) {
        List<String> names = status.steps().stream().map(StepStatus::name).toList();
        List<String> defined = definition == null
                ? names
                : definition.spec().steps().stream().map(Step::name).toList();
        if (!names.equals(defined)) {
            return Optional.of("status.steps: " + difference(names, defined));
        }
        return status.steps().stream()
                .flatMap(step -> inStep(step, status).stream())
                .findFirst()
                .or(() -> inRun(status))
                .or(() -> definition == null ? Optional.empty() : inPlan(status, definition));
    }

    private static String difference(List<String> names, List<String> defined) {
        for (int i = 0; i < Math.min(names.size(), defined.size()); i++) {
            if (!names.get(i).equals(defined.get(i))) {
                return "the step " + i + " is " + names.get(i) + ", but " + defined.get(i) + " in its workflow";
            }
        }
        return names.size() + " steps, but its workflow has " + defined.size();
    }

    private static Optional<String> inStep(StepStatus step, WorkflowRunStatus status) {
        String where = "status.steps[" + step.name() + "]";
        StepCompensation undoing = step.compensation();
        if (undoing != null
                && (status.compensation() == null || status.compensation().plan() == null)) {
            return Optional.of(where + ".compensation: it is there, but there is no plan");
        }
        if (undoing != null
                && !step.attempts().isEmpty()
                && !step.attempts().getLast().over()) {
            return Optional.of(where + ".attempts: one is open, but it is being undone");
        }
        return inAttempts(step.attempts(), where)
                .or(() -> undoing == null ? Optional.empty() : inAttempts(undoing.attempts(), where + ".compensation"));
    }

    private static Optional<String> inAttempts(List<Attempt> attempts, String where) {
        int before = 0;
        for (int i = 0; i < attempts.size(); i++) {
            Attempt attempt = attempts.get(i);
            String which = where + ".attempts[" + i + "]";
            AttemptPod pod = attempt.pod();
            if (attempt.number() <= before) {
                return Optional.of(which + ".number: " + attempt.number() + " does not come after " + before);
            }
            if (!attempt.over() && i < attempts.size() - 1) {
                return Optional.of(which + ".state: " + attempt.state() + ", but there is a later attempt");
            }
            if (!attempt.over() && (pod == null || pod.name().isEmpty())) {
                return Optional.of(which + ".pod.name: must be there from the claim on");
            }
            before = attempt.number();
        }
        return Optional.empty();
    }

    private static Optional<String> inRun(WorkflowRunStatus status) {
        RunCompensation compensation = status.compensation();
        if (compensation == null) {
            return isUndone(status.phase())
                    ? Optional.of("status.phase: " + status.phase() + ", but the run has not turned back")
                    : Optional.empty();
        }
        List<String> plan = compensation.plan();
        if (plan == null) {
            return compensation.phase() == CompensationPhase.Waiting || status.phase() == RunPhase.Terminated
                    ? Optional.empty()
                    : Optional.of("status.compensation.plan: must be there in the phase " + compensation.phase());
        }
        if (compensation.phase() == CompensationPhase.Failed
                && status.steps().stream().noneMatch(Story::isStuck)) {
            return Optional.of("status.compensation.phase: Failed, but no step's compensation has failed");
        }
        Set<String> owing = new HashSet<>();
        status.steps().stream().filter(step -> step.compensation() != null).forEach(step -> owing.add(step.name()));
        return owing.equals(new HashSet<>(plan)) && owing.size() == plan.size()
                ? Optional.empty()
                : Optional.of(
                        "status.compensation.plan: " + plan + " are not the steps that have a compensation, " + owing);
    }

    /** The steps are those of the workflow, in its order. */
    private static Optional<String> inPlan(WorkflowRunStatus status, Definition definition) {
        List<Step> defined = definition.spec().steps();
        for (int i = 0; i < defined.size(); i++) {
            if (defined.get(i).compensation() == null && status.steps().get(i).compensation() != null) {
                return Optional.of(
                        "status.steps[" + defined.get(i).name() + "].compensation: the step has none in its workflow");
            }
        }
        return Optional.empty();
    }

    private static boolean isUndone(@Nullable RunPhase phase) {
        return phase == RunPhase.Failed || phase == RunPhase.Cancelled || phase == RunPhase.RolledBack;
    }
}
