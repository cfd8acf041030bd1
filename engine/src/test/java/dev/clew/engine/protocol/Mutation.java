package dev.clew.engine.protocol;

import dev.clew.api.run.DesiredState;
import dev.clew.api.run.RunCompensation;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunSpec;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.api.workflow.CompensationPolicy;
import dev.clew.api.workflow.Order;
import dev.clew.api.workflow.Step;
import dev.clew.api.workflow.WorkflowSpec;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.pod.Seen;
import dev.clew.engine.run.NodeSeen;
import dev.clew.engine.run.RunView;
import dev.clew.engine.workflow.Definition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ways of doing it wrong that some test must notice. Not of the product: a cluster that lies makes the loop do it. */
enum Mutation {
    /** As it is. */
    NONE("nothing is wrong"),
    /** A pod is made for a claim that is only in memory. */
    POD_CREATED_BEFORE_THE_CLAIM_IS_WRITTEN("no status claims it"),
    /** What is done rests on a status from the cache. */
    STATUS_NOT_READ_LIVE("was created, but its attempt is over"),
    /** A pod that is being deleted is taken for one that has ended. */
    DELETION_TAKEN_FOR_AN_END("was recorded as over, but"),
    /** A running container is taken for one that has ended. */
    RUNNING_TAKEN_FOR_AN_END("was recorded as over, but"),
    /** The plan is made while an attempt is open. */
    PLAN_WHILE_AN_ATTEMPT_IS_OPEN("a plan was made while Attempt"),
    /** A pod is released though a create of its name may still be on its way. */
    RELEASED_AT_ONCE("a second pod started for"),
    /** A claim without a pod gets one, though the run has turned back. */
    POD_INSTEAD_OF_A_RESERVATION("was created after the run had turned back"),
    /** A doubt is taken for settled while the node is away. */
    DOUBT_NOT_WAITED_FOR("was recorded as over, but"),
    /** A node that is back counts as if it had never been away. */
    RETURN_OF_A_NODE_NOT_WAITED_FOR("was recorded as over, but"),
    /** How long a pod is given to end is not looked at. */
    GRACE_OF_A_POD_NOT_SEEN("was recorded as over, but"),
    /** A phase that garbage collection wrote is taken for an end. */
    PHASE_TAKEN_FOR_AN_END("was recorded as over, but"),
    /** An attempt that is no longer listed is forgotten. */
    OMITTED_ATTEMPTS_FORGOTTEN("an effect was forgotten"),
    /** What was asked of the run is forgotten when the spec no longer says so. */
    INTENT_THAT_FALLS("the intent fell from"),
    /** A person wants a step tried again, and its used-up retries stay used up. */
    RETRIES_NOT_RESET("failures are not counted"),
    /** Failures are not counted. */
    FAILURES_NOT_COUNTED("failures are not counted"),
    /** That an intervention was carried out is forgotten. */
    INTERVENTIONS_FORGOTTEN("nobody skipped"),
    /** A pause is not heeded. */
    PAUSE_NOT_HEEDED("claimed though the run is to be paused"),
    /** Any number of steps runs at the same time. */
    PARALLEL_STEPS_WITHOUT_BOUND("run at the same time"),
    /** What depends on a step is not undone before it. */
    UNDONE_WITHOUT_ORDER("was created before the compensation of"),
    /** A sidecar is left to run. */
    SIDECAR_LEFT_RUNNING("[stopped: "),
    /** A run is deleted although a GitOps tool would create it again. */
    GIT_OPS_NOT_SEEN("would create it again"),
    /** The point of no return is not heeded. */
    PIVOT_NOT_HEEDED("turned back past its pivot");

    /** What is said when it is noticed. */
    final String noticed;

    Mutation(String noticed) {
        this.noticed = noticed;
    }

    PodFacts distort(PodFacts facts) {
        if (this == GRACE_OF_A_POD_NOT_SEEN) {
            return Seen.withGrace(facts, null);
        }
        if (this == SIDECAR_LEFT_RUNNING && facts.othersRunning()) {
            return Seen.alone(facts);
        }
        boolean lies = (this == DELETION_TAKEN_FOR_AN_END && facts.deleting())
                || (this == PHASE_TAKEN_FOR_AN_END && facts.terminal())
                || (this == RUNNING_TAKEN_FOR_AN_END && facts.running());
        return lies && facts.terminated() == null
                ? Seen.ended(facts, "Failed", new PodFacts.Terminated(137, "Error", null, null, true))
                : facts;
    }

    /** How long the loop takes a create to be on its way at most. */
    Duration maxInFlight() {
        return this == RELEASED_AT_ONCE ? Duration.ZERO : SimulatedCluster.MAX_IN_FLIGHT;
    }

    NodeSeen distort(NodeSeen seen) {
        return switch (this) {
            case DOUBT_NOT_WAITED_FOR -> new NodeSeen.Ready(Instant.EPOCH);
            case RETURN_OF_A_NODE_NOT_WAITED_FOR ->
                seen instanceof NodeSeen.Ready ? new NodeSeen.Ready(Instant.EPOCH) : seen;
            default -> seen;
        };
    }

