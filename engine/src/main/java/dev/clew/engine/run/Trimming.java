package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.StepCompensation;
import dev.clew.api.run.StepStatus;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.pod.PodFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Keeps the record of a step short: its first attempt and its last ones stay, what lies between is counted. */
final class Trimming {
    /** So many attempts of a step are listed: the first and the last three. */
    static final int LISTED = 4;

    private Trimming() {}

    /** Makes room for one more attempt; false if a pod must be read first. */
    static boolean beforeAnother(Turn turn, int step, Kind kind) {
        List<Attempt> attempts = turn.attempts(step, kind);
        if (attempts.size() < LISTED) {
            return true;
        }
        List<Attempt> kept = new ArrayList<>();
        List<Attempt> omitted = new ArrayList<>();
        for (int i = 0; i < attempts.size(); i++) {
            Attempt attempt = attempts.get(i);
            boolean listed = i == 0 || i > attempts.size() - LISTED + 1;
            if (listed || !isReleased(turn, attempt)) {
                kept.add(attempt);
            } else {
                omitted.add(attempt);
            }
        }
        if (turn.mustRead()) {
            return false;
        }
        omit(turn, step, kind, kept, omitted);
        return true;
    }

    /** Drops all but the last attempt, where room is short. */
    static void toTheLast(Turn turn, int step, Kind kind) {
        List<Attempt> attempts = turn.attempts(step, kind);
        List<Attempt> kept = new ArrayList<>();
        List<Attempt> omitted = new ArrayList<>();
        for (Attempt attempt : attempts) {
            boolean last = attempt.number() == attempts.getLast().number();
            if (last || !isSeenReleased(turn, attempt)) {
                kept.add(attempt);
            } else {
                omitted.add(attempt);
            }
        }
        omit(turn, step, kind, kept, omitted);
    }

    private static boolean isReleased(Turn turn, Attempt attempt) {
        AttemptPod pod = attempt.pod();
        if (pod != null && pod.uid() != null && turn.observed.pod(pod.name()) instanceof PodSeen.Absent(boolean live)) {
            if (!live) {
                turn.toRead.add(pod.name());
            }
            return live;
        }
        return isSeenReleased(turn, attempt);
    }

    /** Only what no pod of ours rests on any more may be forgotten; once taken off, the finalizer does not come back. */
    private static boolean isSeenReleased(Turn turn, Attempt attempt) {
        AttemptPod pod = attempt.pod();
        if (!attempt.over()) {
            return false;
        }
        if (pod == null || pod.uid() == null) {
            return true;
        }
        return switch (turn.observed.pod(pod.name())) {
            case PodSeen.Present(PodFacts facts, boolean live) ->
                !facts.tracked() || !facts.uid().equals(pod.uid());
            case PodSeen.Absent(boolean live) -> live;
            case PodSeen.Refused refused -> true;
        };
    }

    private static void omit(Turn turn, int step, Kind kind, List<Attempt> kept, List<Attempt> omitted) {
        if (omitted.isEmpty()) {
            return;
        }
        StepStatus old = turn.steps.get(step);
        switch (kind) {
            case Step -> {
                boolean effect = Boolean.TRUE.equals(old.mayHaveEffect())
                        || omitted.stream().anyMatch(Attempt::mayHaveHadAnEffect);
                turn.steps.set(
                        step,
                        old.withAttempts(
                                kept, sum(old.attemptsOmitted(), omitted.size()), effect ? Boolean.TRUE : null));
            }
            case Compensation -> {
                StepCompensation undoing = Objects.requireNonNull(old.compensation());
                turn.steps.set(
                        step,
                        old.withCompensation(new StepCompensation(
                                undoing.phase(),
                                kept,
                                sum(undoing.attemptsOmitted(), omitted.size()),
                                undoing.failures())));
            }
        }
    }

    private static Integer sum(@Nullable Integer before, int more) {
        return (before == null ? 0 : before) + more;
    }
}
