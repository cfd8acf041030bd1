package dev.clew.engine.protocol;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.CompensationPhase;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.api.workflow.Compensation;
import dev.clew.api.workflow.When;
import dev.clew.engine.pod.AttemptId;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.run.Lifecycle;
import dev.clew.engine.workflow.Definition;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holds what is written and done against the truth, which only a simulation knows. Fails at the first contradiction. */
final class Oracle {
    private final Definition definition;
    private final Map<String, SimulatedPod> pods;
    private final Map<String, Integer> starts = new HashMap<>();

    Oracle(Definition definition, Map<String, SimulatedPod> pods) {
        this.definition = definition;
        this.pods = pods;
    }

    private static void hold(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** G1: at most one pod ever starts for an attempt. */
    void started(SimulatedPod pod) {
        int count = starts.merge(pod.attempt, 1, Integer::sum);
        hold(count == 1, "a second pod started for " + pod.attempt);
        for (SimulatedPod other : pods.values()) {
            hold(
                    other == pod || !sameStep(other.attempt, pod.attempt) || !(other.started() && other.mayRun()),
                    pod + " started before " + other + " was over");
        }
    }

    private static boolean sameStep(String attempt, String other) {
        return withoutNumber(attempt).equals(withoutNumber(other));
    }

    private static String withoutNumber(String attempt) {
        return attempt.substring(0, attempt.lastIndexOf('/'));
    }

    /** G2: every attempt is recorded before it can exist. G4: no compensation before every forward attempt is over. */
    void created(SimulatedPod pod, WorkflowRunStatus status) {
        hold(
                status.steps().stream().anyMatch(step -> claims(step, pod)),
                pod + " was created, but no status claims it");
        if (pod.attempt.contains("/Compensation/")) {
            for (SimulatedPod other : pods.values()) {
                hold(
                        !other.attempt.contains("/Step/") || !other.mayRun(),
                        pod + " was created while " + other + " was not over");
            }
            earlierInThePlanAreDone(pod, status);
        }
    }

    private static boolean claims(StepStatus step, SimulatedPod pod) {
        return allAttempts(step).stream()
                .anyMatch(
                        attempt -> attempt.pod() != null && attempt.pod().name().equals(pod.name));
    }

    private static List<Attempt> allAttempts(StepStatus step) {
        List<Attempt> all = new ArrayList<>(step.attempts());
        all.addAll(undoing(step));
        return all;
    }

    private static List<Attempt> undoing(StepStatus step) {
        return step.compensation() == null ? List.of() : step.compensation().attempts();
    }

    private static void earlierInThePlanAreDone(SimulatedPod pod, WorkflowRunStatus status) {
        for (String name : Objects.requireNonNull(
                Objects.requireNonNull(status.compensation()).plan())) {
            StepStatus step = status.steps().stream()
                    .filter(other -> other.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            if (claims(step, pod)) {
                return;
            }
            hold(
                    step.compensation() != null && step.compensation().phase() == CompensationPhase.Succeeded,
                    pod + " was created before the compensation of " + name + " was done");
        }
        throw new AssertionError(pod + " is not in the plan");
    }

    /** G2: the outcome is recorded before the pod can disappear. */
    void released(SimulatedPod pod, WorkflowRunStatus status) {
        hold(
                status.steps().stream()
                        .flatMap(step -> allAttempts(step).stream())
                        .anyMatch(attempt -> attempt.over()
                                && attempt.pod() != null
                                && attempt.pod().name().equals(pod.name)),
                pod + " was released before its outcome was recorded");
    }

    void letGo() {
        pods.values().forEach(pod -> hold(!pod.tracked(), "the run was let go, and " + pod + " keeps its finalizer"));
    }

    void statusWritten(WorkflowRunStatus before, WorkflowRunStatus after) {
        RunPhase phase = Objects.requireNonNull(after.phase());
        hold(Lifecycle.RUN.allows(before.phase(), phase), "the run went from " + before.phase() + " to " + phase);
        hold(
                before.phase() == null || !before.phase().isEnd() || before.phase() == phase,
                "the end " + before.phase() + " was left for " + phase);
        for (int i = 0; i < after.steps().size(); i++) {
            step(
                    i,
                    i < before.steps().size() ? before.steps().get(i) : null,
                    after.steps().get(i));
            if (before.compensation() != null) {
                hold(
                        after.steps().get(i).attempts().size()
                                == before.steps().get(i).attempts().size(),
                        "a forward attempt was claimed after the run had turned back");
            }
        }
        plan(before, after);
        end(after, phase);
    }

    private void step(int index, @Nullable StepStatus before, StepStatus after) {
        hold(
                Lifecycle.STEP.allows(before == null ? null : before.phase(), after.phase()),
                "the step went from " + before + " to " + after);
        attempts(index, Kind.Step, before == null ? List.of() : before.attempts(), after.attempts());
        attempts(index, Kind.Compensation, before == null ? List.of() : undoing(before), undoing(after));
        for (Attempt attempt : after.attempts()) {
            dependenciesSucceeded(index, attempt);
        }
    }

    private void dependenciesSucceeded(int index, Attempt attempt) {
        if (attempt.state() == AttemptState.Claimed) {
            BitSet dependencies = definition.graph().dependencies(index);
            dependencies.stream()
                    .forEach(dependency -> pods.values().stream()
                            .filter(pod -> pod.attempt.contains(
                                    "/" + definition.graph().name(dependency) + "/Step/"))
                            .forEach(pod -> hold(!pod.mayRun(), "a step was claimed while " + pod + " was not over")));
        }
    }

    /** G1: no attempt before the one before it is over, in truth. */
    private void attempts(int step, Kind kind, List<Attempt> before, List<Attempt> after) {
        int made = before.isEmpty() ? 0 : before.getLast().number();
        hold(after.isEmpty() ? made == 0 : after.getLast().number() <= made + 1, "two were claimed at once: " + after);
        for (Attempt attempt : after) {
            AttemptState from = before.stream()
                    .filter(old -> old.number() == attempt.number())
                    .map(Attempt::state)
                    .findFirst()
                    .orElse(null);
            hold(Lifecycle.ATTEMPT.allows(from, attempt.state()), "an attempt went from " + from + " to " + attempt);
            boolean last = attempt.number() == after.getLast().number();
            hold(last || attempt.over(), "another was claimed while " + attempt + " was open");
            if (attempt.over()) {
                truth(step, kind, attempt);
            }
        }
    }

    private void truth(int step, Kind kind, Attempt attempt) {
        String annotation =
                new AttemptId("run-uid", definition.graph().name(step), kind, attempt.number()).annotation();
        pods.values().stream()
                .filter(pod -> pod.attempt.equals(annotation))
                .forEach(pod -> hold(!pod.mayRun(), attempt + " was recorded as over, but " + pod + " may run"));
        hold(
                attempt.state() != AttemptState.NotStarted || !starts.containsKey(annotation),
                attempt + " was recorded as never started, but it did start");
    }

    private void plan(WorkflowRunStatus before, WorkflowRunStatus after) {
        List<String> old =
                before.compensation() == null ? null : before.compensation().plan();
        List<String> plan =
                after.compensation() == null ? null : after.compensation().plan();
        if (old != null) {
            hold(old.equals(plan), "the plan was changed from " + old + " to " + plan);
        } else if (plan != null) {
            after.steps()
                    .forEach(step -> step.attempts()
                            .forEach(
                                    attempt -> hold(attempt.over(), "a plan was made while " + attempt + " was open")));
            hold(plan.equals(owing(after)), "the plan is " + plan + ", but owing are " + owing(after));
        }
    }

    /** What is owed, computed from the words of the contract: in reverse topological order, ties by reverse declaration. */
    private List<String> owing(WorkflowRunStatus status) {
        List<Integer> order = new ArrayList<>();
        while (order.size() < definition.size()) {
            for (int i = 0; i < definition.size(); i++) {
                boolean free = definition.graph().dependencies(i).stream().allMatch(order::contains);
                if (!order.contains(i) && free) {
                    order.add(i);
                    break;
                }
            }
        }
        return order.reversed().stream()
                .filter(step -> owes(step, status.steps().get(step)))
                .map(step -> status.steps().get(step).name())
                .toList();
    }

    private boolean owes(int step, StepStatus status) {
        Optional<Compensation> compensation =
                Optional.ofNullable(definition.step(step).compensation());
        boolean succeeded = status.phase() == StepPhase.Succeeded;
        boolean mayHaveHadAnEffect =
                status.attempts().stream().anyMatch(attempt -> attempt.state() != AttemptState.NotStarted);
        return compensation
                .map(declared -> succeeded || (declared.when() != When.Succeeded && mayHaveHadAnEffect))
                .orElse(false);
    }

    private static void end(WorkflowRunStatus status, RunPhase phase) {
        boolean allSucceeded = status.steps().stream().allMatch(step -> step.phase() == StepPhase.Succeeded);
        if (phase == RunPhase.Succeeded) {
            hold(allSucceeded, "succeeded, but not all steps did");
        }
        if (phase == RunPhase.Failed || phase == RunPhase.Cancelled) {
            status.steps()
                    .forEach(step -> hold(
                            step.compensation() == null || step.compensation().phase() == CompensationPhase.Succeeded,
                            "the run ended " + phase + ", but " + step.name() + " is not undone"));
        }
    }
}
