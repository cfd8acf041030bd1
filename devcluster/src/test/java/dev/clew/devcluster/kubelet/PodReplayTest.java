package dev.clew.devcluster.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.TestPods;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@WithDevCluster
@Execution(ExecutionMode.CONCURRENT)
class PodReplayTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "01-succeeded",
                "03-oom-killed",
                "04d-exit-0-just-before-deadline",
                "05-deadline-image-missing",
                "10b-evicted-api-exit-0",
                "10c-evicted-while-pending",
                "13-sidecar-keeps-running",
                "13d-init-container-fails",
                "15f-node-lost-exit-while-away",
                "18-force-deleted",
                "20b-container-record-lost",
            })
    void each_version_is_as_recorded(
            String name, DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        PodRecording recording = recording(name);
        PodReplay replay = cluster.kubelet().replay(namespace.pods(), recording);
        Pod pod = create(client, namespace, "replayed");

        for (PodRecording.Version version : recording.versions()) {
            Pod played = replay.next();
            assertThat(NormalStatus.of(played)).isEqualTo(NormalStatus.of(version.pod()));
            assertThat(played.getMetadata().getDeletionGracePeriodSeconds())
                    .isEqualTo(version.pod().getMetadata().getDeletionGracePeriodSeconds());
        }

        assertThat(replay.hasNext()).isFalse();
        assertThatThrownBy(replay::next).hasMessageContaining(name + " has come to its end");
        client.resource(pod).delete();
        TestPods.release(client, namespace.name(), "replayed");
        TestPods.awaitGone(client, pod);
    }

    @Test
    void an_end_from_before_the_deletion_is_from_before_it_here_too(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        assertThat(endMinusDeletion("15f-node-lost-exit-while-away", cluster, client, namespace))
                .isNegative();
        assertThat(endMinusDeletion("10b-evicted-api-exit-0", cluster, client, namespace))
                .isPositive();
    }

    private static Duration endMinusDeletion(
            String name, DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        PodReplay replay = cluster.kubelet().replay(namespace.pods(), recording(name));
        Pod posted = create(client, namespace, name);
        Pod ended = replay.playUntil(TestPods::isTerminal);
        replay.close();
        TestPods.release(client, namespace.name(), name);
        TestPods.awaitGone(client, posted);
        return Duration.between(
                PodRecording.Version.deletionRequestedAt(ended).orElseThrow(),
                Instant.parse(TestPods.end(ended).getFinishedAt()));
    }

    @Test
    void only_the_first_pod_is_played_on(DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        PodReplay replay = cluster.kubelet().replay(namespace.pods(), recording("03-oom-killed"));
        Pod first = create(client, namespace, "first");
        Pod played = replay.playAll();
        Pod second = create(client, namespace, "second");

        assertThat(played.getMetadata().getUid()).isEqualTo(first.getMetadata().getUid());
        assertThat(TestPods.end(played).getReason()).isEqualTo("OOMKilled");
        assertThat(TestPods.end(TestPods.await(client, second, TestPods::isTerminal))
                        .getExitCode())
                .isEqualTo(9);
    }

    @Test
    void a_pod_whose_replay_is_closed_can_go(DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        PodReplay replay = cluster.kubelet().replay(namespace.pods(), recording("03-oom-killed"));
        Pod pod = TestPods.create(client, namespace.name(), TestPods.shell("left", "exit 9"));
        replay.playUntil(current -> "Running".equals(current.getStatus().getPhase()));
        client.resource(pod).delete();

        replay.close();

        TestPods.awaitGone(client, pod);
    }

    @Test
    void what_never_came_to_a_kubelet_cannot_be_replayed() {
        assertThatThrownBy(() -> recording("12-gate-deleted"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("12-gate-deleted");
    }

    @Test
    void a_scripted_end_may_have_a_reason(DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        cluster.kubelet().script(namespace.pods(), ScriptedOutcome.exit(137).reason("OOMKilled"));

        Pod ended = TestPods.awaitPhase(client, create(client, namespace, "oom"), "Failed");

        ContainerStateTerminated end = TestPods.end(ended);
        assertThat(end.getReason()).isEqualTo("OOMKilled");
        assertThat(end.getExitCode()).isEqualTo(137);
    }

    private static PodRecording recording(String name) {
        return PodRecording.read(Path.of("src/test/resources/recordings", name + ".json"));
    }

    private static Pod create(KubernetesClient client, TestNamespace namespace, String name) {
        return TestPods.create(
                client,
                namespace.name(),
                new PodBuilder(TestPods.shell(name, "exit 9").build())
                        .editMetadata()
                        .addToFinalizers("clew.dev/tracking")
                        .endMetadata());
    }
}
