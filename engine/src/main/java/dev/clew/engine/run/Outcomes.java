package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.Output;
import dev.clew.api.run.Reasons;
import dev.clew.api.workflow.FailureAction;
import dev.clew.api.workflow.Step;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.pod.Outputs;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.pod.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Records how an attempt ended: its state, its outputs, and what its step's failure policy makes of it. */
final class Outcomes {
    /** Longest message of an attempt, in characters. */
    static final int LONGEST_MESSAGE = 1024;

    /** Longest reason of an attempt, in characters. */
    static final int LONGEST_REASON = 128;

    private final Turn turn;
    private final int step;
    private final Kind kind;
    private final Attempt attempt;

    Outcomes(Turn turn, int step, Kind kind, Attempt attempt) {
        this.turn = turn;
        this.step = step;
        this.kind = kind;
        this.attempt = attempt;
    }

    /** Its pod was never made, and never will be. */
    void neverMade(String reason, String message) {
        AttemptPod pod = attempt.pod();
        if (pod != null) {
            close(new Verdict.Over(AttemptState.NotStarted, null, reason, message, turn.now), pod, Optional.empty());
        }
    }

    /** What the pod alone cannot know: what status recorded, and why the pod was stopped. */
    Verdict.Over refine(PodFacts facts, Verdict.Over over) {
        if (over.state() == AttemptState.NotStarted && attempt.state() == AttemptState.Running) {
            return new Verdict.Over(
                    AttemptState.Lost, null, over.reason(), "was seen running, then lost", over.finishedAt());
        }
        if (over.state() == AttemptState.NotStarted && Reasons.START_TIMEOUT.equals(attempt.stopping())) {
            return new Verdict.Over(
                    AttemptState.NotStarted,
                    null,
                    Reasons.START_TIMEOUT,
                    "did not start in time: " + (over.reason() == null ? "no reason was given" : over.reason()),
                    over.finishedAt());
        }
        if (over.state() == AttemptState.NotStarted && Reasons.DEADLINE_EXCEEDED.equals(facts.reason())) {
            return new Verdict.Over(
                    AttemptState.NotStarted,
                    null,
                    Reasons.DEADLINE_EXCEEDED,
                    "did not start within " + facts.activeDeadlineSeconds() + " s: " + over.reason(),
                    over.finishedAt());
        }
        if (over.state() != AttemptState.Succeeded && endedByTheRunsDeletion(facts)) {
            return new Verdict.Over(
                    over.state(),
                    over.exitCode(),
                    Reasons.RUN_DELETED,
                    "the deletion of the run ended its pod",
                    over.finishedAt());
        }
        return over;
    }

    private boolean endedByTheRunsDeletion(PodFacts facts) {
        Instant runDeleted = turn.run.deletionTime();
        if (kind != Kind.Compensation || runDeleted == null || facts.deletionTime() == null) {
            return false;
        }
        Instant asked = facts.deletionRequested().orElse(facts.deletionTime());
        return turn.run.uid().equals(facts.controllerUid()) && !asked.isBefore(runDeleted);
    }

    /** Records that the attempt is over. */
    void close(Verdict.Over over, AttemptPod known, Optional<PodFacts> ours) {
        Verdict.Over outcome = over;
        Optional<PodFacts.Terminated> end = ours.map(PodFacts::terminated);
        if (kind == Kind.Step && end.isPresent()) {
            outcome = takeOutputs(over, end.get(), ours.get().containers());
        }
        turn.close(
                step,
                kind,
                new Attempt(
                        attempt.number(),
                        outcome.state(),
                        attempt.startTime(),
                        finished(outcome),
                        cut(outcome.reason(), LONGEST_REASON),
                        cut(outcome.message(), LONGEST_MESSAGE),
                        null,
                        attempt.stopping(),
                        policy(outcome, ours.map(PodFacts::conditions).orElse(List.of())),
                        null,
                        null,
                        new AttemptPod(known.name(), known.uid(), outcome.exitCode(), known.node(), null)));
    }

    private @Nullable FailureAction policy(Verdict.Over outcome, List<PodFacts.PodCondition> conditions) {
        // what Clew stopped for the run's sake says nothing about the step
        return kind == Kind.Compensation || Retries.wasStopped(attempt)
                ? null
                : turn.declared(step)
                        .map(Step::failurePolicy)
                        .map(policy -> FailurePolicies.action(policy, outcome, conditions))
                        .orElse(null);
    }

    /** The kubelet's time, unless the clock of its node is ahead: retries are counted from it. */
    private Instant finished(Verdict.Over outcome) {
        Instant told = outcome.finishedAt();
        return told == null || told.isAfter(turn.now) ? turn.now : told;
    }

    private Verdict.Over takeOutputs(Verdict.Over over, PodFacts.Terminated end, int containers) {
        List<String> declared = turn.declared(step).map(Step::outputs).orElse(List.of());
        Outputs outputs = Outputs.of(end.message(), declared, containers);
        List<Output> merged = outputs.over(turn.steps.get(step).outputs());
        turn.steps.set(step, turn.steps.get(step).withOutputs(merged));
        Optional<Outputs.Problem> problem = outputs.problem();
        return over.state() == AttemptState.Succeeded && problem.isPresent()
                ? new Verdict.Over(
                        AttemptState.Failed,
                        over.exitCode(),
                        problem.get().reason(),
                        problem.get().message(),
                        over.finishedAt())
                : over;
    }

    static @Nullable String cut(@Nullable String text, int most) {
        return text == null ? null : Summary.cut(text, most);
    }
}
