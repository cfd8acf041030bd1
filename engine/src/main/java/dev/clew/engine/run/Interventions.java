package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.CompensationPhase;
import dev.clew.api.run.Intervention;
import dev.clew.api.run.InterventionStatus;
import dev.clew.api.run.Output;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.RunCompensation;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepCompensation;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.pod.Outputs;
import dev.clew.engine.pod.Verdict;
import dev.clew.engine.workflow.Nearest;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Carries out what people do to a run: each once, in the order of the list, with its result recorded. */
final class Interventions {
    private static final int LONGEST_MESSAGE = 512;

    private final Turn turn;
    private final boolean stalled;

    private Interventions(Turn turn) {
        this.turn = turn;
        this.stalled = turn.run.status().phase() == RunPhase.Stalled;
    }

    /** Why an intervention does not apply. */
    private static final class RefusedException extends Exception {
        RefusedException(String message) {
            super(message);
        }
    }

    static void carryOut(Turn turn) {
        Set<String> spent =
                turn.interventions.stream().map(InterventionStatus::name).collect(Collectors.toSet());
        var interventions = new Interventions(turn);
        turn.run.spec().interventions().stream()
                .filter(intervention -> !spent.contains(intervention.name()))
                .forEach(interventions::carryOut);
    }

    private void carryOut(Intervention intervention) {
        InterventionStatus.Result result;
        String message;
        try {
            message = apply(intervention);
            result = InterventionStatus.Result.Done;
        } catch (RefusedException e) {
            message = Objects.requireNonNull(e.getMessage());
            result = InterventionStatus.Result.Refused;
        }
        turn.decide();
        turn.interventions.add(
                new InterventionStatus(intervention.name(), result, Summary.cut(message, LONGEST_MESSAGE), turn.now));
    }

    private String apply(Intervention intervention) throws RefusedException {
        refuseIf(turn.end != null, "the run has ended");
        refuseIf(turn.terminating(), "the run is being terminated");
        return switch (intervention.action()) {
            case RetryStep -> retryStep(step(intervention));
            case SkipStep -> skipStep(step(intervention), intervention.outputs());
            case RetryCompensation -> retryCompensation(step(intervention));
            case SkipCompensation -> skipCompensation(step(intervention));
            case AssumeStopped -> assumeStopped(Objects.requireNonNullElse(intervention.podUID(), ""));
        };
    }

    private static void refuseIf(boolean not, String message) throws RefusedException {
        if (not) {
            throw new RefusedException(message);
        }
    }

    private int step(Intervention intervention) throws RefusedException {
        String name = Objects.requireNonNullElse(intervention.step(), "");
        Optional<Integer> step = turn.index(name);
        refuseIf(
                step.isEmpty(),
                "there is no step " + name
                        + Nearest.remedy(
                                name, turn.steps.stream().map(StepStatus::name).toList()));
        return step.orElseThrow();
    }

    private void refuseUnlessForward() throws RefusedException {
        refuseIf(turn.turnedBack(), "the run has turned back: only its compensations can be dealt with");
        refuseIf(
                turn.intent != null,
                "the run was cancelled past its pivot: set desiredState to RolledBack or Terminated");
        refuseIf(turn.run.deleting(), "the run is being deleted: it can be undone or let go");
    }

    private String retryStep(int step) throws RefusedException {
        StepStatus status = turn.steps.get(step);
        refuseUnlessForward();
        refuseIf(!stalled, "the run is not stalled");
        refuseIf(status.done(), "the step " + status.name() + " is done");
        refuseIf(
                status.phase() != StepPhase.Failed && !turn.time.isUp(),
                "the step " + status.name() + " has not failed");
        refuseIf(
                turn.made(step, Kind.Step) >= Retries.MOST_ATTEMPTS,
                "the step " + status.name() + " has had " + Retries.MOST_ATTEMPTS
                        + " attempts: skip it or undo the run");
        goOn();
        if (status.phase() == StepPhase.Failed) {
            turn.steps.set(step, status.withPhase(StepPhase.Pending).withFailures(0));
        }
        return "the step " + status.name() + " is tried again";
    }

