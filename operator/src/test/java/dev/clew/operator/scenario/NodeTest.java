package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.RunPhase;
import dev.clew.api.workflow.FailureAction;
import dev.clew.devcluster.kubelet.ProcessKubelet;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Runs whose node is lost, deleted or drained. How long a node must have been gone is for the engine's virtual clock. */
@WithClew
@Execution(ExecutionMode.CONCURRENT)
class NodeTest {
    /** A lost node is noticed after 10 s, a pod that does not end 30 s later, and one of a deleted node within a minute. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** What is done at once may take so long on a busy machine. */
    private static final Duration SLACK = Duration.ofSeconds(15);

    /** The first attempt of its only step works until it is stopped, or may end; later ones succeed. All want one node. */
    private static String beating(String run, String node, int retries, Path beat) {
        return Flows.inline(run, """
                pod:
                  terminationGracePeriodSeconds: 1
                  nodeSelector: {kubernetes.io/hostname: %s}
                  tolerations:
                  - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 1}
                steps:
                - name: a
                  retry: {limit: %d, backoffSeconds: 0}
                  failurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]}
                  container:
                    image: busybox
                    command: [sh, -c, 'test "$CLEW_ATTEMPT" != 1 || while :; do touch $0; sleep 0.1; done', %s]
                """.formatted(node, retries, beat));
    }

    private static Path beat(Scenario scenario, String run) {
        return scenario.cluster().stateDirectory().resolve(scenario.namespace() + "-" + run);
    }

    private static void awaitBeat(Path beat) throws IOException {
        Files.deleteIfExists(beat);
        Awaitility.await().atMost(Duration.ofSeconds(150)).until(() -> Files.exists(beat));
    }

    /** Waits until the status names the pod of the first attempt, so that it is missed if it vanishes. */
    private static Pod awaitRecorded(Scenario scenario, String run) {
        scenario.await(
                run,
                found -> found.getStatus() != null
                        && !found.getStatus().steps().isEmpty()
                        && Scenario.attempt(found, "a", 1).state() == AttemptState.Running);
        return scenario.awaitPod(run, "a", 1, Scenario::isRunning);
    }

