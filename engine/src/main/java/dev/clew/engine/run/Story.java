package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.CompensationPhase;
import dev.clew.api.run.IntentState;
import dev.clew.api.run.InterventionAction;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.RunCompensation;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.engine.pod.Kind;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Tells in a sentence what happens in a run, or what happened. */
final class Story {
    /** So much of what happened is told where lines to type must follow. */
    private static final int LONGEST_CAUSE = 200;

    /** So much of what goes on is told where a line to type must follow. */
    private static final int LONGEST_STORY = 1000;

    private final Turn turn;

    private Story(Turn turn) {
        this.turn = turn;
    }

    static String message(Turn turn, RunPhase phase) {
        var story = new Story(turn);
        if (turn.terminating()) {
            return "terminating: waits for the end of " + story.open(Kind.Step, Kind.Compensation);
        }
        return switch (phase) {
            case Pending -> "";
            case Running -> story.forward();
            case Paused -> story.paused();
            case Compensating -> story.cause() + "; " + story.back();
            case Stalled -> turn.stalled == null ? story.compensationFailed() : story.stalled(turn.stalled);
            case Succeeded -> story.succeeded();
            case Failed, Cancelled, RolledBack -> story.cause() + "; " + story.undone();
            case Terminated -> story.terminated();
        };
    }

    private String paused() {
        String now = turn.compensation == null ? forward() : cause() + "; " + back();
        return "paused" + (now.isEmpty() ? "" : ": " + Summary.cut(now, LONGEST_STORY)) + "; to go on: "
                + Hints.patch(turn.run, "desiredState", "Running");
    }

    private String succeeded() {
        List<String> skipped = turn.steps.stream()
                .filter(step -> step.phase() == StepPhase.Skipped)
                .map(StepStatus::name)
                .toList();
        if (!skipped.isEmpty()) {
            return "all steps succeeded but " + String.join(", ", skipped) + ", skipped by a person";
        }
        return turn.steps.size() == 1 ? "the step succeeded" : "all " + turn.steps.size() + " steps succeeded";
    }

    /** Steps with an open attempt of these kinds; what only a node or a person can end is told in full. */
    private String open(Kind... kinds) {
        String names = IntStream.range(0, turn.steps.size())
                .filter(step -> Stream.of(kinds).anyMatch(kind -> turn.open(step, kind)))
                .mapToObj(step -> turn.steps.get(step).name())
                .collect(Collectors.joining(", "));
        Stream<String> stuck = IntStream.range(0, turn.steps.size())
                .boxed()
                .flatMap(step -> Stream.of(kinds)
                        .filter(kind -> turn.last(step, kind)
                                .filter(Summary::waitsForANode)
                                .isPresent())
                        .flatMap(kind -> goingOn(step, kind).stream()));
        return Stream.concat(Stream.of(names), stuck).collect(Collectors.joining("; "));
    }

    private String forward() {
        return IntStream.range(0, turn.steps.size())
                .mapToObj(step -> goingOn(step, Kind.Step))
                .flatMap(Optional::stream)
                .collect(Collectors.joining("; "));
    }

    /** What the last attempt of a step is at, if anything is to be told. */
    private Optional<String> goingOn(int step, Kind kind) {
        String what =
                (kind == Kind.Step ? "" : "undoing ") + turn.steps.get(step).name();
        Optional<Attempt> last = turn.last(step, kind);
        if (last.isEmpty() || Summary.succeeded(last.get())) {
            return Optional.empty();
        }
        Attempt attempt = last.get();
        if (attempt.over()) {
            return Optional.of(
                    what + " failed in attempt " + attempt.number() + ": " + why(attempt) + ", will be retried");
        }
        String number = attempt.number() > 1 ? " (attempt " + attempt.number() + ")" : "";
        return Optional.of(
                attempt.reason() == null
                        ? what + number
                        : what + number + " waits: " + attempt.reason()
                                + (attempt.message() == null ? "" : ": " + attempt.message()));
    }

    private static String why(Attempt attempt) {
        return Objects.requireNonNullElse(attempt.message(), Objects.requireNonNullElse(attempt.reason(), "unknown"));
    }

    /** Why the run turned back. */
    private String cause() {
        RunCompensation compensation = turn.compensation;
        return compensation == null ? "" : cause(compensation.reason());
    }

    private String cause(String reason) {
        return switch (reason) {
            case Reasons.DELETED -> "cancelled: the run was deleted";
            case Reasons.CANCELLED -> "cancelled";
            case Reasons.ROLLED_BACK -> "rolled back";
            case Reasons.RUN_TIMEOUT ->
                "the run took longer than " + turn.definition.spec().timeoutSeconds() + " s";
            case Reasons.TOO_LARGE -> "the record of the run would not fit into one object with another attempt";
            default ->
                IntStream.range(0, turn.steps.size())
                        .filter(step -> turn.steps.get(step).phase() == StepPhase.Failed)
                        .mapToObj(step -> failure(step, Kind.Step))
                        .collect(Collectors.joining(", "));
        };
    }

