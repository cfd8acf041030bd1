package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptPod;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.pod.PodFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/** Releases pods whose outcome is recorded, ends what still runs in them, and lets go of a run that has ended. */
final class Housekeeping {
    /** So long another container may run on after the step container. */
    private static final Duration RUNS_ON = Duration.ofSeconds(10);

    private final Turn turn;
    private boolean allReleased = true;

    private Housekeeping(Turn turn) {
        this.turn = turn;
    }

    static void run(Turn turn) {
        var housekeeping = new Housekeeping(turn);
        for (int step = 0; step < turn.steps.size(); step++) {
            for (Kind kind : Kind.values()) {
                turn.attempts(step, kind).forEach(housekeeping::release);
            }
        }
        housekeeping.letGo();
    }

    private void release(Attempt attempt) {
        AttemptPod pod = attempt.pod();
        if (pod == null) {
            return;
        }
        if (!attempt.over()) {
            allReleased = false;
            return;
        }
        switch (turn.observed.pod(pod.name())) {
            case PodSeen.Present(PodFacts facts, boolean live) -> {
                if (!facts.uid().equals(pod.uid())) {
                    return;
                }
                stopWhatRunsOn(attempt, facts);
                if (facts.reservation()) {
                    allReleased = false;
                    whenSettled(facts, new Action.Delete(facts.name(), facts.uid()));
                }
                if (facts.tracked()) {
                    allReleased = false;
                    whenSettled(facts, new Action.Release(facts.name(), facts.uid()));
                }
            }
            case PodSeen.Absent(boolean live) -> {
                if (!live && turn.end != null && turn.run.tracked()) {
                    turn.toRead.add(pod.name());
                }
            }
            case PodSeen.Refused refused -> {
                // there is nothing to release
            }
        }
    }

    /** A process that counts as stopped but may not be, and a sidecar that does not end by itself. */
    private void stopWhatRunsOn(Attempt attempt, PodFacts facts) {
        if (facts.deleting() || facts.reservation()) {
            return;
        }
        PodFacts.Terminated ended = facts.terminated();
        if (ended == null) {
            if (!facts.terminal()) {
                turn.actions.add(new Action.Stop(facts.name(), facts.uid()));
            }
        } else if (facts.othersRunning()) {
            // the kubelet does not always know when it ended
            Instant until =
                    Objects.requireNonNullElse(attempt.finishTime(), turn.now).plus(RUNS_ON);
            if (turn.now.isBefore(until)) {
                turn.wakeAt(until);
            } else {
                turn.actions.add(new Action.Stop(facts.name(), facts.uid()));
            }
        }
    }

    /** Pods that the run made, also for attempts that are no longer listed, and that nobody owns. */
    private void deleteIfNobodyElseWill(PodSeen seen) {
        if (seen instanceof PodSeen.Present(PodFacts facts, boolean live)
                && facts.attempt() != null
                && facts.attempt().startsWith(turn.run.uid() + "/")
                && !facts.tracked()
                && facts.controllerUid() == null
                && !facts.deleting()
                && madeDuringTheDeletion(facts)) {
            turn.actions.add(new Action.Delete(facts.name(), facts.uid()));
        }
    }

    /** Only these are Clew's to delete: an older one without an owner was orphaned because somebody wants to keep it. */
    private boolean madeDuringTheDeletion(PodFacts facts) {
        Instant deleted = turn.run.deletionTime();
        return deleted != null
                && facts.creationTime() != null
                && !facts.creationTime().isBefore(deleted);
    }

    /** Only when no create of that name can arrive any more: with the pod gone it would start a second one. */
    private void whenSettled(PodFacts facts, Action action) {
        Instant settled = turn.observed.settled().getOrDefault(facts.name(), Instant.MIN);
        if (turn.now.isBefore(settled)) {
            turn.wakeAt(settled);
        } else {
            turn.actions.add(action);
        }
    }

    private void letGo() {
        if (turn.end == null || !turn.run.tracked() || !allReleased) {
            return;
        }
        if (turn.run.deleting()) {
            turn.observed.pods().values().forEach(this::deleteIfNobodyElseWill);
        }
        turn.actions.add(new Action.LetGo());
    }
}
