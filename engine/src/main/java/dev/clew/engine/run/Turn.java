package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.CompensationPhase;
import dev.clew.api.run.DesiredState;
import dev.clew.api.run.Intent;
import dev.clew.api.run.IntentState;
import dev.clew.api.run.InterventionStatus;
import dev.clew.api.run.RunCompensation;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepCompensation;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.workflow.OnFailure;
import dev.clew.api.workflow.Step;
import dev.clew.engine.pod.AttemptId;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.workflow.Definition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The state of one decision while it is made: the record as it will be, what to do, and what must be read first. */
final class Turn {
    final RunView run;
    final Definition definition;
    final Observed observed;
    final Instant now;

    final List<Action> actions = new ArrayList<>();
    final Set<String> toRead = new LinkedHashSet<>();
    final Set<String> nodesToRead = new LinkedHashSet<>();
    final List<StepStatus> steps;
    final List<InterventionStatus> interventions;
    final TimeLimit time;
    final Room room;

    @Nullable
    Intent intent;

    @Nullable
    RunCompensation compensation;

    @Nullable
    RunPhase end;

    /** Why the run waits for a person, though it has not turned back. */
    @Nullable
    String stalled;

    /** Whether the next claim would make the record of the run too large. */
    boolean full;

    private final Set<Closed> closed = new HashSet<>();
    private boolean decided;
    private @Nullable Instant wakeUp;

    private record Closed(int step, Kind kind) {}

    Turn(RunView run, Definition definition, Observed observed, Instant now) {
        this.run = run;
        this.definition = definition;
        this.observed = observed;
        this.now = now;
        this.steps = new ArrayList<>(run.status().steps());
        this.interventions = new ArrayList<>(run.status().interventions());
        this.intent = run.status().intent();
        this.compensation = run.status().compensation();
        RunPhase phase = run.status().phase();
        this.end = phase != null && phase.isEnd() ? phase : null;
        this.time = new TimeLimit(this);
        this.room = new Room(this);
    }

    /** What changes from here on is a decision, not mere information: it is written at once. */
    void decide() {
        decided = true;
    }

    boolean decided() {
        return decided;
    }

    /** Looks again at this time at the latest. */
    void wakeAt(Instant at) {
        wakeUp = wakeUp == null || at.isBefore(wakeUp) ? at : wakeUp;
    }

    Optional<Instant> wakeUp() {
        return Optional.ofNullable(wakeUp);
    }

    /** Whether something must be read before anything can be decided. */
    boolean mustRead() {
        return !toRead.isEmpty() || !nodesToRead.isEmpty();
    }

    AttemptId id(int step, Kind kind, int number) {
        return new AttemptId(run.uid(), steps.get(step).name(), kind, number);
    }

    List<Attempt> attempts(int step, Kind kind) {
        return attempts(steps.get(step), kind);
    }

    static List<Attempt> attempts(StepStatus status, Kind kind) {
        return switch (kind) {
            case Step -> status.attempts();
            case Compensation ->
                Optional.ofNullable(status.compensation())
                        .map(StepCompensation::attempts)
                        .orElse(List.of());
        };
    }

    Optional<Attempt> last(int step, Kind kind) {
        List<Attempt> attempts = attempts(step, kind);
        return attempts.isEmpty() ? Optional.empty() : Optional.of(attempts.getLast());
    }

    /** Number of attempts so far, those that are no longer listed included. */
    int made(int step, Kind kind) {
        return last(step, kind).map(Attempt::number).orElse(0);
    }

    /** Puts an attempt in the place of the last one, or after it if its number is new. */
    void record(int step, Kind kind, Attempt attempt) {
        List<Attempt> attempts = new ArrayList<>(attempts(step, kind));
        if (!attempts.isEmpty() && attempts.getLast().number() == attempt.number()) {
            attempts.set(attempts.size() - 1, attempt);
        } else {
            attempts.add(attempt);
        }
        StepStatus old = steps.get(step);
        steps.set(
                step,
                switch (kind) {
                    case Step -> old.withAttempts(attempts, old.attemptsOmitted(), old.mayHaveEffect());
                    case Compensation -> {
                        StepCompensation undoing = Objects.requireNonNull(old.compensation());
                        yield old.withCompensation(new StepCompensation(
                                undoing.phase(), attempts, undoing.attemptsOmitted(), undoing.failures()));
                    }
                });
    }

