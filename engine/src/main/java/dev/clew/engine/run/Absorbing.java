package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.Output;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.StepStatus;
import dev.clew.api.workflow.Step;
import dev.clew.engine.pod.AttemptId;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.pod.Outputs;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.pod.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes into the record what the pods of open attempts say. */
final class Absorbing {
    private static final Duration REFUSED_AGAIN = Duration.ofSeconds(5);
    private static final int LONGEST_REASON = 128;
    private static final int LONGEST_MESSAGE = 1024;

    private final Turn turn;
    private final int step;
    private final Kind kind;
    private final Attempt attempt;
    private final AttemptPod pod;

    private Absorbing(Turn turn, int step, Kind kind, Attempt attempt) {
        this.turn = turn;
        this.step = step;
        this.kind = kind;
        this.attempt = attempt;
        this.pod = Objects.requireNonNull(attempt.pod(), "an open attempt names its pod from the claim on");
    }

    static void all(Turn turn) {
        for (int step = 0; step < turn.steps.size(); step++) {
            for (Kind kind : Kind.values()) {
                int at = step;
                turn.last(step, kind)
                        .filter(attempt -> !attempt.over())
                        .ifPresent(attempt -> new Absorbing(turn, at, kind, attempt).look());
            }
        }
    }

    private void look() {
        switch (turn.observed.pod(pod.name())) {
            case PodSeen.Present(PodFacts facts, boolean live) -> {
                if (isOurs(facts)) {
                    judge(facts, live);
                } else if (!live) {
                    turn.toRead.add(pod.name());
                } else if (pod.uid() == null) {
                    close(
                            new Verdict.Over(
                                    AttemptState.Failed,
                                    null,
                                    Reasons.NAME_CONFLICT,
                                    "a pod " + pod.name() + " that is not Clew's already exists",
                                    turn.now),
                            pod,
                            Optional.empty());
                } else {
                    vanished();
                }
            }
            case PodSeen.Absent(boolean live) -> {
                if (pod.uid() == null && !turn.abandoned()) {
                    turn.actions.add(new Action.Create(id(), pod.name()));
                } else if (!live) {
                    turn.toRead.add(pod.name());
                } else if (pod.uid() == null) {
                    neverMade(Reasons.ABANDONED, "the namespace is being deleted: its pod could not be created");
                } else {
                    vanished();
                }
            }
            case PodSeen.Refused refused -> refused(refused);
        }
    }

    /**
     * The API server refuses the pod, and there is none: shown, and tried again until the start limit, or until the run has
     * turned back. Then it is closed as never started, once no create of its name can arrive any more.
     */
    private void refused(PodSeen.Refused refusal) {
        turn.record(step, kind, open(attempt.state(), refusal.reason(), refusal.message(), attempt.waiting(), pod));
        Instant claimed = Objects.requireNonNullElse(attempt.startTime(), turn.now);
        Instant limit = turn.declared(step)
                .map(declared -> claimed.plus(Retries.of(declared, kind).startTimeout()))
                .orElse(claimed);
        Instant settled = turn.observed.settled().getOrDefault(pod.name(), Instant.MIN);
        boolean back = kind == Kind.Step && (turn.turnedBack() || turn.run.deleting());
        Instant until = back || settled.isAfter(limit) ? settled : limit;
        if (turn.now.isBefore(until)) {
            Instant next = turn.now.plus(REFUSED_AGAIN);
            turn.wakeAt(next.isBefore(until) ? next : until);
        } else if (refusal.lookedAt().isBefore(settled)) {
            // looked before the last create can have arrived: look again
            turn.wakeAt(turn.now);
        } else {
            neverMade(Reasons.START_TIMEOUT, "its pod could not be created: " + refusal.message());
        }
    }

    private void neverMade(String reason, String message) {
        close(new Verdict.Over(AttemptState.NotStarted, null, reason, message, turn.now), pod, Optional.empty());
    }

    private AttemptId id() {
        return turn.id(step, kind, attempt.number());
    }

    /** Once a UID is recorded, only that one; before, the attempt's annotation and the run as controller, or none. */
    private boolean isOurs(PodFacts facts) {
        return pod.uid() == null ? facts.is(id()) : pod.uid().equals(facts.uid());
    }

    private void vanished() {
        inDoubt("the pod " + pod.name() + " is gone, and its end was not seen: its process may still be running", pod);
    }

    private void inDoubt(String message, AttemptPod known) {
        if (!Reasons.IN_DOUBT.equals(attempt.reason())) {
            turn.decide();
        }
        turn.record(step, kind, open(attempt.state(), Reasons.IN_DOUBT, message, attempt.waiting(), known));
    }

    private void judge(PodFacts facts, boolean live) {
        AttemptPod known = new AttemptPod(pod.name(), facts.uid(), null);
        switch (Verdict.of(facts, attempt.waiting())) {
            case Verdict.Open open -> running(facts, live, open, known);
            case Verdict.InDoubt doubt -> inDoubt(doubt.message(), known);
            case Verdict.Over over -> {
                if (facts.node() == null && !live) {
                    // a cache may not have seen yet that it was given a node
                    turn.toRead.add(pod.name());
                } else {
                    close(refine(facts, over), known, Optional.of(facts));
                }
            }
        }
    }