    private String skipStep(int step, List<Output> outputs) throws RefusedException {
        StepStatus status = turn.steps.get(step);
        refuseUnlessForward();
        refuseIf(status.done(), "the step " + status.name() + " is done");
        boolean untouched = status.attempts().isEmpty();
        refuseIf(
                turn.open(step, Kind.Step) || (!untouched && !stalled),
                "the step " + status.name()
                        + " has begun: it can be skipped once it has failed and the run is stalled");
        List<String> declared = turn.declared(step).map(it -> it.outputs()).orElse(List.of());
        for (Output output : outputs) {
            refuseIf(
                    !declared.contains(output.name()),
                    "the step " + status.name() + " does not declare the output " + output.name()
                            + Nearest.remedy(output.name(), declared));
        }
        refuseIf(!Room.forOutputs(turn, outputs), "the outputs do not fit into the record of the run");
        if (stalled) {
            goOn();
        }
        turn.steps.set(
                step,
                status.withPhase(StepPhase.Skipped)
                        .withOutputs(new Outputs(outputs, Optional.empty()).over(status.outputs())));
        return "the step " + status.name() + " is skipped";
    }

    /** Whoever has a stalled run go on gives it its time anew, if that was up. */
    private void goOn() {
        if (turn.time.isUp()) {
            turn.time.grant();
        }
    }

    private StepCompensation owed(int step) throws RefusedException {
        StepStatus status = turn.steps.get(step);
        refuseIf(turn.compensation == null, "the run has not turned back");
        StepCompensation owed = status.compensation();
        if (owed == null) {
            throw new RefusedException("the step " + status.name() + " owes no compensation");
        }
        return owed;
    }

    private String retryCompensation(int step) throws RefusedException {
        StepCompensation owed = owed(step);
        String name = turn.steps.get(step).name();
        refuseIf(owed.phase() != CompensationPhase.Failed, "the compensation of " + name + " has not failed");
        refuseIf(
                turn.made(step, Kind.Compensation) >= Retries.MOST_ATTEMPTS,
                "the compensation of " + name + " has had " + Retries.MOST_ATTEMPTS + " attempts: skip it");
        turn.steps.set(
                step,
                turn.steps
                        .get(step)
                        .withCompensation(new StepCompensation(
                                CompensationPhase.Pending, owed.attempts(), owed.attemptsOmitted(), null)));
        undoOn();
        return "the compensation of " + name + " is tried again";
    }

    private String skipCompensation(int step) throws RefusedException {
        StepCompensation owed = owed(step);
        String name = turn.steps.get(step).name();
        refuseIf(owed.done(), "the compensation of " + name + " is done");
        refuseIf(
                turn.open(step, Kind.Compensation),
                "the compensation of " + name + " is running: it can be skipped between its attempts");
        turn.settle(step, CompensationPhase.Skipped);
        undoOn();
        return "the compensation of " + name + " is skipped";
    }

    private void undoOn() {
        RunCompensation compensation = Objects.requireNonNull(turn.compensation);
        turn.compensation = new RunCompensation(
                CompensationPhase.Running, compensation.reason(), compensation.plan(), compensation.startTime(), null);
    }

    private String assumeStopped(String podUid) throws RefusedException {
        for (int step = 0; step < turn.steps.size(); step++) {
            for (Kind kind : Kind.values()) {
                Optional<Attempt> open = turn.last(step, kind).filter(attempt -> !attempt.over());
                AttemptPod pod = open.map(Attempt::pod).orElse(null);
                if (open.isPresent() && pod != null && podUid.equals(pod.uid())) {
                    var vouched = new Verdict.Over(
                            AttemptState.Lost,
                            null,
                            Reasons.ASSUMED_STOPPED,
                            "a person vouched that its process has stopped; how it ended is unknown",
                            turn.now);
                    new Outcomes(turn, step, kind, open.get()).close(vouched, pod, Optional.empty());
                    return "the pod " + pod.name() + " counts as stopped";
                }
            }
        }
        throw new RefusedException("no attempt that is not over has a pod with the UID " + podUid);
    }
}