    Pod distort(Pod manifest) {
        boolean reservation = manifest.getMetadata().getAnnotations().containsKey("clew.dev/reservation");
        return this == POD_INSTEAD_OF_A_RESERVATION && reservation
                ? new PodBuilder(manifest)
                        .editMetadata()
                        .removeFromAnnotations("clew.dev/reservation")
                        .endMetadata()
                        .editSpec()
                        .withSchedulingGates(List.of())
                        .endSpec()
                        .build()
                : manifest;
    }

    Definition distort(Definition definition) {
        WorkflowSpec spec = definition.spec();
        return switch (this) {
            case PARALLEL_STEPS_WITHOUT_BOUND -> of(spec, null, spec.compensation(), spec.steps());
            case UNDONE_WITHOUT_ORDER ->
                of(spec, spec.maxParallelSteps(), new CompensationPolicy(Order.Graph, null), spec.steps());
            case PIVOT_NOT_HEEDED ->
                of(
                        spec,
                        spec.maxParallelSteps(),
                        spec.compensation(),
                        spec.steps().stream().map(Mutation::withoutPivot).toList());
            default -> definition;
        };
    }

    private static Step withoutPivot(Step step) {
        return new Step(
                step.name(),
                step.dependsOn(),
                step.outputs(),
                step.retry(),
                step.failurePolicy(),
                null,
                step.timeoutSeconds(),
                step.startTimeoutSeconds(),
                step.container(),
                step.compensation());
    }

    private static Definition of(
            WorkflowSpec spec,
            @Nullable Integer parallel,
            @Nullable CompensationPolicy compensation,
            List<Step> steps) {
        return Definition.of(
                new WorkflowSpec(
                        spec.params(),
                        spec.order(),
                        spec.timeoutSeconds(),
                        spec.onFailure(),
                        spec.ttlSecondsAfterFinished(),
                        spec.runningSteps(),
                        parallel,
                        compensation,
                        spec.pod(),
                        steps),
                List.of());
    }

    RunView distort(RunView run) {
        return switch (this) {
            case PAUSE_NOT_HEEDED ->
                run.spec().desiredStateOrDefault() == DesiredState.Paused
                        ? with(run, desired(run.spec(), DesiredState.Running), run.gitOps())
                        : run;
            case GIT_OPS_NOT_SEEN -> with(run, run.spec(), null);
            default -> run;
        };
    }

    private static RunView with(RunView run, WorkflowRunSpec spec, @Nullable String gitOps) {
        return new RunView(
                run.namespace(),
                run.name(),
                run.uid(),
                run.resourceVersion(),
                run.generation(),
                run.finalizers(),
                run.deletionTime(),
                spec,
                run.status(),
                gitOps,
                run.otherBytes());
    }

    private static WorkflowRunSpec desired(WorkflowRunSpec spec, DesiredState state) {
        return new WorkflowRunSpec(
                spec.workflowRef(),
                spec.workflow(),
                spec.params(),
                state,
                spec.interventions(),
                spec.ttlSecondsAfterFinished(),
                spec.deletionPolicy(),
                spec.idempotencyKey());
    }

    /** The status that is written instead of the one that should be. */
    WorkflowRunStatus distort(WorkflowRunStatus before, WorkflowRunStatus status) {
        List<StepStatus> steps = new ArrayList<>();
        for (int i = 0; i < status.steps().size(); i++) {
            StepStatus old = i < before.steps().size() ? before.steps().get(i) : null;
            steps.add(distort(old, status.steps().get(i)));
        }
        return new WorkflowRunStatus(
                status.observedGeneration(),
                status.phase(),
                status.message(),
                status.progress(),
                status.undone(),
                status.current(),
                this == INTENT_THAT_FALLS && before.intent() != null ? null : status.intent(),
                status.workflow(),
                status.startTime(),
                status.completionTime(),
                status.deadline(),
                status.remainingSeconds(),
                steps,
                distort(status.compensation()),
                this == INTERVENTIONS_FORGOTTEN ? before.interventions() : status.interventions(),
                status.conditions());
    }

    private @Nullable RunCompensation distort(@Nullable RunCompensation turned) {
        return this == PLAN_WHILE_AN_ATTEMPT_IS_OPEN && turned != null && turned.plan() == null
                ? new RunCompensation(
                        turned.phase(), turned.reason(), List.of(), turned.startTime(), turned.completionTime())
                : turned;
    }

    private StepStatus distort(@Nullable StepStatus before, StepStatus step) {
        return switch (this) {
            case OMITTED_ATTEMPTS_FORGOTTEN -> step.withAttempts(step.attempts(), step.attemptsOmitted(), null);
            case RETRIES_NOT_RESET ->
                before != null && before.failuresOrZero() > step.failuresOrZero()
                        ? step.withFailures(before.failuresOrZero())
                        : step;
            case FAILURES_NOT_COUNTED -> step.withFailures(0);
            default -> step;
        };
    }
}