    private void running(PodFacts facts, boolean live, Verdict.Open open, AttemptPod known) {
        boolean started = open.running() || attempt.state() == AttemptState.Running;
        String waiting = started ? null : attempt.waiting();
        if (!started && open.waitingReason() != null && Verdict.KEEPS_FROM_STARTING.contains(open.waitingReason())) {
            waiting = open.waitingReason();
        }
        Attempt told = open(
                started ? AttemptState.Running : AttemptState.Claimed,
                started ? null : open.waitingReason(),
                started ? null : open.waitingMessage(),
                waiting,
                known);
        turn.record(step, kind, told);
        if (attempt.stopping() != null) {
            if (!facts.deleting()) {
                turn.actions.add(new Action.Stop(pod.name(), facts.uid()));
            }
        } else if (!started) {
            startLimit(facts, live, told);
        }
    }

    private void startLimit(PodFacts facts, boolean live, Attempt told) {
        Optional<Step> declared = turn.declared(step);
        // somebody else's gate (a queue's) holds it: that is no failure to start
        if (declared.isEmpty() || facts.gated()) {
            return;
        }
        // from the kubelet's acceptance, once there is one: how long a gate held the pod before cannot be told
        Instant since = facts.startTime() == null
                ? Objects.requireNonNullElse(facts.creationTime(), turn.now)
                : facts.startTime();
        Instant limit = since.plus(Retries.of(declared.get(), kind).startTimeout());
        if (turn.now.isBefore(limit)) {
            turn.wakeAt(limit);
        } else if (!live) {
            turn.toRead.add(pod.name());
        } else {
            stop(turn, step, kind, told, Reasons.START_TIMEOUT);
        }
    }

    /** Decides to stop an open attempt; its pod is deleted once that is recorded. */
    static void stop(Turn turn, int step, Kind kind, Attempt attempt, String why) {
        AttemptPod pod = Objects.requireNonNull(attempt.pod());
        turn.decide();
        turn.record(
                step,
                kind,
                new Attempt(
                        attempt.number(),
                        attempt.state(),
                        attempt.startTime(),
                        null,
                        attempt.reason(),
                        attempt.message(),
                        attempt.waiting(),
                        why,
                        pod));
        turn.actions.add(new Action.Stop(pod.name(), Objects.requireNonNull(pod.uid())));
    }

    private Attempt open(
            AttemptState state,
            @Nullable String reason,
            @Nullable String message,
            @Nullable String waiting,
            AttemptPod known) {
        return new Attempt(
                attempt.number(),
                state,
                attempt.startTime(),
                null,
                cut(reason, LONGEST_REASON),
                cut(message, LONGEST_MESSAGE),
                waiting,
                attempt.stopping(),
                known);
    }

    /** What the pod alone cannot know: what status recorded, and why the pod was stopped. */
    private Verdict.Over refine(PodFacts facts, Verdict.Over over) {
        if (over.state() == AttemptState.NotStarted && attempt.state() == AttemptState.Running) {
            return new Verdict.Over(
                    AttemptState.Lost, null, over.reason(), "was seen running, then lost", over.finishedAt());
        }
        if (over.state() == AttemptState.NotStarted && Reasons.START_TIMEOUT.equals(attempt.stopping())) {
            return new Verdict.Over(
                    AttemptState.NotStarted,
                    null,
                    Reasons.START_TIMEOUT,
                    "did not start in time: " + Objects.requireNonNullElse(over.reason(), "no reason was given"),
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

    private void close(Verdict.Over over, AttemptPod known, Optional<PodFacts> ours) {
        Verdict.Over outcome = over;
        Optional<PodFacts.Terminated> end = ours.map(PodFacts::terminated);
        if (kind == Kind.Step && end.isPresent()) {
            outcome = takeOutputs(over, end.get(), ours.get().containers());
        }
        turn.decide();
        turn.record(
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
                        new AttemptPod(known.name(), known.uid(), outcome.exitCode())));
    }

    /** The kubelet's time, unless the clock of its node is ahead: retries are counted from it. */
    private Instant finished(Verdict.Over outcome) {
        Instant told = outcome.finishedAt();
        return told == null || told.isAfter(turn.now) ? turn.now : told;
    }

    private Verdict.Over takeOutputs(Verdict.Over over, PodFacts.Terminated end, int containers) {
        List<String> declared = turn.declared(step).map(Step::outputs).orElse(List.of());
        Outputs outputs = Outputs.of(end.message(), declared, containers);
        StepStatus old = turn.steps.get(step);
        List<Output> merged = outputs.over(old.outputs());
        turn.steps.set(step, new StepStatus(old.name(), old.phase(), old.attempts(), merged, old.compensation()));
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

    private static @Nullable String cut(@Nullable String text, int most) {
        return text == null ? null : Summary.cut(text, most);
    }
}
