package dev.clew.engine.run;

import dev.clew.api.Names;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.CompensationPhase;
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

/** Tells in a sentence what happens in a run, or what happened. */
final class Story {
    private final Turn turn;

    private Story(Turn turn) {
        this.turn = turn;
    }

    static String message(Turn turn, RunPhase phase) {
        var story = new Story(turn);
        return switch (phase) {
            case Pending -> "";
            case Running -> story.forward();
            case Compensating -> story.cause() + "; " + story.back();
            case Stalled -> story.stalled();
            case Succeeded ->
                turn.steps.size() == 1 ? "the step succeeded" : "all " + turn.steps.size() + " steps succeeded";
            case Failed, Cancelled -> story.cause() + "; " + story.undone();
            case Terminated -> story.abandoned();
        };
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
        RunCompensation compensation = Objects.requireNonNull(turn.compensation);
        return switch (compensation.reason()) {
            case Reasons.DELETED -> "cancelled: the run was deleted";
            case Reasons.RUN_TIMEOUT ->
                "the run took longer than " + turn.definition.spec().timeoutSeconds() + " s";
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
        String many = attempts.size() > 1 ? " after " + attempts.size() + " attempts" : "";
        return name + " failed: " + why(attempts.getLast()) + many;
    }

    private String back() {
        RunCompensation compensation = Objects.requireNonNull(turn.compensation);
        if (compensation.phase() == CompensationPhase.Waiting) {
            return "waiting for the end of "
                    + IntStream.range(0, turn.steps.size())
                            .filter(step -> turn.open(step, Kind.Step))
                            .mapToObj(step -> turn.steps.get(step).name())
                            .collect(Collectors.joining(", "));
        }
        return IntStream.range(0, turn.steps.size())
                .mapToObj(step -> goingOn(step, Kind.Compensation))
                .flatMap(Optional::stream)
                .collect(Collectors.joining("; "));
    }

    private String undone() {
        List<String> plan = Objects.requireNonNullElse(
                Objects.requireNonNull(turn.compensation).plan(), List.of());
        return plan.isEmpty() ? "there was nothing to undo" : "undone: " + String.join(", ", plan);
    }

    private String stalled() {
        String failed = IntStream.range(0, turn.steps.size())
                .filter(step -> isStuck(turn.steps.get(step)))
                .mapToObj(step -> "the compensation of " + failure(step, Kind.Compensation))
                .collect(Collectors.joining(", "));
        return leave() + failed + ": a person must undo it; " + cause();
    }

    /** A deleted run that is stalled waits for a person, who must know how to let it go. */
    private String leave() {
        return turn.run.deleting()
                ? "waits for a person, who lets it go with: kubectl patch workflowrun " + turn.run.name() + " -n "
                        + turn.run.namespace() + " --type=json -p '[{\"op\":\"remove\",\"path\":\"/metadata/finalizers/"
                        + turn.run.finalizers().indexOf(Names.RUN_FINALIZER) + "\"}]'; "
                : "";
    }

    private String abandoned() {
        String undone = turn.steps.stream()
                .filter(step ->
                        step.compensation() != null && step.compensation().phase() == CompensationPhase.Succeeded)
                .map(StepStatus::name)
                .collect(Collectors.joining(", "));
        return "the namespace is being deleted: "
                + (undone.isEmpty() ? "nothing could be undone" : "nothing could be undone but " + undone);
    }

    private static boolean isStuck(StepStatus step) {
        return step.compensation() != null && step.compensation().phase() == CompensationPhase.Failed;
    }
}
