package dev.clew.engine.protocol;

import dev.clew.api.run.IntentState;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.workflow.Definition;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What containers really did, in the true order. A process that has started may have had its effect. Holds for sagas in which
 * nobody skips a step and every step owes what it started.
 *
 * <p>Of what is recorded it asks only whether the run has ended, and of a pivot whether its success is recorded and whether the
 * run is to be rolled back: a pivot binds by its record. One that ended with 0 where nobody could learn of it is undone like any
 * step that may have had its effect.
 */
final class EffectLedger {
    /** A step by its index, forward or back. */
    private record Effect(int step, boolean undoing, String attempt, Happened what) {}

    private enum Happened {
        STARTED,
        DONE
    }

    private final Definition definition;
    private final List<Effect> effects;

    EffectLedger(Definition definition) {
        this(definition, List.of());
    }

    private EffectLedger(Definition definition, List<Effect> effects) {
        this.definition = definition;
        this.effects = new ArrayList<>(effects);
    }

    EffectLedger copy() {
        return new EffectLedger(definition, effects);
    }

    List<Object> state() {
        return List.copyOf(effects);
    }

    private static void hold(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    private Stream<Effect> of(int step, boolean undoing, Happened what) {
        return effects.stream()
                .filter(effect -> effect.step == step && effect.undoing == undoing && effect.what == what);
    }

    private boolean has(int step, boolean undoing, Happened what) {
        return of(step, undoing, what).findAny().isPresent();
    }

    private Effect effect(SimulatedPod pod, Happened what) {
        String[] parts = pod.attempt.split("/", -1);
        int step = definition.graph().index(parts[1]).orElseThrow();
        return new Effect(step, parts[2].equals("Compensation"), pod.attempt, what);
    }

    /** The container of a pod has started; these others run, or may still start. */
    void started(SimulatedPod pod, WorkflowRunStatus status, List<SimulatedPod> others) {
        Effect effect = effect(pod, Happened.STARTED);
        hold(effects.stream().noneMatch(effect::equals), "effects: a second pod started for the same attempt: " + pod);
        hold(
                others.stream()
                        .map(other -> effect(other, Happened.STARTED))
                        .noneMatch(other -> other.step == effect.step && other.undoing == effect.undoing),
                "effects: an attempt started beside another one: " + pod);
        RunPhase phase = status.phase();
        hold(phase != null && !phase.isEnd(), "effects: started after the end of the run: " + pod);
        if (effect.undoing) {
            undoingStarts(effect.step, status, others);
        } else {
            hold(
                    effects.stream().noneMatch(other -> other.undoing),
                    "effects: a forward step started after compensation had begun: " + pod);
            definition.graph().dependencies(effect.step).stream()
                    .forEach(before -> hold(
                            has(before, false, Happened.DONE),
                            "effects: started before what it depends on had succeeded: " + pod));
        }
        effects.add(effect);
    }

    private void undoingStarts(int step, WorkflowRunStatus status, List<SimulatedPod> others) {
        hold(
                others.stream().map(other -> effect(other, Happened.STARTED)).allMatch(other -> other.undoing),
                "effects: a compensation started before every forward step was over");
        for (int dependent = 0; dependent < definition.size(); dependent++) {
            boolean depends = definition.graph().ancestors(dependent).get(step);
            hold(
                    !depends || !has(dependent, false, Happened.STARTED) || has(dependent, true, Happened.DONE),
                    "effects: " + name(step) + " was undone before " + name(dependent));
        }
        boolean pastPivot = IntStream.range(0, definition.size())
                .anyMatch(at -> definition.step(at).pivotOrDefault()
                        && status.steps().get(at).phase() == StepPhase.Succeeded);
        boolean wanted = status.intent() != null && status.intent().state() == IntentState.RolledBack;
        hold(!pastPivot || wanted, "effects: " + name(step) + " was undone past the pivot");
    }

    private String name(int step) {
        return definition.graph().name(step);
    }

    /** The container of a pod has ended with 0. */
    void done(SimulatedPod pod) {
        effects.add(effect(pod, Happened.DONE));
    }

    /** All or compensated: what the end of a run says is so. */
    void ended(RunPhase phase) {
        for (int step = 0; step < definition.size(); step++) {
            String of = "effects: the run ended " + phase + ", but " + name(step);
            switch (phase) {
                case Succeeded -> {
                    hold(has(step, false, Happened.DONE), of + " was not done");
                    hold(!has(step, true, Happened.STARTED), of + " was undone");
                }
                case Failed, Cancelled, RolledBack ->
                    hold(!has(step, false, Happened.STARTED) || has(step, true, Happened.DONE), of + " was not undone");
                case Terminated, Pending, Running, Paused, Compensating, Stalled -> {
                    // nothing is said of what was done
                }
            }
        }
    }

    @Override
    public String toString() {
        return effects.stream()
                .map(effect -> effect.attempt + " " + effect.what)
                .toList()
                .toString();
    }
}