    private String failure(int step, Kind kind) {
        List<Attempt> attempts = turn.attempts(step, kind);
        String name = turn.steps.get(step).name();
        if (attempts.isEmpty()) {
            return name + " failed";
        }
        int made = turn.made(step, kind);
        String many = made > 1 ? " after " + made + " attempts" : "";
        return name + " failed: " + why(attempts.getLast()) + many;
    }

    private String back() {
        RunCompensation compensation = Objects.requireNonNull(turn.compensation);
        if (compensation.phase() == CompensationPhase.Waiting) {
            return "waiting for the end of " + open(Kind.Step);
        }
        return IntStream.range(0, turn.steps.size())
                .mapToObj(step -> goingOn(step, Kind.Compensation))
                .flatMap(Optional::stream)
                .collect(Collectors.joining("; "));
    }

    private String undone() {
        List<String> plan = Objects.requireNonNullElse(
                Objects.requireNonNull(turn.compensation).plan(), List.of());
        List<String> skipped = plan.stream()
                .filter(name -> turn.steps.stream()
                        .anyMatch(step -> step.name().equals(name)
                                && step.compensation() != null
                                && step.compensation().phase() == CompensationPhase.Skipped))
                .toList();
        return plan.isEmpty()
                ? "there was nothing to undo"
                : "undone: " + String.join(", ", plan)
                        + (skipped.isEmpty() ? "" : "; skipped by a person: " + String.join(", ", skipped));
    }

    /** Waits for a person on the way forward: what happened, and the lines that can be typed. */
    private String stalled(String reason) {
        boolean cancelled = reason.equals(Reasons.PAST_PIVOT);
        String what = cancelled
                ? cause(intentReason()) + ", past its pivot, where nothing is undone by itself"
                : cause(reason);
        String undo = turn.pastPivot() || cancelled
                ? "to undo it all: " + Hints.patch(turn.run, "desiredState", "RolledBack")
                : "to undo it: " + Hints.patch(turn.run, "desiredState", "Cancelled");
        return Summary.cut(what, LONGEST_CAUSE) + "; waits for a person; "
                + goOn(reason).orElse("")
                + undo + giveUp();
    }

    /** Of the first step that failed; of a run out of time, of the first that is not done. */
    private Optional<String> goOn(String reason) {
        return reason.equals(Reasons.PAST_PIVOT) || turn.run.deleting()
                ? Optional.empty()
                : IntStream.range(0, turn.steps.size())
                        .filter(step -> turn.anyFailed()
                                ? turn.steps.get(step).phase() == StepPhase.Failed
                                : !turn.steps.get(step).done())
                        .boxed()
                        .findFirst()
                        .map(step -> goOn(step, reason));
    }

    private String goOn(int step, String reason) {
        String name = turn.steps.get(step).name();
        boolean cannotBeRetried = isUsedUp(step, Kind.Step) || reason.equals(Reasons.TOO_LARGE);
        String retry = cannotBeRetried
                ? ""
                : "to try again: " + Hints.intervene(turn.run, InterventionAction.RetryStep, name) + "; ";
        return retry + "to go on without " + name + ": " + Hints.intervene(turn.run, InterventionAction.SkipStep, name)
                + "; ";
    }

    private boolean isUsedUp(int step, Kind kind) {
        return turn.made(step, kind) >= Retries.MOST_ATTEMPTS;
    }

    private String giveUp() {
        return turn.run.deleting()
                ? "; to let it go as it is: " + Hints.patch(turn.run, "deletionPolicy", "Abandon")
                : "; to give it up: " + Hints.patch(turn.run, "desiredState", "Terminated");
    }

    private String intentReason() {
        return turn.intent == null ? Reasons.CANCELLED : turn.intent.reason();
    }

    private String compensationFailed() {
        String failed = IntStream.range(0, turn.steps.size())
                .filter(step -> isStuck(turn.steps.get(step)))
                .mapToObj(step -> "the compensation of " + failure(step, Kind.Compensation))
                .collect(Collectors.joining(", "));
        int stuck = IntStream.range(0, turn.steps.size())
                .filter(step -> isStuck(turn.steps.get(step)))
                .findFirst()
                .orElseThrow();
        String name = turn.steps.get(stuck).name();
        String goOn = isUsedUp(stuck, Kind.Compensation)
                ? ""
                : "; to try again: " + Hints.intervene(turn.run, InterventionAction.RetryCompensation, name);
        return Summary.cut(failed, LONGEST_CAUSE) + "; waits for a person" + goOn + "; once it is undone by hand: "
                + Hints.intervene(turn.run, InterventionAction.SkipCompensation, name) + giveUp()
                + "; turned back because " + Summary.cut(cause(), LONGEST_CAUSE);
    }

    private String terminated() {
        String undone = turn.steps.stream()
                .filter(step ->
                        step.compensation() != null && step.compensation().phase() == CompensationPhase.Succeeded)
                .map(StepStatus::name)
                .collect(Collectors.joining(", "));
        String why = turn.intent != null && turn.intent.state() == IntentState.Terminated
                ? "terminated"
                : "the namespace is being deleted";
        return why + ": " + (undone.isEmpty() ? "nothing was undone" : "nothing was undone but " + undone);
    }

    static boolean isStuck(StepStatus step) {
        return step.compensation() != null && step.compensation().phase() == CompensationPhase.Failed;
    }
}
