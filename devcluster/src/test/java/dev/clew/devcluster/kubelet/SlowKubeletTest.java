package dev.clew.devcluster.kubelet;

import static dev.clew.devcluster.TestPods.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.DevClusterOptions;
import dev.clew.devcluster.TestPods;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.PodResource;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What takes a kubelet that is as slow as a real one: on a cluster of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SlowKubeletTest {
    private static final String NAMESPACE = "default";

    private DevCluster cluster;

    @BeforeAll
    void start() {
        cluster = DevCluster.start(DevClusterOptions.defaults()
                .withKubelet(KubeletOptions.defaults()
                        .withStartDelay(Duration.ofMillis(500))
                        .withTerminalDelay(Duration.ofSeconds(3))));
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    void a_pod_that_is_deleted_before_its_container_started_is_started_all_the_same() {
        Recording recording = Recording.read("22e-deleted-on-containercreating");
        try (PodHistory history = post(recording.asPosted())) {
            patiently().until(() -> outline(history).equals("Pending waiting"));

            pod(recording).delete();

            patiently()
                    .untilAsserted(() -> assertThat(NormalStatus.of(history.latest()))
                            .isEqualTo(recording.statuses().getLast()));
            assertThat(history.versions().stream()
                            .filter(PodWorker::isDeleted)
                            .map(version -> NormalStatus.of(version).outline()))
                    .contains("Running running");
            release(recording);
        }
    }

    /** Recorded with a container that sleeps for 3.5 s of the 5 s; here 2 s. */
    @Test
    void a_deadline_that_passes_between_success_and_its_publication_wins() {
        Recording recording = Recording.read("04d-exit-0-just-before-deadline");
        Pod quicker = new PodBuilder(recording.asPosted())
                .editSpec()
                .editFirstContainer()
                .withCommand("sh", "-c", "echo done=1 >/dev/termination-log; sleep 2")
                .endContainer()
                .endSpec()
                .build();
        try (PodHistory history = post(quicker)) {
            patiently()
                    .untilAsserted(() -> assertThat(NormalStatus.of(history.latest()))
                            .isEqualTo(recording.statuses().getLast()));
            release(recording);
        }
    }

    private PodHistory post(Pod posted) {
        PodHistory history =
                new PodHistory(client(), NAMESPACE, posted.getMetadata().getName());
        client().pods().inNamespace(NAMESPACE).resource(posted).create();
        patiently().until(() -> !history.isEmpty());
        return history;
    }

    private static String outline(PodHistory history) {
        return NormalStatus.of(history.latest()).outline();
    }

    private PodResource pod(Recording recording) {
        return client().pods()
                .inNamespace(NAMESPACE)
                .withName(recording.asPosted().getMetadata().getName());
    }

    private void release(Recording recording) {
        TestPods.release(client(), NAMESPACE, recording.asPosted().getMetadata().getName());
    }

    private KubernetesClient client() {
        return cluster.client();
    }
}
