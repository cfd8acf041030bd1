package dev.clew.devcluster.kubelet;

import static dev.clew.devcluster.TestPods.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.TestPods;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@WithDevCluster
@Execution(ExecutionMode.CONCURRENT)
class ScriptedOutcomeTest {
    @Test
    void a_pod_ends_as_scripted_with_two_status_writes(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        cluster.kubelet()
                .script(
                        namespace.pods(),
                        ScriptedOutcome.exit(3).after(Duration.ofMillis(300)).message("a=1\n"));
        try (PodHistory history = new PodHistory(client, namespace.name(), "scripted")) {
            Pod pod = TestPods.create(client, namespace.name(), TestPods.shell("scripted", "echo never >&2; exit 1"));

            Pod ended = TestPods.awaitPhase(client, pod, "Failed");

            assertThat(TestPods.end(ended).getExitCode()).isEqualTo(3);
            assertThat(TestPods.end(ended).getMessage()).isEqualTo("a=1\n");
            patiently().until(() -> TestPods.isTerminal(history.latest()));
            assertThat(history.statuses().stream().map(NormalStatus::outline))
                    .containsExactly("Pending ", "Pending ", "Running running", "Failed terminated");
        }
        assertThat(cluster.kubelet().logs().ofPod(namespace.name(), "scripted")).isEmpty();
    }

    @Test
    void the_first_matching_rule_counts_and_others_run_as_processes(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        cluster.kubelet()
                .script(
                        pod -> namespace.contains(pod)
                                && pod.getMetadata().getName().equals("special"),
                        ScriptedOutcome.exit(7));
        cluster.kubelet()
                .script(
                        pod -> namespace.contains(pod)
                                && pod.getMetadata().getName().startsWith("s"),
                        ScriptedOutcome.exit(8));

        Pod special = TestPods.create(client, namespace.name(), TestPods.shell("special", "exit 1"));
        Pod second = TestPods.create(client, namespace.name(), TestPods.shell("second", "exit 1"));
        Pod real = TestPods.create(client, namespace.name(), TestPods.shell("real", "exit 1"));

        assertThat(exitCode(client, special)).isEqualTo(7);
        assertThat(exitCode(client, second)).isEqualTo(8);
        assertThat(exitCode(client, real)).isEqualTo(1);
    }

    @Test
    void a_removed_rule_no_longer_counts(DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        cluster.kubelet().script(namespace.pods(), ScriptedOutcome.exit(9)).remove();

        assertThat(exitCode(client, TestPods.create(client, namespace.name(), TestPods.shell("p", "exit 1"))))
                .isEqualTo(1);
    }

    @Test
    void a_held_pod_ends_when_the_test_says_so(DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        ScriptedOutcome.Held held = ScriptedOutcome.held();
        cluster.kubelet().script(namespace.pods(), held);
        Pod pod = TestPods.create(client, namespace.name(), TestPods.shell("held", "exit 1"));
        TestPods.awaitPhase(client, pod, "Running");

        held.complete(0, "x=y\n");

        assertThat(TestPods.end(TestPods.awaitPhase(client, pod, "Succeeded")).getMessage())
                .isEqualTo("x=y\n");
    }

    @Test
    void a_deleted_pod_answers_or_ignores_sigterm_as_scripted(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        cluster.kubelet()
                .script(
                        namespace.pods(),
                        ScriptedOutcome.exit(0).after(Duration.ofMinutes(10)).ignoringTerm());
        Pod pod = TestPods.create(
                client,
                namespace.name(),
                TestPods.shell("ignores", "true")
                        .editMetadata()
                        .addToFinalizers("clew.dev/tracking")
                        .endMetadata());
        TestPods.awaitPhase(client, pod, "Running");
        client.resource(pod).delete();

        Pod ended = TestPods.await(client, pod, TestPods::isTerminal);

        assertThat(TestPods.end(ended).getExitCode()).isEqualTo(137);
        TestPods.release(client, namespace.name(), "ignores");
    }

    @Test
    void a_pod_that_never_starts_waits_and_can_be_deleted(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        cluster.kubelet().script(namespace.pods(), ScriptedOutcome.neverStarts("ImagePullBackOff"));
        Pod pod = TestPods.create(client, namespace.name(), TestPods.shell("waits", "true"));
        TestPods.await(
                client,
                pod,
                current -> current.getStatus().getContainerStatuses().stream()
                        .anyMatch(status -> status.getState().getWaiting() != null
                                && "ImagePullBackOff"
                                        .equals(status.getState().getWaiting().getReason())));

        client.resource(pod).delete();

        TestPods.awaitGone(client, pod);
    }

    @Test
    void many_pods_need_no_thread_each(DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        ScriptedOutcome.Held held = ScriptedOutcome.held();
        cluster.kubelet().script(namespace.pods(), held);
        IntStream.range(0, 600)
                .parallel()
                .forEach(i -> TestPods.create(client, namespace.name(), TestPods.shell("many-" + i, "exit 1")));
        patiently().until(() -> count(client, namespace, "Running") == 600);

        assertThat(Thread.activeCount())
                .as("platform threads, those of the tests beside this one included")
                .isLessThan(400);
        held.complete(0);

        patiently().until(() -> count(client, namespace, "Succeeded") == 600);
    }

    private static long count(KubernetesClient client, TestNamespace namespace, String phase) {
        return client.pods().inNamespace(namespace.name()).list().getItems().stream()
                .filter(pod -> phase.equals(pod.getStatus().getPhase()))
                .count();
    }

    private static int exitCode(KubernetesClient client, Pod pod) {
        return TestPods.end(TestPods.await(client, pod, TestPods::isTerminal)).getExitCode();
    }
}
