package dev.clew.devcluster;

import static dev.clew.devcluster.TestPods.patiently;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.clew.devcluster.kubelet.ProcessKubelet;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Nodes beside {@code local}, and what becomes of pods when one of them is lost: on a cluster of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.CONCURRENT)
class NodesTest {
    private static final String NAMESPACE = "default";
    private static final String FINALIZER = "clew.dev/tracking";

    @TempDir
    private static Path directory;

    private DevCluster cluster;

    @BeforeAll
    void start() {
        cluster = DevCluster.start(DevClusterOptions.defaults());
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    void a_pod_gets_the_node_that_it_asks_for_and_local_if_it_asks_for_none() {
        try (ProcessKubelet other = cluster.startNode("a-other")) {
            Pod anywhere = create(TestPods.shell("anywhere", "true"));
            Pod either = create(on("linux-any", Map.of("kubernetes.io/os", "linux"), "true"));
            Pod selects = create(on("selects", hostname(other), "true"));
            Pod named = create(TestPods.shell("named", "true")
                    .editSpec()
                    .withNodeName(other.node())
                    .endSpec());

            assertThat(succeeded(anywhere).getSpec().getNodeName()).isEqualTo(ProcessKubelet.NODE);
            assertThat(succeeded(either).getSpec().getNodeName()).isEqualTo(ProcessKubelet.NODE);
            assertThat(succeeded(selects).getSpec().getNodeName()).isEqualTo(other.node());
            assertThat(succeeded(named).getSpec().getNodeName()).isEqualTo(other.node());
        }
        assertThat(client().nodes().withName("a-other").get()).isNull();
    }

    @Test
    void a_pod_waits_for_a_node_that_is_not_there_yet() {
        Pod early = create(on("early", Map.of("kubernetes.io/hostname", "late"), "true"));
        TestPods.await(
                client(),
                early,
                pod -> "Unschedulable".equals(condition(pod, "PodScheduled").getReason()));

        try (ProcessKubelet _ = cluster.startNode("late")) {
            succeeded(early);
        }
    }

    @Test
    void a_node_has_a_name_of_its_own() {
        assertThatThrownBy(() -> cluster.startNode(ProcessKubelet.NODE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("take another name");
    }

    @Test
    void a_lost_node_is_unreachable_its_pods_run_on_and_are_taken_for_running(TestInfo info) throws IOException {
        try (ProcessKubelet flaky = cluster.startNode("n-tolerated")) {
            Pod pod = create(on("tolerated", hostname(flaky), beats(info)));
            TestPods.await(client(), pod, current -> isReady(current, "True"));

            flaky.lose();

            awaitReady(flaky, "Unknown");
            Pod left = TestPods.await(client(), pod, current -> isReady(current, "False"));
            assertThat(left.getStatus().getPhase()).isEqualTo("Running");
            awaitBeat(info);
            Pod late = create(on("too-late", hostname(flaky), "true"));
            TestPods.await(
                    client(),
                    late,
                    current -> "Unschedulable"
                            .equals(condition(current, "PodScheduled").getReason()));

            flaky.recover();

            awaitReady(flaky, "True");
            TestPods.await(client(), pod, current -> isReady(current, "True"));
            succeeded(late);
            assertThat(TestPods.current(client(), pod))
                    .satisfies(current -> assertThat(current.getStatus()
                                    .getContainerStatuses()
                                    .getFirst()
                                    .getRestartCount())
                            .isZero());
        }
    }

    /** Recording 15. */
    @Test
    void a_pod_that_tolerates_the_loss_for_a_second_is_evicted_and_ends_when_the_node_is_back(TestInfo info)
            throws IOException {
        try (ProcessKubelet flaky = cluster.startNode("n-evicting")) {
            Pod pod = create(tolerant(on("evicted", hostname(flaky), "trap 'exit 0' TERM; " + beats(info))));
            TestPods.awaitPhase(client(), pod, "Running");
            awaitBeat(info);

            flaky.lose();

            Pod evicted = TestPods.await(client(), pod, NodesTest::isDeleted);
            assertThat(condition(evicted, "DisruptionTarget").getReason()).isEqualTo("DeletionByTaintManager");
            assertThat(evicted.getStatus().getPhase()).isEqualTo("Running");
            awaitBeat(info);

            flaky.recover();

            Pod ended = TestPods.awaitPhase(client(), pod, "Succeeded");
            assertThat(TestPods.end(ended).getReason()).isEqualTo("Completed");
            awaitReady(flaky, "True");
            TestPods.release(client(), NAMESPACE, "evicted");
            TestPods.awaitGone(client(), pod);
        }
    }

    /** Recording 15f. */
    @Test
    void what_ended_while_the_node_was_lost_is_told_as_it_was(TestInfo info) {
        Path ended = file(info);
        try (ProcessKubelet flaky = cluster.startNode("n-unseen-end")) {
            Path go = directory.resolve("go");
            Pod pod = create(tolerant(on(
                    "unseen-end",
                    hostname(flaky),
                    "until [ -e %s ]; do sleep 0.05; done; echo done=1 >/dev/termination-log; touch %s"
                            .formatted(go, ended))));
            TestPods.awaitPhase(client(), pod, "Running");

            flaky.lose();
            touch(go);
            patiently().until(() -> Files.exists(ended));
            Pod evicted = TestPods.await(client(), pod, NodesTest::isDeleted);
            assertThat(evicted.getStatus().getPhase()).isEqualTo("Running");
            flaky.recover();

            ContainerStateTerminated end = TestPods.end(TestPods.awaitPhase(client(), pod, "Succeeded"));
            assertThat(end.getMessage()).isEqualTo("done=1\n");
            assertThat(end.getFinishedAt()).isLessThan(evicted.getMetadata().getDeletionTimestamp());
            TestPods.release(client(), NAMESPACE, "unseen-end");
        }
    }

    /** Recording 04b, on a node that is lost. */
    @Test
    void a_lost_node_keeps_to_the_deadlines_of_its_pods(TestInfo info) throws IOException {
        try (ProcessKubelet flaky = cluster.startNode("n-deadline")) {
            Pod pod = create(on("deadline", hostname(flaky), beats(info))
                    .editSpec()
                    .withActiveDeadlineSeconds(3L)
                    .withTerminationGracePeriodSeconds(0L)
                    .endSpec());
            TestPods.awaitPhase(client(), pod, "Running");

            flaky.lose();

            awaitSilence(info);
            assertThat(TestPods.current(client(), pod))
                    .satisfies(current ->
                            assertThat(current.getStatus().getPhase()).isEqualTo("Running"));
            flaky.recover();
            assertThat(TestPods.awaitPhase(client(), pod, "Failed").getStatus().getReason())
                    .isEqualTo("DeadlineExceeded");
        }
    }

    @Test
    void a_pod_whose_object_went_while_the_node_was_lost_is_stopped_when_it_is_back(TestInfo info) throws IOException {
        try (ProcessKubelet flaky = cluster.startNode("n-forced")) {
            Pod pod = create(on("forced", hostname(flaky), beats(info)));
            TestPods.awaitPhase(client(), pod, "Running");
            flaky.lose();
            client().resource(pod).withGracePeriod(0).delete();
            TestPods.awaitGone(client(), pod);
            awaitBeat(info);

            flaky.recover();

            awaitSilence(info);
        }
    }

    /** Recording 15b: the quarantine of pod garbage collection is 40 s, and it has a round every 20 s. */
    @Test
    void the_pod_of_a_deleted_node_is_failed_by_pod_garbage_collection_and_runs_until_the_node_is_back(TestInfo info)
            throws IOException {
        try (ProcessKubelet flaky = cluster.startNode("n-deleted")) {
            Pod pod = create(on("orphan", hostname(flaky), beats(info))
                    .editMetadata()
                    .addToFinalizers(FINALIZER)
                    .endMetadata());
            TestPods.awaitPhase(client(), pod, "Running");
            flaky.lose();

            client().nodes().withName(flaky.node()).delete();

            Pod orphan = TestPods.await(client(), pod, current -> TestPods.isTerminal(current) && isDeleted(current));
            assertThat(orphan.getStatus().getPhase()).isEqualTo("Failed");
            assertThat(orphan.getMetadata().getDeletionGracePeriodSeconds()).isZero();
            assertThat(condition(orphan, "DisruptionTarget").getReason()).isEqualTo("DeletionByPodGC");
            assertThat(TestPods.end(orphan)).isNull();
            awaitBeat(info);
            assertThat(client().nodes().withName(flaky.node()).get())
                    .as("the object of a node that is lost")
                    .isNull();

            flaky.recover();

            Pod ended = TestPods.await(client(), pod, current -> TestPods.end(current) != null);
            assertThat(TestPods.end(ended).getExitCode()).isEqualTo(137);
            assertThat(ended.getStatus().getPhase()).isEqualTo("Failed");
            awaitReady(flaky, "True");
            awaitSilence(info);
            TestPods.release(client(), NAMESPACE, "orphan");
            TestPods.awaitGone(client(), pod);
        }
    }

    @Test
    void local_stays_ready_when_all_others_are_lost() {
        try (ProcessKubelet one = cluster.startNode("n-lost-1");
                ProcessKubelet two = cluster.startNode("n-lost-2");
                ProcessKubelet three = cluster.startNode("n-lost-3")) {
            Pod pod = create(tolerant(on("all-lost", hostname(three), "sleep 600")));
            TestPods.awaitPhase(client(), pod, "Running");
            one.lose();
            two.lose();
            three.lose();
            for (ProcessKubelet lost : new ProcessKubelet[] {one, two, three}) {
                awaitReady(lost, "Unknown");
            }

            TestPods.await(client(), pod, NodesTest::isDeleted);

            assertThat(ready(ProcessKubelet.NODE)).isEqualTo("True");
            TestPods.release(client(), NAMESPACE, "all-lost");
        }
    }

    private Pod create(PodBuilder pod) {
        return TestPods.create(client(), NAMESPACE, pod);
    }

    private static Map<String, String> hostname(ProcessKubelet node) {
        return Map.of("kubernetes.io/hostname", node.node());
    }

    private static PodBuilder on(String name, Map<String, String> selector, String script) {
        return TestPods.shell(name, script)
                .editSpec()
                .withNodeSelector(selector)
                .endSpec();
    }

    private static PodBuilder tolerant(PodBuilder pod) {
        return pod.editMetadata()
                .addToFinalizers(FINALIZER)
                .endMetadata()
                .editSpec()
                .addNewToleration()
                .withKey("node.kubernetes.io/unreachable")
                .withOperator("Exists")
                .withEffect("NoExecute")
                .withTolerationSeconds(1L)
                .endToleration()
                .endSpec();
    }

    private Path file(TestInfo test) {
        return directory.resolve(
                Objects.requireNonNull(test.getTestMethod().orElseThrow().getName()));
    }

    /** A script that makes a file again and again. */
    private String beats(TestInfo test) {
        return "while :; do : >%s; sleep 0.05; done".formatted(file(test));
    }

    private void awaitBeat(TestInfo test) throws IOException {
        Files.deleteIfExists(file(test));
        patiently().until(() -> Files.exists(file(test)));
    }

    private void awaitSilence(TestInfo test) throws IOException {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> !Files.deleteIfExists(file(test)));
    }

    private static void touch(Path file) {
        try {
            Files.createFile(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Pod succeeded(Pod pod) {
        return TestPods.awaitPhase(client(), pod, "Succeeded");
    }

    private static boolean isDeleted(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    private static boolean isReady(Pod pod, String status) {
        return status.equals(condition(pod, "Ready").getStatus());
    }

    private static PodCondition condition(Pod pod, String type) {
        return pod.getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst()
                .orElseGet(PodCondition::new);
    }

    private void awaitReady(ProcessKubelet node, String status) {
        patiently().until(() -> status.equals(ready(node.node())));
    }

    private String ready(String node) {
        Node current = client().nodes().withName(node).require();
        return current.getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals("Ready"))
                .map(condition -> condition.getStatus())
                .findFirst()
                .orElse("");
    }

    private KubernetesClient client() {
        return cluster.client();
    }
}
