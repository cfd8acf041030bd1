package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.Reasons;
import dev.clew.api.workflow.Step;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.pod.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes what was seen of the pods into the record: how attempts ended, and what open ones wait for. */
final class Absorbing {
    /** A pod that should have ended so long ago, its grace period included, is not answered for by its node. */
    static final Duration OVERDUE = Duration.ofSeconds(30);

    /** A refused create is tried again so soon; each try is one request. */
    private static final Duration REFUSED_AGAIN = Duration.ofSeconds(5);

    private final Turn turn;
    private final int step;
    private final Kind kind;
    private final Attempt attempt;
    private final AttemptPod pod;
    private final Outcomes outcomes;

    private Absorbing(Turn turn, int step, Kind kind, Attempt attempt) {
        this.turn = turn;
        this.step = step;
        this.kind = kind;
        this.attempt = attempt;
        this.pod = Objects.requireNonNull(attempt.pod(), "an open attempt names its pod from the claim on");
        this.outcomes = new Outcomes(turn, step, kind, attempt);
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
                    outcomes.close(
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
                    // its pod is still to be made, or its name to be reserved
                } else if (!live) {
                    turn.toRead.add(pod.name());
                } else if (pod.uid() == null) {
                    outcomes.neverMade(
                            Reasons.ABANDONED, "the namespace is being deleted: its pod could not be created");
                } else {
                    vanished();
                }
            }
            case PodSeen.Refused refused -> refused(refused);
        }
    }

    /**
     * The API server refuses the pod, and there is none: shown, and tried again until the start limit, or until no pod may
     * start any more. Then it is closed as never started, once no create of its name can arrive any more.
     */
    private void refused(PodSeen.Refused refusal) {
        turn.record(step, kind, open(attempt.state(), refusal.reason(), refusal.message(), attempt.waiting(), pod));
        Instant limit = turn.declared(step)
                .map(declared ->
                        refusal.firstTried().plus(Retries.of(declared, kind).startTimeout()))
                .orElse(refusal.firstTried());
        Instant settled = turn.observed.settled().getOrDefault(pod.name(), Instant.MIN);
        boolean fenced = Fence.isClosed(turn, kind) || (turn.run.deleting() && kind == Kind.Step);
        Instant until = fenced || settled.isAfter(limit) ? settled : limit;
        if (turn.now.isBefore(until)) {
            Instant next = turn.now.plus(REFUSED_AGAIN);
            turn.wakeAt(next.isBefore(until) ? next : until);
        } else if (refusal.lookedAt().isBefore(settled)) {
            // looked before the last create can have arrived: look again
            turn.wakeAt(turn.now);
        } else {
            outcomes.neverMade(
                    fenced ? Reasons.FENCED : Reasons.START_TIMEOUT,
                    "its pod could not be created: " + refusal.message());
        }
    }

    /** Once a UID is recorded, only that one; before, the attempt's annotation and the run as controller, or none. */
    private boolean isOurs(PodFacts facts) {
        return pod.uid() == null
                ? facts.is(turn.id(step, kind, attempt.number()))
                : pod.uid().equals(facts.uid());
    }

    private void vanished() {
        inDoubt(
                "the pod " + pod.name() + " is gone, and its end was not seen: its process may still be running",
                pod,
                Optional.empty(),
                true);
    }

    private void inDoubt(String message, AttemptPod known, Optional<PodFacts> facts, boolean live) {
        Doubts.State state = Doubts.of(turn, attempt, known);
        if (state.settled() != null && !live) {
            // its kubelet may have reported the end of the container meanwhile
            turn.toRead.add(pod.name());
            return;
        }
        if (state.settled() != null) {
            outcomes.close(
                    new Verdict.Over(
                            AttemptState.Lost,
                            null,
                            turn.givenUp() ? Reasons.TERMINATED : Reasons.NODE_RESOLVED,
                            message + "; " + state.settled(),
                            turn.now),
                    known,
                    facts);
            return;
        }
        if (!Reasons.IN_DOUBT.equals(attempt.reason())) {
            turn.decide();
        }
        String hint = state.hint().isEmpty() ? "" : "; " + state.hint();
        Attempt told = open(
                attempt.state(),
                Reasons.IN_DOUBT,
                message + hint + "; " + Hints.assumeStopped(turn.run, known),
                attempt.waiting(),
                known);
        turn.record(step, kind, told.withDoubt(state.doubt()));
    }

    private void judge(PodFacts facts, boolean live) {
        AttemptPod known = new AttemptPod(pod.name(), facts.uid(), null, facts.node(), otherGrace(facts));
        if (facts.reservation()) {
            outcomes.close(
                    new Verdict.Over(
                            AttemptState.NotStarted,
                            null,
                            Reasons.FENCED,
                            "it had no pod yet when nothing was to start any more",
                            turn.now),
                    known,
                    Optional.empty());
            return;
        }
        switch (Verdict.of(facts, attempt.waiting())) {
            case Verdict.Open open -> running(facts, live, open, known);
            case Verdict.InDoubt doubt -> inDoubt(doubt.message(), known, Optional.of(facts), live);
            case Verdict.Over over -> {
                if (facts.node() == null && !live) {
                    // a cache may not have seen yet that it was given a node
                    turn.toRead.add(pod.name());
                } else {
                    outcomes.close(outcomes.refine(facts, over), known, Optional.of(facts));
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
        if (isOverdue(facts)) {
            unreachable(facts, live, told, known);
            return;
        }
        if (isOnALostNode(facts)) {
            told = waitsForNode(
                    told, "its node " + facts.node() + " does not report: whether it still runs is not known", known);
        }
        if (!facts.gated() && PodFacts.GATED.equals(attempt.reason())) {
            turn.decide();
            told = told.withUngatedTime(turn.now);
        }
        turn.record(step, kind, told);
        if (attempt.stopping() != null) {
            if (!facts.deleting()) {
                turn.actions.add(new Action.Stop(pod.name(), facts.uid()));
            }
        } else if (!started) {
            startLimit(facts, live, told);
        }
    }

    /** Whether the kubelet should have confirmed the end of the pod by now. */
    private boolean isOverdue(PodFacts facts) {
        if (facts.deletionTime() == null) {
            return false;
        }
        Instant due = facts.deletionTime().plus(OVERDUE);
        if (turn.now.isBefore(due)) {
            turn.wakeAt(due);
            return false;
        }
        return true;
    }

    /** It is not over, whatever its deletion says: it waits for its node or for a person, unless the run was terminated. */
    private void unreachable(PodFacts facts, boolean live, Attempt told, AttemptPod known) {
        String message = "its pod was to end by " + facts.deletionTime() + ", and its node " + facts.node()
                + " has not reported that it did";
        if (turn.givenUp()) {
            if (live) {
                outcomes.close(
                        new Verdict.Over(AttemptState.Lost, null, Reasons.NODE_UNREACHABLE, message, turn.now),
                        known,
                        Optional.of(facts));
            } else {
                turn.toRead.add(pod.name());
            }
            return;
        }
        turn.record(step, kind, waitsForNode(told, message, known));
    }

    /** Shown at once: only the return of the node, or a person, can end the wait. */
    private Attempt waitsForNode(Attempt told, String message, AttemptPod known) {
        if (!Reasons.NODE_UNREACHABLE.equals(attempt.reason())) {
            turn.decide();
        }
        return open(
                told.state(),
                Reasons.NODE_UNREACHABLE,
                message + "; " + Hints.assumeStopped(turn.run, known),
                told.waiting(),
                known);
    }

    /** A container that runs and is not ready, though nothing probes it: its node may have stopped to report. */
    private boolean isOnALostNode(PodFacts facts) {
        String node = facts.node();
        if (!facts.unready() || facts.deleting() || node == null) {
            return false;
        }
        NodeSeen seen = turn.observed.nodes().get(node);
        if (seen == null) {
            turn.nodesToRead.add(node);
        }
        return seen instanceof NodeSeen.NotReady || seen instanceof NodeSeen.Gone;
    }

    /** The grace period of the pod, if somebody gave it another one than the workflow says. */
    private @Nullable Long otherGrace(PodFacts facts) {
        Long seconds = facts.graceSeconds();
        return seconds == null || seconds == turn.grace().toSeconds() ? null : seconds;
    }

    private void startLimit(PodFacts facts, boolean live, Attempt told) {
        Optional<Step> declared = turn.declared(step);
        // somebody else's gate (a queue's) holds it: that is no failure to start
        if (declared.isEmpty() || facts.gated()) {
            return;
        }
        Instant created = Objects.requireNonNullElse(facts.creationTime(), turn.now);
        Instant since = Objects.requireNonNullElse(told.ungatedTime(), created);
        Instant limit = since.plus(Retries.of(declared.get(), kind).startTimeout());
        if (turn.now.isBefore(limit)) {
            turn.wakeAt(limit);
        } else if (!live) {
            turn.toRead.add(pod.name());
        } else {
            Stops.stop(turn, step, kind, told, Reasons.START_TIMEOUT);
        }
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
                Outcomes.cut(reason, Outcomes.LONGEST_REASON),
                Outcomes.cut(message, Outcomes.LONGEST_MESSAGE),
                waiting,
                attempt.stopping(),
                null,
                attempt.ungatedTime(),
                null,
                known.node() == null && pod.node() != null
                        ? new AttemptPod(known.name(), known.uid(), known.exitCode(), pod.node(), known.graceSeconds())
                        : known);
    }
}