    /** Records that an attempt is over. */
    void close(int step, Kind kind, Attempt attempt) {
        decide();
        closed.add(new Closed(step, kind));
        record(step, kind, attempt);
        if (Retries.counts(attempt)) {
            count(step, kind);
        }
    }

    /** Whether the last attempt was recorded as over in this very decision. */
    boolean closedNow(int step, Kind kind) {
        return closed.contains(new Closed(step, kind));
    }

    private void count(int step, Kind kind) {
        StepStatus old = steps.get(step);
        steps.set(
                step,
                switch (kind) {
                    case Step -> old.withFailures(old.failuresOrZero() + 1);
                    case Compensation -> {
                        StepCompensation undoing = Objects.requireNonNull(old.compensation());
                        yield old.withCompensation(new StepCompensation(
                                undoing.phase(),
                                undoing.attempts(),
                                undoing.attemptsOmitted(),
                                undoing.failuresOrZero() + 1));
                    }
                });
    }

    /** Attempts that failed and count, since the last fresh start. */
    int failures(int step, Kind kind) {
        StepStatus status = steps.get(step);
        return switch (kind) {
            case Step -> status.failuresOrZero();
            case Compensation ->
                Optional.ofNullable(status.compensation())
                        .map(StepCompensation::failuresOrZero)
                        .orElse(0);
        };
    }

    void settle(int step, StepPhase phase) {
        steps.set(step, steps.get(step).withPhase(phase));
    }

    void settle(int step, CompensationPhase phase) {
        StepStatus old = steps.get(step);
        steps.set(
                step,
                old.withCompensation(Objects.requireNonNull(old.compensation()).withPhase(phase)));
    }

    /** What the definition says of a step; nothing if the definition cannot be read any more. */
    Optional<Step> declared(int step) {
        return step < definition.size() ? Optional.of(definition.step(step)) : Optional.empty();
    }

    /** Index of a step by its name. */
    Optional<Integer> index(@Nullable String name) {
        return IntStream.range(0, steps.size())
                .filter(step -> steps.get(step).name().equals(name))
                .boxed()
                .findFirst();
    }

    /** Seconds that a kubelet gives the run's pods to end; the default is Kubernetes'. */
    Duration grace() {
        return Duration.ofSeconds(Optional.ofNullable(definition.spec().pod())
                .map(pod -> pod.terminationGracePeriodSeconds())
                .map(Number::longValue)
                .orElse(30L));
    }

    /** Whether nothing can be created for the run any more. */
    boolean abandoned() {
        return observed.abandoned() || end == RunPhase.Terminated;
    }

    /** Whether the run has turned back. */
    boolean turnedBack() {
        return compensation != null;
    }

    /** Whether it was given up: what runs is stopped, nothing is undone. */
    boolean terminating() {
        return end == null && intent != null && intent.state() == IntentState.Terminated;
    }

    /** Whether nothing rests any more on how an attempt ends: it is waited for, but not for ever. */
    boolean givenUp() {
        return terminating() || abandoned();
    }

    /** Whether no new attempt may start. Deletion outweighs a pause. */
    boolean paused() {
        return run.spec().desiredStateOrDefault() == DesiredState.Paused && !run.deleting();
    }

    /** Whether the run is past its point of no return. */
    boolean pastPivot() {
        return IntStream.range(0, definition.size())
                .anyMatch(step -> definition.step(step).pivotOrDefault()
                        && steps.get(step).phase() == StepPhase.Succeeded);
    }

    /** Whether a failure makes the run wait for a person instead of turning back. */
    boolean stallsOnFailure() {
        return definition.spec().onFailure() == OnFailure.Stall || pastPivot();
    }

    boolean anyFailed() {
        return steps.stream().anyMatch(step -> step.phase() == StepPhase.Failed);
    }

    boolean allDone() {
        return steps.stream().allMatch(StepStatus::done);
    }

    void turnBack(String reason) {
        decide();
        compensation = new RunCompensation(CompensationPhase.Waiting, reason, null, now, null);
    }

    void end(RunPhase phase) {
        decide();
        end = phase;
    }

    /** Whether the step has an attempt that is not over. */
    boolean open(int step, Kind kind) {
        return last(step, kind).filter(attempt -> !attempt.over()).isPresent();
    }

    /** Number of attempts of a kind that are not over. */
    int open(Kind kind) {
        return (int) IntStream.range(0, steps.size())
                .filter(step -> open(step, kind))
                .count();
    }
}
