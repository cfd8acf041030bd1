package dev.clew.devcluster;

import static dev.clew.devcluster.TestPods.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import dev.clew.devcluster.kubelet.ProcessKubelet;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the real controllers do, with pods that the process kubelet holds. */
@WithDevCluster
@Execution(ExecutionMode.CONCURRENT)
class ControllersTest {
    @Test
    void the_pod_of_a_deleted_owner_is_stopped_and_goes(KubernetesClient client, TestNamespace namespace) {
        Pod pod = ownedPod(client, namespace);
        TestPods.awaitPhase(client, pod, "Running");

        client.configMaps().inNamespace(namespace.name()).withName("owner").delete();

        TestPods.awaitGone(client, pod);
    }

    @Test
    void foreground_deletion_keeps_the_owner_until_its_pod_has_gone(KubernetesClient client, TestNamespace namespace) {
        Pod pod = ownedPod(client, namespace);
        TestPods.awaitPhase(client, pod, "Running");
        var owner = client.configMaps().inNamespace(namespace.name()).withName("owner");

        owner.withPropagationPolicy(DeletionPropagation.FOREGROUND).delete();
        TestPods.await(client, pod, current -> current.getMetadata().getDeletionTimestamp() != null);

        assertThat(owner.get()).isNotNull();
        TestPods.awaitGone(client, pod);
        patiently().until(() -> owner.get() == null);
    }

    @Test
    void a_deleted_namespace_goes_with_its_running_pods(KubernetesClient client, TestNamespace namespace) {
        Pod pod = TestPods.create(
                client, namespace.name(), TestPods.shell("runs", "trap 'exit 0' TERM; sleep 600 & wait"));
        TestPods.awaitPhase(client, pod, "Running");

        client.namespaces().withName(namespace.name()).delete();

        patiently().until(() -> client.namespaces().withName(namespace.name()).get() == null);
    }

    @Test
    void the_node_is_ready_and_its_lease_is_kept_fresh(KubernetesClient client) {
        Node node = client.nodes().withName(ProcessKubelet.NODE).require();
        assertThat(node.getStatus().getConditions())
                .anySatisfy(condition ->
                        assertThat(condition.getType() + condition.getStatus()).isEqualTo("ReadyTrue"));
        // the taint of every new node goes when the controller manager believes that it is ready
        patiently()
                .until(() -> client.nodes()
                        .withName(ProcessKubelet.NODE)
                        .require()
                        .getSpec()
                        .getTaints()
                        .isEmpty());

        var lease = client.leases().inNamespace("kube-node-lease").withName(ProcessKubelet.NODE);
        ZonedDateTime first = lease.require().getSpec().getRenewTime();
        assertThat(first.toInstant()).isAfter(Instant.now().minus(Duration.ofSeconds(15)));
        patiently().until(() -> lease.require().getSpec().getRenewTime().isAfter(first));
    }

    @Test
    void the_audit_log_tells_who_wrote_what(DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        Pod pod = TestPods.create(client, namespace.name(), TestPods.shell("audited", "true"));
        TestPods.awaitPhase(client, pod, "Succeeded");

        patiently()
                .untilAsserted(() -> assertThat(auditLines(cluster, namespace))
                        .anySatisfy(line -> assertThat(line)
                                .contains(
                                        "\"verb\":\"create\"",
                                        "\"resource\":\"pods\"",
                                        "\"userAgent\":\"clew-devcluster\""))
                        .anySatisfy(line -> assertThat(line)
                                .contains(
                                        "\"verb\":\"patch\"",
                                        "\"subresource\":\"status\"",
                                        "\"userAgent\":\"clew-process-kubelet\""))
                        .allSatisfy(line ->
                                assertThat(line).contains("\"stage\":\"ResponseComplete\"", "\"level\":\"Metadata\"")));
    }

    private static List<String> auditLines(DevCluster cluster, TestNamespace namespace) throws IOException {
        return Files.readString(cluster.auditLog().orElseThrow(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("\"namespace\":\"" + namespace.name() + "\"") && line.contains("audited"))
                .toList();
    }

    private static Pod ownedPod(KubernetesClient client, TestNamespace namespace) {
        ConfigMap owner = client.configMaps()
                .inNamespace(namespace.name())
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("owner")
                        .endMetadata()
                        .build())
                .create();
        return TestPods.create(
                client,
                namespace.name(),
                new PodBuilder(TestPods.shell("owned", "trap 'sleep 1; exit 0' TERM; sleep 600 & wait")
                                .build())
                        .editMetadata()
                        .addNewOwnerReference()
                        .withApiVersion("v1")
                        .withKind("ConfigMap")
                        .withName("owner")
                        .withUid(owner.getMetadata().getUid())
                        .withBlockOwnerDeletion(true)
                        .endOwnerReference()
                        .endMetadata());
    }
}
