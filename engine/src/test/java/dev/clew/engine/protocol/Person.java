package dev.clew.engine.protocol;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.CompensationPhase;
import dev.clew.api.run.DeletionPolicy;
import dev.clew.api.run.DesiredState;
import dev.clew.api.run.Intervention;
import dev.clew.api.run.InterventionAction;
import dev.clew.api.run.Output;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunSpec;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.run.RunView;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A person who changes the spec of a run: at random, or to help a run that needs a person. */
final class Person {
    private final SimulatedCluster cluster;

    Person(SimulatedCluster cluster) {
        this.cluster = cluster;
    }

    void desires(@Nullable DesiredState state) {
        cluster.spec(old -> with(old, state, old.interventions(), old.ttlSecondsAfterFinished(), old.deletionPolicy()));
    }

    void deletionPolicy(@Nullable DeletionPolicy policy) {
        cluster.spec(old -> with(old, old.desiredState(), old.interventions(), old.ttlSecondsAfterFinished(), policy));
    }

    void ttl(@Nullable Integer seconds) {
        cluster.spec(old -> with(old, old.desiredState(), old.interventions(), seconds, old.deletionPolicy()));
    }

    void about(InterventionAction action, String step, Output... outputs) {
        intervene("about-" + next(), action, step, null, outputs);
    }

    /** Vouches that the process of a pod has stopped. */
    void vouches(String podUid) {
        intervene("vouch-" + next(), InterventionAction.AssumeStopped, null, podUid);
    }

    private int next() {
        return 1
                + cluster.stored().map(run -> run.spec().interventions().size()).orElse(0);
    }

    void intervene(
            String name, InterventionAction action, @Nullable String step, @Nullable String podUid, Output... outputs) {
        cluster.spec(old -> {
            List<Intervention> all = new ArrayList<>(old.interventions());
            all.add(new Intervention(name, action, step, podUid, List.of(outputs)));
            return with(old, old.desiredState(), all, old.ttlSecondsAfterFinished(), old.deletionPolicy());
        });
    }

    private static WorkflowRunSpec with(
            WorkflowRunSpec old,
            @Nullable DesiredState state,
            List<Intervention> interventions,
            @Nullable Integer ttl,
            @Nullable DeletionPolicy policy) {
        return new WorkflowRunSpec(
                old.workflowRef(),
                old.workflow(),
                old.params(),
                state,
                interventions,
                ttl,
                policy,
                old.idempotencyKey());
    }

    // -- at random

    /** Does something, sensible or not. */
    void doesAnything(Random random) {
        int choice = random.nextInt(100);
        if (choice < 25) {
            desires(DesiredState.Running);
        } else if (choice < 40) {
            desires(DesiredState.Paused);
        } else if (choice < 44) {
            desires(DesiredState.Cancelled);
        } else if (choice < 48) {
            desires(DesiredState.RolledBack);
        } else if (choice < 50) {
            desires(DesiredState.Terminated);
        } else if (choice < 55) {
            deletionPolicy(random.nextBoolean() ? DeletionPolicy.Abandon : DeletionPolicy.Compensate);
        } else if (choice < 60) {
            ttl(random.nextBoolean() ? null : random.nextInt(100));
        } else if (choice < 85) {
            intervenesSomehow(random);
        } else if (choice < 90) {
            vouches("no-such-pod");
        } else {
            vouchesForSomePod(random);
        }
    }

    private void intervenesSomehow(Random random) {
        InterventionAction[] actions = {
            InterventionAction.RetryStep,
            InterventionAction.SkipStep,
            InterventionAction.RetryCompensation,
            InterventionAction.SkipCompensation
        };
        InterventionAction action = actions[random.nextInt(actions.length)];
        Output[] outputs = action == InterventionAction.SkipStep && random.nextInt(5) == 0
                ? new Output[] {new Output("x", "1")}
                : new Output[0];
        about(action, "s" + random.nextInt(6), outputs);
    }

    /** Who vouches for a pod has seen to it that its process is no more; one without a node nobody can vouch for. */
    private void vouchesForSomePod(Random random) {
        List<SimulatedPod> known = Stream.concat(cluster.pods.values().stream(), cluster.ghosts.stream())
                .filter(pod -> pod.node() != null)
                .toList();
        if (!known.isEmpty()) {
            SimulatedPod pod = known.get(random.nextInt(known.size()));
            pod.die();
            vouches(pod.uid);
        }
    }

    // -- to help

    /** Does what only a person can do for a run that waits for one; false if it waits for nobody. */
    boolean helps(Random random, boolean impatient) {
        Optional<RunView> stored = cluster.stored();
        if (stored.isEmpty()) {
            return false;
        }
        RunView run = stored.get();
        WorkflowRunStatus status = run.status();
        RunPhase phase = status.phase();
        if (phase != null && phase.isEnd()) {
            return false;
        }
        if (run.spec().desiredStateOrDefault() == DesiredState.Paused) {
            desires(DesiredState.Running);
            return true;
        }
        if (impatient) {
            desires(DesiredState.Terminated);
            return true;
        }
        boolean vouched = vouchesForDoubts(status);
        return phase == RunPhase.Stalled ? resolves(random, status) : vouched;
    }

    /** Sees to it that the processes have stopped that nobody can answer for, and says so; false if there are none. */
    boolean vouchesForDoubts(WorkflowRunStatus status) {
        List<String> uids = status.steps().stream()
                .flatMap(step -> Stream.concat(step.attempts().stream(), undoing(step)))
                .filter(attempt -> !attempt.over() && isInDoubt(attempt))
                .map(attempt -> Objects.requireNonNull(attempt.pod()).uid())
                .filter(Objects::nonNull)
                .toList();
        uids.forEach(uid -> {
            Stream.concat(cluster.pods.values().stream(), cluster.ghosts.stream())
                    .filter(pod -> pod.uid.equals(uid))
                    .forEach(SimulatedPod::die);
            vouches(uid);
        });
        return !uids.isEmpty();
    }

    private static boolean isInDoubt(Attempt attempt) {
        return "InDoubt".equals(attempt.reason()) || "NodeUnreachable".equals(attempt.reason());
    }

    private static Stream<Attempt> undoing(StepStatus step) {
        return step.compensation() == null ? Stream.empty() : step.compensation().attempts().stream();
    }

    private boolean resolves(Random random, WorkflowRunStatus status) {
        if (random.nextInt(10) == 0) {
            desires(DesiredState.Terminated);
            return true;
        }
        if (status.compensation() != null) {
            List<String> failed = status.steps().stream()
                    .filter(step ->
                            step.compensation() != null && step.compensation().phase() == CompensationPhase.Failed)
                    .map(StepStatus::name)
                    .toList();
            failed.forEach(step -> about(
                    random.nextBoolean() ? InterventionAction.RetryCompensation : InterventionAction.SkipCompensation,
                    step));
            return true;
        }
        if (status.intent() != null || random.nextInt(3) == 0) {
            desires(random.nextInt(3) == 0 ? DesiredState.Cancelled : DesiredState.RolledBack);
            return true;
        }
        boolean anyFailed = status.steps().stream().anyMatch(step -> step.phase() == StepPhase.Failed);
        status.steps().stream()
                .filter(step -> anyFailed ? step.phase() == StepPhase.Failed : !step.done())
                .forEach(step -> about(
                        random.nextBoolean() ? InterventionAction.RetryStep : InterventionAction.SkipStep,
                        step.name()));
        return true;
    }
}
