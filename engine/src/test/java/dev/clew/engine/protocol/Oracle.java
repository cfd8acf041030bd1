package dev.clew.engine.protocol;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.CompensationPhase;
import dev.clew.api.run.DesiredState;
import dev.clew.api.run.Intent;
import dev.clew.api.run.IntentState;
import dev.clew.api.run.Intervention;
import dev.clew.api.run.InterventionAction;
import dev.clew.api.run.InterventionStatus;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepCompensation;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.api.workflow.Compensation;
import dev.clew.api.workflow.CompensationFailure;
import dev.clew.api.workflow.ExitCodes;
import dev.clew.api.workflow.FailureAction;
import dev.clew.api.workflow.FailureRule;
import dev.clew.api.workflow.OnFailure;
import dev.clew.api.workflow.Order;
import dev.clew.api.workflow.Retry;
import dev.clew.api.workflow.Step;
import dev.clew.api.workflow.When;
import dev.clew.engine.pod.AttemptId;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.run.Lifecycle;
import dev.clew.engine.run.RunView;
import dev.clew.engine.workflow.Definition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Holds what is written and done against the truth, which only a simulation knows, and against the words of the contract.
 * It remembers by itself what was recorded. Fails at the first contradiction.
 */
final class Oracle {
    private static final int MOST_ATTEMPTS = 50;

    private final Definition definition;
    private final Map<String, SimulatedPod> pods;
    private final List<SimulatedPod> ghosts;
    private final Map<String, Integer> starts = new HashMap<>();
    private final Set<String> succeeded = new HashSet<>();
    /** Steps whose compensation has failed. */
    private final Set<String> failedOnce = new HashSet<>();
    /** Every attempt that is over, as it was first recorded. */
    private final Map<String, Attempt> over = new HashMap<>();
    /** By step and kind, the last attempt before a person gave it fresh retries. */
    private final Map<String, Integer> fresh = new HashMap<>();

    private Duration wentForward = Duration.ZERO;
    private @Nullable Instant lastWrite;

    Oracle(Definition definition, Map<String, SimulatedPod> pods, List<SimulatedPod> ghosts) {
        this.definition = definition;
        this.pods = pods;
        this.ghosts = ghosts;
    }

    /** What it remembers, in a world that goes another way from here. */
    Oracle copy(Map<String, SimulatedPod> otherPods, List<SimulatedPod> otherGhosts) {
        var copy = new Oracle(definition, otherPods, otherGhosts);
        copy.starts.putAll(starts);
        copy.succeeded.addAll(succeeded);
        copy.failedOnce.addAll(failedOnce);
        copy.over.putAll(over);
        copy.fresh.putAll(fresh);
        copy.wentForward = wentForward;
        copy.lastWrite = lastWrite;
        return copy;
    }

    /** What of its memory can make a difference and is not in the status; the clock does not, of a run without a limit. */
    List<Object> state() {
        return List.of(
                Map.copyOf(starts),
                Set.copyOf(succeeded),
                Set.copyOf(failedOnce),
                Set.copyOf(over.keySet()),
                Map.copyOf(fresh));
    }

