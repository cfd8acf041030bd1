package dev.clew.devcluster.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.devcluster.TestPods;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.PodResource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The pods that were recorded on a real cluster, posted here as they were posted there: their statuses come to be the same,
 * and by the same way. What a recording's test did to its pod is done here when
 * the pod is as it was there.
 */
@WithDevCluster
@Execution(ExecutionMode.CONCURRENT)
class RecordedPodsTest {
    /** Pod garbage collection, which ends pods without a node, has a round every 20 s. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01-succeeded",
                "02-exit-7",
                "02b-exit-137",
                "04-deadline-running",
                "04b-deadline-ignores-term",
                "05-deadline-image-missing",
                "08-command-not-found",
                "08b-not-executable",
                "08c-shell-command-not-found",
                "13d-init-container-fails",
                "14-message-5k",
                "14a-message-4096",
                "14b-message-binary",
                "14c-message-empty",
                "14d-message-multibyte-cut",
                "14e-message-four-containers",
                "14f-message-from-log",
                "14g-message-four-containers-5k",
            })
    void left_alone(String name, KubernetesClient client, TestNamespace namespace) {
        try (Run run = new Run(name, client, namespace)) {
            run.endsAsRecorded();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"06-image-backoff-deleted", "06b-invalid-image-name", "06c-image-never-pull", "07-missing-secret"
            })
    void deleted_while_its_container_cannot_be_made(String name, KubernetesClient client, TestNamespace namespace) {
        String reason = switch (name) {
            case "06-image-backoff-deleted" -> "ImagePullBackOff";
            case "06b-invalid-image-name" -> "InvalidImageName";
            case "06c-image-never-pull" -> "ErrImageNeverPull";
            default -> "CreateContainerConfigError";
        };
        try (Run run = new Run(name, client, namespace)) {
            run.awaitWaiting(reason);
            run.pod.delete();
            run.isConfirmed();
            run.endsAsRecorded();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "09-deleted-pid1-no-handler",
                "09b-deleted-exit-0",
                "09c-deleted-ignores-term",
                "09d-deleted-sigterm-143",
                "23-deleted-two-containers",
            })
    void deleted_while_running(String name, KubernetesClient client, TestNamespace namespace) {
        try (Run run = new Run(name, client, namespace)) {
            run.awaitRunning();
            run.pod.delete();
            run.isConfirmed();
            run.endsAsRecorded();
            assertThat(run.terminalWithGraceAboveZero())
                    .as("a version with the terminal phase from before the kubelet's own DELETE")
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10-evicted-api", "10b-evicted-api-exit-0"})
    void evicted_by_the_api_while_running(String name, KubernetesClient client, TestNamespace namespace) {
        try (Run run = new Run(name, client, namespace)) {
            run.awaitRunning();
            assertThat(run.pod.evict()).isTrue();
            run.isConfirmed();
            run.endsAsRecorded();
            assertThat(run.terminalWithGraceAboveZero()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = "10c-evicted-while-pending")
    void evicted_by_the_api_while_pending(String name, KubernetesClient client, TestNamespace namespace) {
        try (Run run = new Run(name, client, namespace)) {
            run.awaitWaiting("ImagePullBackOff");
            assertThat(run.pod.evict()).isTrue();
            run.isConfirmed();
            run.endsAsRecorded();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = "18-force-deleted")
    void force_deleted(String name, KubernetesClient client, TestNamespace namespace) {
        try (Run run = new Run(name, client, namespace)) {
            run.awaitRunning();
            run.pod.withGracePeriod(0).delete();
            run.endsAsRecorded();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = "13-sidecar-keeps-running")
    void deleted_when_only_the_second_container_runs(String name, KubernetesClient client, TestNamespace namespace) {
        try (Run run = new Run(name, client, namespace)) {
            run.await().until(() -> run.outline().equals("Running terminated running"));
            run.pod.delete();
            run.endsAsRecorded();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = "07c-missing-secret-comes-later")
    void its_secret_comes_later(String name, KubernetesClient client, TestNamespace namespace) {
        try (Run run = new Run(name, client, namespace)) {
            run.awaitWaiting("CreateContainerConfigError");
            client.secrets()
                    .inNamespace(namespace.name())
                    .resource(new SecretBuilder()
                            .withNewMetadata()
                            .withName("late-secret")
                            .endMetadata()
                            .withStringData(Map.of("p", "w"))
                            .build())
                    .create();
            run.endsAsRecorded();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"11-unschedulable-deleted", "12-gate-deleted"})
    void deleted_without_a_node(String name, KubernetesClient client, TestNamespace namespace) {
        try (Run run = new Run(name, client, namespace)) {
            run.await()
                    .until(() -> !run.history.isEmpty()
                            && !run.history.latest().getStatus().getConditions().isEmpty());
            run.pod.delete();
            run.endsAsRecorded();
            assertThat(run.history.latest().getSpec().getNodeName()).isNull();
        }
    }

    /** Recorded with a deadline of 5 s and a gate for 15 s; here 8 s and 9 s. */
    @ParameterizedTest
    @ValueSource(strings = "12b-gate-deadline")
    void gated_for_longer_than_its_deadline(String name, KubernetesClient client, TestNamespace namespace) {
        Recording recording = Recording.read(name);
        Pod pod = new PodBuilder(recording.asPosted())
                .editSpec()
                .withActiveDeadlineSeconds(8L)
                .endSpec()
                .build();
        try (Run run = new Run(recording, pod, client, namespace)) {
            run.await().pollDelay(Duration.ofSeconds(9)).until(() -> !run.history.isEmpty());
            assertThat(run.history.latest().getSpec().getNodeName()).isNull();
            run.pod.edit(gated -> new PodBuilder(gated)
                    .editSpec()
                    .withSchedulingGates(List.of())
                    .endSpec()
                    .build());
            run.endsAsRecorded();
        }
    }

