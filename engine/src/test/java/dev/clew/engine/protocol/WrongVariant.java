package dev.clew.engine.protocol;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.StepCompensation;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.api.workflow.Compensation;
import dev.clew.api.workflow.Step;
import dev.clew.api.workflow.When;
import dev.clew.api.workflow.WorkflowSpec;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.pod.Seen;
import dev.clew.engine.run.RunView;
import dev.clew.engine.workflow.Definition;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Protocols that are known to be wrong. The loop is the real one; what stands between it and the cluster makes it wrong. */
enum WrongVariant {
    /** The right one. */
    NONE("nothing is wrong"),
    ONLY_SUCCEEDED_STEPS_COMPENSATED("owing are"),
    /** A run that turns back does not wait for what runs. */
    NO_FENCE("was recorded as over, but"),
    /** Whether a claim has a pod is asked of the cache. */
    STALE_CACHE_FOR_THE_FENCE("recorded as never started, but it did start"),
    CLAIM_AFTER_CREATE("no status claims it"),
    RANDOM_POD_NAMES("a second pod started for the same attempt"),
    /** A claim is closed because a live read shows no pod. */
    NO_RESERVATION("started after the end of the run"),
    /** The UID that was recorded is not looked at. */
    ABSENCE_OF_A_RELEASED_POD_TAKEN_FOR_NEVER_CREATED("a second pod started for the same attempt"),
    FAILED_BY_GARBAGE_COLLECTION_TAKEN_FOR_OVER("was recorded as over, but"),
    TRIMMED_ATTEMPTS_FORGOTTEN("an effect was forgotten"),
    /** Pods are stopped and released, then it is recorded why. */
    ACTION_BEFORE_THE_STATUS_WRITE("before its outcome was recorded"),
    OLDER_CLAIM_ACTED_ON_WITHOUT_A_QUORUM_READ("was created, but its attempt is over"),
    FINALIZER_REMOVED_WITHOUT_RESOURCE_VERSION("the run was let go"),
    EXIT_137_TAKEN_FOR_STARTED("but it never started"),
    UNPROVED_NOT_STARTED("recorded as never started, but it did start"),
    /** A pod that is being deleted counts as over. */
    NEXT_ATTEMPT_BESIDE_THE_LAST("was recorded as over, but"),
    /** A pod is released while a create of its name may be on its way. */
    RELEASED_AT_ONCE("a second pod started for the same attempt"),
    /** What only time brings is waited for without looking again. */
    NEVER_LOOKS_AGAIN("comes to no end"),
    /** The loop looks again and again, whether or not there is anything to wait for. */
    POLLS("goes on for ever and gets nowhere"),
    /** After it has done what it could, the loop looks again at once. */
    LOOKS_AGAIN_AT_ONCE("looks again at once and gets nowhere"),
    NEVER_RELEASES("keeps its finalizer");

    private static final Duration POLLING = Duration.ofSeconds(30);

    /** What is said when it is noticed. */
    final String noticed;

    WrongVariant(String noticed) {
        this.noticed = noticed;
    }

    /** When the loop wants to look again, after a pass that began then. */
    Optional<Instant> wakeUp(Optional<Instant> right, Instant begun) {
        return switch (this) {
            case NEVER_LOOKS_AGAIN -> Optional.empty();
            case POLLS -> Optional.of(begun.plus(POLLING));
            case LOOKS_AGAIN_AT_ONCE -> Optional.of(begun);
            default -> right;
        };
    }

    /** How long the loop takes a request to be on its way at most. */
    Duration maxInFlight() {
        return this == RELEASED_AT_ONCE ? Duration.ZERO : SimulatedCluster.MAX_IN_FLIGHT;
    }

    boolean takesStatusForCurrent() {
        return this == OLDER_CLAIM_ACTED_ON_WITHOUT_A_QUORUM_READ;
    }

    boolean guardsTheFinalizer() {
        return this != FINALIZER_REMOVED_WITHOUT_RESOURCE_VERSION;
    }

    boolean namesPods() {
        return this != RANDOM_POD_NAMES;
    }

    /** Whether a status is written after what it should come before. */
    boolean putsOffStatus() {
        return this == CLAIM_AFTER_CREATE || this == ACTION_BEFORE_THE_STATUS_WRITE;
    }

    /** Whether a request goes before a status that was put off. */
    boolean overtakes(Request request) {
        return switch (request) {
            case Request.Create create -> this == CLAIM_AFTER_CREATE;
            case Request.Delete delete -> this == ACTION_BEFORE_THE_STATUS_WRITE;
            case Request.Release release -> this == ACTION_BEFORE_THE_STATUS_WRITE;
            case Request other -> false;
        };
    }

