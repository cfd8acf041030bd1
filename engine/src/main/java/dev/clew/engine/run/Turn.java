package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.CompensationPhase;
import dev.clew.api.run.Intent;
import dev.clew.api.run.RunCompensation;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepCompensation;
import dev.clew.api.run.StepStatus;
import dev.clew.api.workflow.Step;
import dev.clew.engine.pod.AttemptId;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.workflow.Definition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The state of one decision while it is made: the record as it will be, what to do, and what must be read first. */
final class Turn {
    final RunView run;
    final Definition definition;
    final Observed observed;
    final Instant now;

    final List<Action> actions = new ArrayList<>();
    final Set<String> toRead = new LinkedHashSet<>();
    final List<StepStatus> steps;

    @Nullable
    Intent intent;

    @Nullable
    RunCompensation compensation;

    @Nullable
    RunPhase end;

    private boolean decided;
    private @Nullable Instant wakeUp;

    Turn(RunView run, Definition definition, Observed observed, Instant now) {
        this.run = run;
        this.definition = definition;
        this.observed = observed;
        this.now = now;
        this.steps = new ArrayList<>(run.status().steps());
        this.intent = run.status().intent();
        this.compensation = run.status().compensation();
        RunPhase phase = run.status().phase();
        this.end = phase != null && phase.isEnd() ? phase : null;
    }

    /** What changes from here on is a decision, not mere information: it is written at once. */
    void decide() {
        decided = true;
    }

    boolean decided() {
        return decided;
    }

    /** Looks again at this time at the latest. */
    void wakeAt(Instant time) {
        wakeUp = wakeUp == null || time.isBefore(wakeUp) ? time : wakeUp;
    }

    Optional<Instant> wakeUp() {
        return Optional.ofNullable(wakeUp);
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
                    case Step -> new StepStatus(old.name(), old.phase(), attempts, old.outputs(), old.compensation());
                    case Compensation ->
                        new StepStatus(
                                old.name(),
                                old.phase(),
                                old.attempts(),
                                old.outputs(),
                                new StepCompensation(
                                        Objects.requireNonNull(old.compensation())
                                                .phase(),
                                        attempts));
                });
    }

    /** What the definition says of a step; nothing if the definition cannot be read any more. */
    Optional<Step> declared(int step) {
        return step < definition.size() ? Optional.of(definition.step(step)) : Optional.empty();
    }

    /** Whether nothing can be created for the run any more. */
    boolean abandoned() {
        return observed.abandoned() || end == RunPhase.Terminated;
    }

    /** Whether the run has turned back. */
    boolean turnedBack() {
        return compensation != null;
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
}