    private static void awaitNotReady(Scenario scenario, ProcessKubelet node) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(150))
                .until(() ->
                        scenario.client().nodes().withName(node.node()).require().getStatus().getConditions().stream()
                                .filter(condition -> condition.getType().equals("Ready"))
                                .map(NodeCondition::getStatus)
                                .noneMatch("True"::equals));
    }

    private static WorkflowRun awaitActionRequired(Scenario scenario, String run, String reason) {
        return scenario.awaitAtMost(
                PATIENCE,
                run,
                found -> Scenario.actionRequired(found)
                        .filter(condition -> condition.reason().equals(reason))
                        .isPresent());
    }

    private static Instant deletionTime(Pod pod) {
        return Instant.parse(pod.getMetadata().getDeletionTimestamp());
    }

    @Test
    void aStepOnALostNodeWaitsForItVisiblyAndGoesOnWhenItComesBack(Scenario scenario) throws IOException {
        Path beat = beat(scenario, "one");
        try (ProcessKubelet node = scenario.cluster().startNode(scenario.namespace())) {
            scenario.apply(beating("one", node.node(), 0, beat));
            awaitRecorded(scenario, "one");
            node.lose();

            awaitActionRequired(scenario, "one", "NodeUnreachable");
            Pod evicted = scenario.awaitPod("one", "a", 1, Scenario::isDeleted);
            WorkflowRun waiting = scenario.awaitAtMost(
                    PATIENCE,
                    "one",
                    found -> Scenario.message(found)
                            .startsWith("a waits: NodeUnreachable: its pod was to end by " + deletionTime(evicted)
                                    + ", and its node " + node.node() + " has not reported that it did"));
            assertThat(Instant.now()).isAfterOrEqualTo(deletionTime(evicted).plusSeconds(30));
            assertThat(Scenario.message(waiting)).contains("if you know that its process has stopped: kubectl patch");
            assertThat(Scenario.actionRequired(waiting)).isPresent();
            assertThat(scenario.kubectl("get", "wfr", "one")).isEqualTo("""
                    NAME   WORKFLOW   STATUS    STEPS   UNDONE   STEP
                    one               Running   0/1              a
                    """);
            assertThat(Scenario.claims(waiting)).containsExactly("a");
            awaitBeat(beat);

            node.recover();
            WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);
            Attempt first = Scenario.attempt(ended, "a", 1);
            assertThat(first.state()).isEqualTo(AttemptState.Failed);
            assertThat(first.reason()).isEqualTo("DeletionByTaintManager");
            assertThat(first.policy()).isEqualTo(FailureAction.Ignore);
            assertThat(Scenario.actionRequired(ended)).isEmpty();
        }
    }

    /** A step that ends once it may; it stays where it is, as its pod tolerates the loss of its node for some minutes. */
    private static String waiting(String node, Path go, Path ended) {
        return Flows.inline("one", """
                pod: {nodeSelector: {kubernetes.io/hostname: %s}}
                steps:
                - name: a
                  container: {image: busybox, command: [sh, -c, 'until [ -e $0 ]; do sleep 0.1; done; touch $1', %s, %s]}
                """.formatted(node, go, ended));
    }

    @Test
    void aStepThatEndsWhileItsNodeIsAwayHasSucceededWhenTheNodeIsBack(Scenario scenario) throws IOException {
        Path go = beat(scenario, "go");
        Path ended = beat(scenario, "ended");
        try (ProcessKubelet node = scenario.cluster().startNode(scenario.namespace())) {
            scenario.apply(waiting(node.node(), go, ended));
            scenario.awaitPod("one", "a", 1, Scenario::isRunning);
            node.lose();
            Files.createFile(go);
            Awaitility.await().atMost(Duration.ofSeconds(150)).until(() -> Files.exists(ended));
            WorkflowRun lost = awaitActionRequired(scenario, "one", "NodeUnreachable");
            assertThat(Scenario.message(lost))
                    .startsWith("a waits: NodeUnreachable: its node " + node.node()
                            + " does not report: whether it still runs is not known");
            assertThat(Scenario.phase(lost)).isEqualTo(RunPhase.Running);

            node.recover();

            WorkflowRun succeeded = scenario.awaitEnd("one", RunPhase.Succeeded);
            assertThat(Scenario.claims(succeeded)).containsExactly("a");
        }
    }

    @Test
    void aNodeThatComesBackWhileItsStepRunsOnIsNoLongerWaitedFor(Scenario scenario) throws IOException {
        Path go = beat(scenario, "go");
        try (ProcessKubelet node = scenario.cluster().startNode(scenario.namespace())) {
            scenario.apply(waiting(node.node(), go, beat(scenario, "ended")));
            scenario.awaitPod("one", "a", 1, Scenario::isRunning);
            node.lose();
            awaitActionRequired(scenario, "one", "NodeUnreachable");

            node.recover();

            WorkflowRun back =
                    scenario.await("one", run -> Scenario.actionRequired(run).isEmpty());
            assertThat(Scenario.phase(back)).isEqualTo(RunPhase.Running);
            assertThat(Scenario.message(back)).isEqualTo("a");
            Files.createFile(go);
            WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);
            assertThat(Scenario.claims(ended)).containsExactly("a");
        }
    }

    @Test
    void aPodWhoseNodeWasDeletedIsInDoubtUntilAPersonVouchesOrTheNodeComesBack(Scenario scenario) throws IOException {
        Path beat = beat(scenario, "one");
        try (ProcessKubelet node = scenario.cluster().startNode(scenario.namespace())) {
            scenario.apply(beating("one", node.node(), 1, beat));
            scenario.apply(beating("two", node.node(), 0, beat(scenario, "two")));
            awaitRecorded(scenario, "one");
            awaitRecorded(scenario, "two");
            node.lose();
            scenario.kubectl("delete", "node", node.node());

            // pod garbage collection says that they have failed; they run
            WorkflowRun one = awaitActionRequired(scenario, "one", "InDoubt");
            WorkflowRun two = awaitActionRequired(scenario, "two", "InDoubt");
            String pod = Flows.pod(Scenario.attempt(one, "a", 1));
            assertThat(scenario.kubectl("get", "pod", pod, "-o", "jsonpath={.status.phase}"))
                    .isEqualTo("Failed");
            assertThat(Scenario.message(one))
                    .startsWith(
                            "a waits: InDoubt: the pod " + pod + " says Failed, but no kubelet has reported the end of"
                                    + " its container: it may still be running on " + node.node())
                    .contains("if the node " + node.node() + " stays gone");
            assertThat(Scenario.claims(one)).containsExactly("a");
            awaitBeat(beat);

            scenario.typeWhatIsSaid("one", "if you know that its process has stopped:");
            WorkflowRun vouched =
                    scenario.await("one", run -> Scenario.claims(run).size() == 2);
            assertThat(Scenario.attempt(vouched, "a", 1).state()).isEqualTo(AttemptState.Lost);
            assertThat(Scenario.attempt(vouched, "a", 1).reason()).isEqualTo("AssumedStopped");
            assertThat(Scenario.claims(scenario.run("two"))).isEqualTo(Scenario.claims(two));

            node.recover();
            scenario.awaitEnd("one", RunPhase.Succeeded);
            WorkflowRun ended = scenario.awaitEnd("two", RunPhase.Succeeded);
            Attempt first = Scenario.attempt(ended, "a", 1);
            assertThat(first.state()).isEqualTo(AttemptState.Failed);
            assertThat(first.reason()).isEqualTo("DeletionByPodGC");
        }
    }

    @Test
    void aPodThatVanishedOnALostNodeIsSettledOnlyOnceTheNodeIsBack(Scenario scenario) throws IOException {
        Path beat = beat(scenario, "one");
        try (ProcessKubelet node = scenario.cluster().startNode(scenario.namespace())) {
            scenario.apply(beating("one", node.node(), 1, beat));
            String pod = awaitRecorded(scenario, "one").getMetadata().getName();
            node.lose();
            awaitNotReady(scenario, node);
            scenario.makeVanish(pod);

            WorkflowRun doubted = awaitActionRequired(scenario, "one", "InDoubt");
            assertThat(Scenario.message(doubted)).contains("the node " + node.node() + " does not report");
            awaitBeat(beat);
            Instant before = Instant.now();
            node.recover();

            WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);
            Attempt first = Scenario.attempt(ended, "a", 1);
            assertThat(first.state()).isEqualTo(AttemptState.Lost);
            assertThat(first.reason()).isEqualTo("NodeResolved");
            assertThat(first.finishTime())
                    .isAfterOrEqualTo(before.plusSeconds(1).plus(ClewExtension.CONFIG.maxInFlight()));
        }
    }

    @Test
    void aTerminatedRunOnALostNodeEndsWithinTheGracePeriodAnd30SecondsAndHoldsNothing(Scenario scenario)
            throws IOException {
        Path beat = beat(scenario, "one");
        try (ProcessKubelet node = scenario.cluster().startNode(scenario.namespace())) {
            scenario.apply(beating("one", node.node(), 0, beat));
            awaitRecorded(scenario, "one");
            node.lose();
            scenario.patch("one", "desiredState", "Terminated");

            WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Terminated);

            awaitBeat(beat);
            Attempt attempt = Scenario.attempt(ended, "a", 1);
            assertThat(attempt.state()).isEqualTo(AttemptState.Lost);
            assertThat(attempt.reason()).isEqualTo("NodeUnreachable");
            Instant asked = Objects.requireNonNull(ended.getStatus().intent()).time();
            assertThat(ended.getStatus().completionTime())
                    .isBetween(asked.plusSeconds(30), asked.plusSeconds(1 + 30).plus(SLACK));
            assertThat(scenario.pods("one"))
                    .hasSize(1)
                    .allSatisfy(
                            pod -> assertThat(pod.getMetadata().getFinalizers()).isEmpty());
        }
    }

    @Test
    void aTerminatedRunWhosePodVanishedOnALostNodeEndsToo(Scenario scenario) {
        try (ProcessKubelet node = scenario.cluster().startNode(scenario.namespace())) {
            scenario.apply(beating("one", node.node(), 0, beat(scenario, "one")));
            String pod = awaitRecorded(scenario, "one").getMetadata().getName();
            node.lose();
            awaitNotReady(scenario, node);
            scenario.makeVanish(pod);
            awaitActionRequired(scenario, "one", "InDoubt");
            scenario.patch("one", "desiredState", "Terminated");

            WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Terminated);

            Attempt attempt = Scenario.attempt(ended, "a", 1);
            assertThat(attempt.state()).isEqualTo(AttemptState.Lost);
            assertThat(attempt.reason()).isEqualTo("Terminated");
        }
    }

    @Test
    void aNodeThatIsDrainedIsNotHeldUpAndTheStepIsTriedAgain(Scenario scenario) {
        try (ProcessKubelet node = scenario.cluster().startNode(scenario.namespace())) {
            scenario.apply(beating("one", node.node(), 0, beat(scenario, "one")));
            scenario.awaitPod("one", "a", 1, Scenario::isRunning);

            assertThat(scenario.kubectl("drain", node.node(), "--timeout=60s"))
                    .contains("evicting pod " + scenario.namespace() + "/one-a-")
                    .contains("node/" + node.node() + " drained");

            WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);
            assertThat(Scenario.claims(ended)).containsExactly("a", "a");
            assertThat(Scenario.attempt(ended, "a", 1).reason()).isEqualTo("EvictionByEvictionAPI");
            assertThat(Scenario.attempt(ended, "a", 1).policy()).isEqualTo(FailureAction.Ignore);
        }
    }
}