    private static void hold(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    private Stream<SimulatedPod> running() {
        return Stream.concat(pods.values().stream(), ghosts.stream()).filter(pod -> pod.isAttempt() && pod.mayRun());
    }

    private static boolean isForward(SimulatedPod pod) {
        return pod.attempt.contains("/Step/");
    }

    /** G1: at most one pod ever starts for an attempt, and none before the one before it is over. */
    void started(SimulatedPod pod) {
        int count = starts.merge(pod.attempt, 1, Integer::sum);
        hold(count == 1, "a second pod started for " + pod.attempt);
        Attempt recorded = over.get(pod.attempt);
        hold(recorded == null || wasNotWaitedFor(recorded), pod + " started, but its attempt was recorded as over");
        running().filter(other -> other != pod).forEach(other -> {
            hold(!sameStep(other.attempt, pod.attempt), pod + " started before " + other + " was over");
            hold(isForward(pod) || !isForward(other), pod + " started before " + other + " was over");
        });
    }

    /** The container of a pod has ended with 0 and nothing stopped it. */
    void succeeded(SimulatedPod pod) {
        succeeded.add(pod.attempt);
    }

    /** Whether an attempt has been recorded as over. */
    boolean isOver(String attempt) {
        return over.containsKey(attempt);
    }

    private static boolean sameStep(String attempt, String other) {
        return withoutNumber(attempt).equals(withoutNumber(other));
    }

    private static String withoutNumber(String attempt) {
        return attempt.substring(0, attempt.lastIndexOf('/'));
    }

    /** G5: a claim without a pod gets none once the run has turned back, or is to. */
    void sent(io.fabric8.kubernetes.api.model.Pod manifest, WorkflowRunStatus status) {
        var pod = new SimulatedPod(
                manifest, "", SimulatedPod.Fate.SUCCEEDS, SimulatedPod.Circumstances.ORDINARY, Instant.EPOCH);
        boolean closed = status.compensation() != null || status.intent() != null;
        boolean terminating = status.intent() != null && status.intent().state() == IntentState.Terminated;
        if (pod.reservation) {
            hold(
                    isForward(pod) ? closed || definition.spec().timeoutSeconds() != null : terminating,
                    "the name was taken of " + pod + ", which may start");
        } else {
            hold(!(isForward(pod) ? closed : terminating), pod + " was created after the run had turned back");
        }
        // a status that was on its way may have closed it since it was read; then its pod still has the name
        hold(
                !over.containsKey(pod.attempt) || pods.containsKey(pod.name),
                pod + " was created, but its attempt is over");
    }

    /** G2: every attempt is recorded before it can exist. G4: no compensation before every forward attempt is over. */
    void created(SimulatedPod pod, WorkflowRunStatus status) {
        hold(
                over.containsKey(pod.attempt) || status.steps().stream().anyMatch(step -> claims(step, pod)),
                pod + " was created, but no status claims it");
        if (!isForward(pod) && !pod.reservation && !over.containsKey(pod.attempt)) {
            running()
                    .filter(Oracle::isForward)
                    .forEach(other -> hold(false, pod + " was created while " + other + " was not over"));
            whatComesBeforeItIsUndone(pod, status);
        }
    }

    private static boolean claims(StepStatus step, SimulatedPod pod) {
        return Stream.of(Kind.values())
                .flatMap(kind -> attempts(step, kind).stream()
                        .map(attempt -> new AttemptId("run-uid", step.name(), kind, attempt.number())))
                .anyMatch(attempt -> attempt.annotation().equals(pod.attempt));
    }

    private static List<Attempt> undoing(StepStatus step) {
        return step.compensation() == null ? List.of() : step.compensation().attempts();
    }

    private static List<Attempt> attempts(StepStatus step, Kind kind) {
        return kind == Kind.Step ? step.attempts() : undoing(step);
    }

    private void whatComesBeforeItIsUndone(SimulatedPod pod, WorkflowRunStatus status) {
        List<String> plan = Objects.requireNonNull(
                Objects.requireNonNull(status.compensation()).plan());
        int own = IntStream.range(0, definition.size())
                .filter(step -> pod.attempt.contains("/" + name(step) + "/Compensation/"))
                .findFirst()
                .orElseThrow();
        hold(plan.contains(name(own)), pod + " is not in the plan");
        boolean graph = definition.spec().compensationOrDefault().order() == Order.Graph;
        for (String before : plan) {
            int step = definition.graph().index(before).orElseThrow();
            boolean awaited = graph
                    ? definition.graph().ancestors(step).get(own)
                    : plan.indexOf(before) < plan.indexOf(name(own));
            hold(
                    !awaited || isUndone(status.steps().get(step)),
                    pod + " was created before the compensation of " + before + " was done");
        }
    }

    private boolean isUndone(StepStatus step) {
        StepCompensation owed = Objects.requireNonNull(step.compensation());
        return switch (owed.phase()) {
            case Succeeded, Skipped -> true;
            case Failed -> continues();
            // a person may want it again while others are undone
            case Waiting, Pending, Running -> continues() && failedOnce.contains(step.name());
        };
    }

    private boolean continues() {
        return definition.spec().compensationOrDefault().onFailure() == CompensationFailure.Continue;
    }

    private String name(int step) {
        return definition.graph().name(step);
    }

    /** G2: the outcome is recorded before the pod can disappear. */
    void released(SimulatedPod pod) {
        hold(over.containsKey(pod.attempt), pod + " was released before its outcome was recorded");
    }

    void letGo(WorkflowRunStatus status) {
        hold(
                status.steps().isEmpty()
                        || Objects.requireNonNull(status.phase()).isEnd(),
                "the run was let go, but it is " + status.phase());
        pods.values().forEach(pod -> {
            hold(!pod.tracked(), "the run was let go, and " + pod + " keeps its finalizer");
            hold(!pod.reservation, "the run was let go, and " + pod + " is left");
        });
        if (status.phase() != RunPhase.Terminated) {
            running().forEach(pod -> hold(false, "the run was let go, and " + pod + " may run"));
        }
    }

    /** What a run is deleted for whose time after the end is up. */
    void timedOut(RunView run, Instant now) {
        WorkflowRunStatus status = run.status();
        RunPhase phase = Objects.requireNonNull(status.phase());
        hold(phase.isEnd(), "the run was deleted though it has not ended: " + phase);
        Integer own = run.spec().ttlSecondsAfterFinished();
        Integer seconds = own == null ? definition.spec().ttlSecondsAfterFinished() : own;
        Instant ended = Objects.requireNonNull(status.completionTime());
        hold(
                seconds != null && !now.isBefore(ended.plusSeconds(seconds)),
                "the run was deleted before its time was up");
        hold(run.gitOps() == null, "the run was deleted though " + run.gitOps() + " would create it again");
        hold(
                phase != RunPhase.Succeeded || run.spec().desiredStateOrDefault() != DesiredState.RolledBack,
                "the run was deleted though it is to be rolled back");
    }

    // -- what is written

    void statusWritten(RunView run, WorkflowRunStatus after, Instant now, boolean namespaceGoes) {
        WorkflowRunStatus before = run.status();
        RunPhase phase = Objects.requireNonNull(after.phase());
        hold(Lifecycle.RUN.allows(before.phase(), phase), "the run went from " + before.phase() + " to " + phase);
        hold(
                before.phase() == null
                        || !before.phase().isEnd()
                        || before.phase() == phase
                        || (before.phase() == RunPhase.Succeeded
                                && run.spec().desiredStateOrDefault() == DesiredState.RolledBack),
                "the end " + before.phase() + " was left for " + phase);
        interventions(run, after);
        intent(run, after);
        for (int i = 0; i < after.steps().size(); i++) {
            step(run, i, i < before.steps().size() ? before.steps().get(i) : null, after, now);
        }
        claims(run, after, namespaceGoes);
        time(before, after, now);
        plan(before, after);
        end(run, after, namespaceGoes);
    }

    private void interventions(RunView run, WorkflowRunStatus after) {
        List<InterventionStatus> before = run.status().interventions();
        List<InterventionStatus> made = after.interventions();
        hold(
                made.size() >= before.size() && made.subList(0, before.size()).equals(before),
                "what was recorded of interventions was changed from " + before + " to " + made);
        List<String> names = made.stream().map(InterventionStatus::name).toList();
        List<String> asked =
                run.spec().interventions().stream().map(Intervention::name).toList();
        hold(names.equals(asked.subList(0, names.size())), "asked were " + asked + ", carried out were " + names);
        for (InterventionStatus now : made.subList(before.size(), made.size())) {
            Intervention intervention = asked(run, now);
            Kind kind = intervention.action() == InterventionAction.RetryStep ? Kind.Step : Kind.Compensation;
            boolean retry = intervention.action() == InterventionAction.RetryStep
                    || intervention.action() == InterventionAction.RetryCompensation;
            if (retry && now.result() == InterventionStatus.Result.Done) {
                int step = definition
                        .graph()
                        .index(Objects.requireNonNull(intervention.step()))
                        .orElseThrow();
                freshRetries(
                        step,
                        kind,
                        run.status().steps().get(step),
                        after.steps().get(step));
            }
        }
    }

    /** Not for a step that had not failed: its run was out of time. */
    private void freshRetries(int step, Kind kind, StepStatus was, StepStatus is) {
        List<Attempt> old = attempts(was, kind);
        int last = old.isEmpty() ? 0 : old.getLast().number();
        boolean open = attempts(is, kind).stream().anyMatch(attempt -> attempt.number() == last && !attempt.over());
        boolean hadNotFailed = kind == Kind.Step && was.phase() != StepPhase.Failed && (open || is.failures() != null);
        if (!hadNotFailed) {
            fresh.put(name(step) + kind, last);
        }
    }

    private static Intervention asked(RunView run, InterventionStatus made) {
        return run.spec().interventions().stream()
                .filter(intervention -> intervention.name().equals(made.name()))
                .findFirst()
                .orElseThrow();
    }

    private static boolean personDid(RunView run, WorkflowRunStatus after, InterventionAction action, String step) {
        return after.interventions().stream()
                .filter(made -> made.result() == InterventionStatus.Result.Done)
                .map(made -> asked(run, made))
                .anyMatch(asked -> asked.action() == action && step.equals(asked.step()));
    }

    /** An intent never falls, and is not made up. */
    private static void intent(RunView run, WorkflowRunStatus after) {
        Intent old = run.status().intent();
        Intent intent = after.intent();
        if (old != null) {
            hold(intent != null && intent.state().compareTo(old.state()) >= 0, "the intent fell from " + old);
        }
        if (intent != null && !intent.equals(old)) {
            boolean asked = intent.state()
                    .name()
                    .equals(run.spec().desiredStateOrDefault().name());
            hold(asked || (run.deleting() && intent.reason().equals(Reasons.DELETED)), "nobody asked for " + intent);
        }
    }

    private void step(RunView run, int index, @Nullable StepStatus before, WorkflowRunStatus status, Instant now) {
        StepStatus after = status.steps().get(index);
        hold(
                Lifecycle.STEP.allows(before == null ? null : before.phase(), after.phase()),
                "the step went from " + before + " to " + after);
        attempts(status, index, Kind.Step, before == null ? List.of() : before.attempts(), after);
        attempts(status, index, Kind.Compensation, before == null ? List.of() : undoing(before), after);
        omitted(index, Kind.Step, after.attempts(), after.attemptsOmitted());
        hold(
                Boolean.TRUE.equals(after.mayHaveEffect()) == omittedHadAnEffect(index, after),
                "an effect was forgotten: " + after);
        hold(after.failuresOrZero() == counted(index, Kind.Step), "failures are not counted: " + after);
        if (after.compensation() != null) {
            omitted(
                    index,
                    Kind.Compensation,
                    undoing(after),
                    after.compensation().attemptsOmitted());
            hold(
                    after.compensation().failuresOrZero() == counted(index, Kind.Compensation),
                    "failures are not counted: " + after);
        }
        phases(run, index, before, status, now);
        if (after.attempts().stream().anyMatch(attempt -> attempt.state() == AttemptState.Claimed)) {
            dependenciesAreDone(index);
        }
    }

    private void phases(RunView run, int index, @Nullable StepStatus before, WorkflowRunStatus status, Instant now) {
        StepStatus after = status.steps().get(index);
        switch (after.phase()) {
            case Succeeded ->
                hold(after.attempts().getLast().state() == AttemptState.Succeeded, "did not succeed: " + after);
            case Skipped ->
                hold(personDid(run, status, InterventionAction.SkipStep, after.name()), "nobody skipped " + after);
            case Failed -> {
                if (before == null || before.phase() != StepPhase.Failed) {
                    hold(mayFail(index, status), "has retries left: " + after + " at " + now);
                }
            }
            case Pending, Running -> {
                // on its way
            }
        }
        StepCompensation owed = after.compensation();
        if (owed != null && owed.phase() == CompensationPhase.Skipped) {
            hold(
                    personDid(run, status, InterventionAction.SkipCompensation, after.name()),
                    "nobody skipped the compensation of " + after);
        }
        boolean failedBefore = before != null
                && before.compensation() != null
                && before.compensation().phase() == CompensationPhase.Failed;
        if (owed != null && owed.phase() == CompensationPhase.Failed && !failedBefore) {
            failedOnce.add(after.name());
            hold(
                    counted(index, Kind.Compensation) > limit(index, Kind.Compensation)
                            || undoing(after).getLast().number() == MOST_ATTEMPTS,
                    "the compensation has retries left: " + after);
        }
        if (owed != null && owed.phase() == CompensationPhase.Succeeded) {
            hold(undoing(after).getLast().state() == AttemptState.Succeeded, "was not undone: " + after);
        }
    }

    private boolean mayFail(int step, WorkflowRunStatus status) {
        boolean givenUp = status.compensation() != null
                || (status.intent() != null && status.intent().state() == IntentState.Terminated);
        Attempt last = status.steps().get(step).attempts().getLast();
        return givenUp
                || last.policy() == FailureAction.Fail
                || last.policy() == FailureAction.FailWithoutEffect
                || Reasons.INPUT_MISSING.equals(last.reason())
                || last.number() == MOST_ATTEMPTS
                || counted(step, Kind.Step) > limit(step, Kind.Step);
    }

    private int limit(int step, Kind kind) {
        Step declared = definition.step(step);
        return switch (kind) {
            case Step ->
                Objects.requireNonNullElse(declared.retry(), Retry.UNSET).limitOr(0);
            case Compensation ->
                Objects.requireNonNullElse(
                                Objects.requireNonNull(declared.compensation()).retry(), Retry.UNSET)
                        .limitOr(10);
        };
    }

    /** Attempts that used up a retry since the last fresh start. */
    private long counted(int step, Kind kind) {
        int from = fresh.getOrDefault(name(step) + kind, 0);
        return IntStream.rangeClosed(from + 1, MOST_ATTEMPTS)
                .mapToObj(number -> over.get(annotation(step, kind, number)))
                .filter(attempt -> attempt != null && counts(attempt))
                .count();
    }

    private static boolean counts(Attempt attempt) {
        boolean stoppedForTheRun = attempt.stopping() != null && !Reasons.START_TIMEOUT.equals(attempt.stopping());
        return switch (attempt.state()) {
            case NotStarted ->
                Reasons.START_TIMEOUT.equals(attempt.reason()) || Reasons.DEADLINE_EXCEEDED.equals(attempt.reason());
            case Failed, Lost ->
                !stoppedForTheRun && attempt.policy() == null && !Reasons.RUN_DELETED.equals(attempt.reason());
            case Claimed, Running, Succeeded -> false;
        };
    }

    private static String annotation(int step, Kind kind, int number, Definition definition) {
        return new AttemptId("run-uid", definition.graph().name(step), kind, number).annotation();
    }

    private String annotation(int step, Kind kind, int number) {
        return annotation(step, kind, number, definition);
    }

    private void dependenciesAreDone(int index) {
        definition.graph().dependencies(index).stream()
                .forEach(dependency -> running()
                        .filter(pod -> pod.attempt.contains("/" + name(dependency) + "/Step/"))
                        .forEach(pod -> hold(false, "a step was claimed while " + pod + " was not over")));
    }

    /** G1: no attempt before the one before it is over, in truth. */
    private void attempts(WorkflowRunStatus status, int step, Kind kind, List<Attempt> before, StepStatus afterwards) {
        List<Attempt> after = attempts(afterwards, kind);
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
                isOver(status, step, kind, attempt);
            }
            if (last && attempt.number() > made && attempt.number() > 1 && !attempt.over()) {
                hold(counted(step, kind) <= limit(step, kind), "one retry too many: " + after);
            }
        }
    }

    private void isOver(WorkflowRunStatus status, int step, Kind kind, Attempt attempt) {
        String annotation = annotation(step, kind, attempt.number());
        Attempt first = over.putIfAbsent(annotation, attempt);
        if (first != null) {
            hold(
                    attempt.equals(first) || attempt.equals(first.withoutMessage()),
                    "an outcome was changed from " + first + " to " + attempt);
            return;
        }
        boolean givenUp = status.phase() == RunPhase.Terminated
                || (status.intent() != null && status.intent().state() == IntentState.Terminated);
        running()
                .filter(pod -> pod.attempt.equals(annotation) && !(givenUp && wasNotWaitedFor(attempt)))
                .forEach(pod -> hold(false, attempt + " was recorded as over, but " + pod + " may run"));
        hold(
                attempt.state() != AttemptState.NotStarted || !starts.containsKey(annotation),
                attempt + " was recorded as never started, but it did start");
        hold(
                attempt.state() != AttemptState.Succeeded || succeeded.contains(annotation),
                attempt + " was recorded as succeeded, but it did not");
        hold(
                attempt.state() != AttemptState.Failed
                        || attempt.pod() == null
                        || attempt.pod().exitCode() == null
                        || starts.containsKey(annotation),
                attempt + " was recorded as failed with an exit code, but it never started");
        // of a run that is given up while its definition cannot be read, the policy cannot be told;
        // what Clew stopped for the run's sake says nothing about the step
        boolean stopped = attempt.stopping() != null && !Reasons.START_TIMEOUT.equals(attempt.stopping());
        boolean told = !givenUp && !stopped && hasOnlyRulesAboutExitCodes(step);
        hold(
                !told || attempt.policy() == (kind == Kind.Step ? policy(step, attempt) : null),
                "the failure policy does not say so: " + attempt);
    }

    /** A run that is given up waits only so long; what is on a lost node may go on, or even start. */
    private static boolean wasNotWaitedFor(Attempt attempt) {
        return Reasons.NODE_UNREACHABLE.equals(attempt.reason()) || Reasons.TERMINATED.equals(attempt.reason());
    }

    private boolean hasOnlyRulesAboutExitCodes(int step) {
        var policy = definition.step(step).failurePolicy();
        return policy == null || policy.rules().stream().allMatch(rule -> rule.onExitCodes() != null);
    }

    /** The first rule that matches. */
    private @Nullable FailureAction policy(int step, Attempt attempt) {
        Integer code = attempt.pod() == null ? null : attempt.pod().exitCode();
        var policy = definition.step(step).failurePolicy();
        if (policy == null || code == null || code == 0 || attempt.state() == AttemptState.Succeeded) {
            return null;
        }
        return policy.rules().stream()
                .filter(rule ->
                        Objects.requireNonNull(rule.onExitCodes()).values().contains(code)
                                == (rule.onExitCodes().operator() == ExitCodes.Operator.In))
                .map(FailureRule::action)
                .findFirst()
                .filter(action -> action != FailureAction.Count)
                .orElse(null);
    }

    /** What is no longer listed is counted, and whether it may have had an effect is kept. */
    private void omitted(int step, Kind kind, List<Attempt> listed, @Nullable Integer omitted) {
        if (listed.isEmpty()) {
            return;
        }
        int made = listed.getLast().number();
        hold(made == listed.size() + (omitted == null ? 0 : omitted), "attempts are not counted: " + listed);
        List<Integer> numbers = listed.stream().map(Attempt::number).toList();
        for (int number = 1; number <= made; number++) {
            hold(
                    numbers.contains(number) || over.containsKey(annotation(step, kind, number)),
                    "attempt " + number + " was omitted before it was over: " + listed);
        }
    }

    private boolean omittedHadAnEffect(int step, StepStatus after) {
        List<Integer> listed = after.attempts().stream().map(Attempt::number).toList();
        return IntStream.rangeClosed(1, MOST_ATTEMPTS)
                .filter(number -> !listed.contains(number))
                .mapToObj(number -> over.get(annotation(step, Kind.Step, number)))
                .anyMatch(attempt -> attempt != null && hadAnEffect(attempt));
    }

    private static boolean hadAnEffect(Attempt attempt) {
        return attempt.state() != AttemptState.NotStarted && attempt.policy() != FailureAction.FailWithoutEffect;
    }

    private void claims(RunView run, WorkflowRunStatus after, boolean namespaceGoes) {
        for (Kind kind : Kind.values()) {
            long open = after.steps().stream()
                    .filter(step -> attempts(step, kind).stream().anyMatch(attempt -> !attempt.over()))
                    .count();
            boolean claimed = IntStream.range(0, after.steps().size()).anyMatch(step -> {
                List<Attempt> old = run.status().steps().isEmpty()
                        ? List.of()
                        : attempts(run.status().steps().get(step), kind);
                List<Attempt> now = attempts(after.steps().get(step), kind);
                return !now.isEmpty()
                        && (old.isEmpty()
                                || now.getLast().number() > old.getLast().number())
                        && !now.getLast().over();
            });
            if (claimed) {
                mayClaim(run, after, kind, namespaceGoes);
                Integer most = definition.spec().maxParallelSteps();
                hold(most == null || open <= most, "more than " + most + " run at the same time: " + after.steps());
            }
        }
    }

    private void mayClaim(RunView run, WorkflowRunStatus after, Kind kind, boolean namespaceGoes) {
        String what = "an attempt was claimed though ";
        hold(run.tracked(), what + "the run has no finalizer");
        hold(
                run.deleting() || run.spec().desiredStateOrDefault() != DesiredState.Paused,
                what + "the run is to be paused");
        IntentState intent = after.intent() == null ? null : after.intent().state();
        hold(intent != IntentState.Terminated, what + "the run is terminated");
        switch (kind) {
            case Step -> {
                hold(after.compensation() == null, what + "the run has turned back");
                hold(intent == null, what + "the run is cancelled");
                hold(after.phase() == RunPhase.Running, what + "the run is " + after.phase());
            }
            case Compensation ->
                hold(
                        after.compensation() != null && after.compensation().plan() != null,
                        what + "there is no plan" + (namespaceGoes ? " and never will be" : ""));
        }
    }

    /** The clock of the run stands still while it is paused or stalled. */
    private void time(WorkflowRunStatus before, WorkflowRunStatus after, Instant now) {
        if (before.steps().isEmpty()) {
            wentForward = Duration.ZERO;
        } else if (before.phase() == RunPhase.Running && lastWrite != null) {
            wentForward = wentForward.plus(Duration.between(lastWrite, now));
        }
        lastWrite = now;
        Integer limit = definition.spec().timeoutSeconds();
        boolean up = limit != null && wentForward.compareTo(Duration.ofSeconds(limit)) >= 0;
        boolean verdict = Reasons.RUN_TIMEOUT.equals(reason(after)) && !Reasons.RUN_TIMEOUT.equals(reason(before));
        hold(!verdict || up, "its time is said to be up after " + wentForward);
        if (up && after.phase() == RunPhase.Running && before.phase() == RunPhase.Stalled) {
            wentForward = Duration.ZERO;
        }
    }

    private static @Nullable String reason(WorkflowRunStatus status) {
        return status.compensation() != null
                ? status.compensation().reason()
                : status.conditions().stream()
                        .filter(condition -> condition.type().equals("Stalled"))
                        .map(condition -> condition.reason())
                        .findFirst()
                        .orElse(null);
    }

    private void plan(WorkflowRunStatus before, WorkflowRunStatus after) {
        if (before.compensation() != null) {
            hold(
                    after.compensation() != null
                            && after.compensation()
                                    .reason()
                                    .equals(before.compensation().reason()),
                    "why it turned back was changed from " + before.compensation() + " to " + after.compensation());
        }
        if (before.compensation() == null && after.compensation() != null) {
            boolean pastPivot = IntStream.range(0, definition.size())
                    .anyMatch(step -> definition.step(step).pivotOrDefault()
                            && after.steps().get(step).phase() == StepPhase.Succeeded);
            IntentState intent = after.intent() == null ? null : after.intent().state();
            hold(intent == IntentState.RolledBack || !pastPivot, "turned back past its pivot: " + after.compensation());
            hold(
                    intent != null || definition.spec().onFailure() != OnFailure.Stall,
                    "turned back, but should have stalled: " + after.compensation());
        }
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
            running()
                    .filter(Oracle::isForward)
                    .forEach(pod -> hold(false, "a plan was made while " + pod + " may run"));
            hold(plan.equals(owing()), "the plan is " + plan + ", but owing are " + owing());
        }
    }

    /** What is owed, computed from the words of the contract: in reverse topological order, ties by reverse declaration. */
    private List<String> owing() {
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
        return order.reversed().stream().filter(this::owes).map(this::name).toList();
    }

    private boolean owes(int step) {
        Optional<Compensation> compensation =
                Optional.ofNullable(definition.step(step).compensation());
        List<Attempt> all = IntStream.rangeClosed(1, MOST_ATTEMPTS)
                .mapToObj(number -> over.get(annotation(step, Kind.Step, number)))
                .filter(Objects::nonNull)
                .toList();
        boolean succeeded = all.stream().anyMatch(attempt -> attempt.state() == AttemptState.Succeeded);
        boolean mayHaveHadAnEffect = all.stream().anyMatch(Oracle::hadAnEffect);
        return compensation
                .map(declared -> succeeded || (declared.when() != When.Succeeded && mayHaveHadAnEffect))
                .orElse(false);
    }

    /** G3: what each end means. */
    private void end(RunView run, WorkflowRunStatus after, boolean namespaceGoes) {
        RunPhase phase = Objects.requireNonNull(after.phase());
        if (!phase.isEnd() || phase == run.status().phase()) {
            return;
        }
        IntentState intent = after.intent() == null ? null : after.intent().state();
        boolean begun = !after.steps().isEmpty();
        String asked = begun
                ? intent == null ? "" : intent.name()
                : run.spec().desiredStateOrDefault().name();
        switch (phase) {
            case Succeeded -> {
                hold(after.steps().stream().allMatch(StepStatus::done), "succeeded, but not all steps are done");
                hold(after.compensation() == null, "succeeded, but had turned back");
            }
            case Failed, Cancelled, RolledBack -> {
                hold(
                        phase == RunPhase.Failed ? !begun || intent == null : asked.equals(phase.name()),
                        "ended " + phase + ", but asked was " + asked);
                if (begun) {
                    allIsUndone(after, phase);
                }
            }
            case Terminated -> hold(asked.equals("Terminated") || namespaceGoes, "terminated, but nobody asked");
            case Pending, Running, Paused, Compensating, Stalled -> throw new AssertionError(phase);
        }
    }

    private void allIsUndone(WorkflowRunStatus after, RunPhase phase) {
        List<String> plan = Objects.requireNonNull(
                Objects.requireNonNull(after.compensation()).plan());
        hold(plan.equals(owing()), "ended " + phase + " with the plan " + plan + ", but owing are " + owing());
        for (StepStatus step : after.steps()) {
            StepCompensation owed = step.compensation();
            hold((owed != null) == plan.contains(step.name()), "not as in the plan: " + step);
            hold(
                    owed == null
                            || owed.phase() == CompensationPhase.Succeeded
                            || owed.phase() == CompensationPhase.Skipped,
                    "the run ended " + phase + ", but " + step.name() + " is not undone");
        }
    }
}