    /** One recorded pod, run again. */
    private static final class Run implements AutoCloseable {
        private final Recording recording;
        private final PodHistory history;
        private final PodResource pod;
        private final KubernetesClient client;
        private final TestNamespace namespace;

        Run(String recording, KubernetesClient client, TestNamespace namespace) {
            this(Recording.read(recording), Recording.read(recording).asPosted(), client, namespace);
        }

        Run(Recording recording, Pod posted, KubernetesClient client, TestNamespace namespace) {
            this.recording = recording;
            this.client = client;
            this.namespace = namespace;
            String name = posted.getMetadata().getName();
            this.history = new PodHistory(client, namespace.name(), name);
            this.pod = client.pods().inNamespace(namespace.name()).withName(name);
            client.pods().inNamespace(namespace.name()).resource(posted).create();
        }

        ConditionFactory await() {
            return Awaitility.await(recording.name()).atMost(PATIENCE).pollInterval(Duration.ofMillis(20));
        }

        String outline() {
            return history.isEmpty() ? "" : NormalStatus.of(history.latest()).outline();
        }

        void awaitWaiting(String reason) {
            await().until(() -> !history.isEmpty()
                    && history.latest().getStatus().getContainerStatuses().stream()
                            .map(ContainerStatus::getState)
                            .anyMatch(state -> state.getWaiting() != null
                                    && reason.equals(state.getWaiting().getReason())));
        }

        /** Running, and so far that a shell has set its traps. */
        void awaitRunning() {
            await().pollDelay(Duration.ofMillis(300))
                    .until(() -> outline().startsWith("Running") && !outline().contains("waiting"));
        }

        void isConfirmed() {
            await().until(() ->
                    Long.valueOf(0).equals(history.latest().getMetadata().getDeletionGracePeriodSeconds()));
        }

        boolean terminalWithGraceAboveZero() {
            return history.versions().stream()
                    .anyMatch(version -> !List.of("Pending", "Running")
                                    .contains(version.getStatus().getPhase())
                            && !Long.valueOf(0).equals(version.getMetadata().getDeletionGracePeriodSeconds()));
        }

        void endsAsRecorded() {
            NormalStatus expected = recording.statuses().getLast();
            await().untilAsserted(() -> {
                assertThat(history.isEmpty()).isFalse();
                assertThat(NormalStatus.of(history.latest())).isEqualTo(expected);
            });
            assertThat(PodHistory.way(history.statuses()))
                    .as("the way there")
                    .isEqualTo(PodHistory.way(recording.statuses()));
        }

        @Override
        public void close() {
            history.close();
            TestPods.release(
                    client, namespace.name(), recording.asPosted().getMetadata().getName());
        }
    }
}