    /** What is taken for the answer to a reservation that is not made, if none is. */
    Optional<Cluster.Created> insteadOfReserving(
            Pod reservation, Instant now, boolean isCached, BooleanSupplier isThere) {
        boolean taken = switch (this) {
            case STALE_CACHE_FOR_THE_FENCE -> isCached;
            case NO_RESERVATION -> isThere.getAsBoolean();
            default -> true;
        };
        var none = new SimulatedPod(
                reservation, "none", SimulatedPod.Fate.SUCCEEDS, SimulatedPod.Circumstances.ORDINARY, now);
        return taken ? Optional.empty() : Optional.of(new Cluster.Created.Made(none.facts()));
    }

    PodFacts seen(PodFacts facts, RunView run) {
        PodFacts.Terminated end = facts.terminated();
        boolean unknown = end != null && "ContainerStatusUnknown".equals(end.reason());
        return switch (this) {
            case NO_FENCE ->
                run.status().compensation() != null && end == null && !facts.reservation() ? failed(facts) : facts;
            case FAILED_BY_GARBAGE_COLLECTION_TAKEN_FOR_OVER -> facts.terminal() && end == null ? failed(facts) : facts;
            case NEXT_ATTEMPT_BESIDE_THE_LAST -> facts.deleting() && end == null ? failed(facts) : facts;
            case EXIT_137_TAKEN_FOR_STARTED -> unknown ? failed(facts) : facts;
            case UNPROVED_NOT_STARTED -> unknown ? Seen.neverScheduled(facts) : facts;
            default -> facts;
        };
    }

    private static PodFacts failed(PodFacts facts) {
        return Seen.ended(facts, "Failed", new PodFacts.Terminated(137, "Error", null, null, true));
    }

    Definition seen(Definition definition) {
        WorkflowSpec spec = definition.spec();
        return this != ONLY_SUCCEEDED_STEPS_COMPENSATED
                ? definition
                : Definition.of(
                        new WorkflowSpec(
                                spec.params(),
                                spec.order(),
                                spec.timeoutSeconds(),
                                spec.onFailure(),
                                spec.ttlSecondsAfterFinished(),
                                spec.runningSteps(),
                                spec.maxParallelSteps(),
                                spec.compensation(),
                                spec.pod(),
                                spec.steps().stream()
                                        .map(WrongVariant::whenSucceeded)
                                        .toList()),
                        List.of());
    }

    private static Step whenSucceeded(Step step) {
        Compensation old = Objects.requireNonNull(step.compensation());
        return new Step(
                step.name(),
                step.dependsOn(),
                step.outputs(),
                step.retry(),
                step.failurePolicy(),
                step.pivot(),
                step.timeoutSeconds(),
                step.startTimeoutSeconds(),
                step.container(),
                new Compensation(
                        When.Succeeded, old.container(), old.retry(), old.timeoutSeconds(), old.startTimeoutSeconds()));
    }

    RunView seen(RunView run) {
        return switch (this) {
            case TRIMMED_ATTEMPTS_FORGOTTEN ->
                run.withStatus(with(
                        run.status(),
                        run.status().steps().stream()
                                .map(step -> step.withAttempts(step.attempts(), step.attemptsOmitted(), null))
                                .toList()));
            case ABSENCE_OF_A_RELEASED_POD_TAKEN_FOR_NEVER_CREATED ->
                run.withStatus(with(
                        run.status(),
                        run.status().steps().stream()
                                .map(WrongVariant::withoutUids)
                                .toList()));
            default -> run;
        };
    }

    private static StepStatus withoutUids(StepStatus step) {
        StepStatus forward = step.withAttempts(
                step.attempts().stream().map(WrongVariant::withoutUid).toList(),
                step.attemptsOmitted(),
                step.mayHaveEffect());
        StepCompensation undoing = step.compensation();
        return undoing == null
                ? forward
                : forward.withCompensation(new StepCompensation(
                        undoing.phase(),
                        undoing.attempts().stream()
                                .map(WrongVariant::withoutUid)
                                .toList(),
                        undoing.attemptsOmitted(),
                        undoing.failures()));
    }

    private static Attempt withoutUid(Attempt attempt) {
        AttemptPod pod = attempt.pod();
        return attempt.over() || pod == null
                ? attempt
                : new Attempt(
                        attempt.number(),
                        attempt.state(),
                        attempt.startTime(),
                        attempt.finishTime(),
                        attempt.reason(),
                        attempt.message(),
                        attempt.waiting(),
                        attempt.stopping(),
                        attempt.policy(),
                        attempt.ungatedTime(),
                        attempt.doubt(),
                        new AttemptPod(pod.name(), null, pod.exitCode(), pod.node(), pod.graceSeconds()));
    }

    private static WorkflowRunStatus with(WorkflowRunStatus status, List<StepStatus> steps) {
        return new WorkflowRunStatus(
                status.observedGeneration(),
                status.phase(),
                status.message(),
                status.progress(),
                status.undone(),
                status.current(),
                status.intent(),
                status.workflow(),
                status.startTime(),
                status.completionTime(),
                status.deadline(),
                status.remainingSeconds(),
                steps,
                status.compensation(),
                status.interventions(),
                status.conditions());
    }
}
