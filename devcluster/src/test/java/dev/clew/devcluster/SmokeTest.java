package dev.clew.devcluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@WithDevCluster
class SmokeTest {
    @Test
    void a_pod_runs_as_a_process_and_succeeds(DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName("hello")
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .addNewContainer()
                .withName("main")
                .withImage("busybox")
                .withCommand("sh", "-c", "echo hello $WHO; echo r=1 >/dev/termination-log")
                .addNewEnv()
                .withName("WHO")
                .withValue("world")
                .endEnv()
                .endContainer()
                .endSpec()
                .build();
        client.pods().inNamespace(namespace.name()).resource(pod).create();

        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(client.pods()
                                .inNamespace(namespace.name())
                                .withName("hello")
                                .get()
                                .getStatus()
                                .getPhase())
                        .isEqualTo("Succeeded"));
        Pod ended =
                client.pods().inNamespace(namespace.name()).withName("hello").get();
        assertThat(ended.getStatus()
                        .getContainerStatuses()
                        .getFirst()
                        .getState()
                        .getTerminated()
                        .getMessage())
                .isEqualTo("r=1\n");
        assertThat(cluster.kubelet().logs().read(namespace.name(), "hello", "main"))
                .isEqualTo("hello world\n");
    }
}
