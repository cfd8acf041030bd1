package dev.clew.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import dev.clew.operator.config.OperatorConfig;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Set;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** An operator for some namespaces has an informer for each, which may not share a cache that prunes. */
@OwnOperator
@WithDevCluster(crds = "../crds")
class TwoNamespacesTest {
    @Test
    void anOperatorForTwoNamespacesRunsWhatIsInThemAndNothingElse(
            DevCluster cluster, KubernetesClient client, TestNamespace first) throws Exception {
        String second = first.name() + "-2";
        String third = first.name() + "-3";
        for (String name : Set.of(second, third)) {
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .endMetadata()
                            .build())
                    .create();
        }
        var config = new OperatorConfig(
                Set.of(first.name(), second), 0, Duration.ofSeconds(2), Duration.ofSeconds(1), 64, "info", null);
        try (ClewOperator operator = ClewOperator.start(config, cluster.clientConfig("clew-operator"), () -> {})) {
            assertThat(operator.port()).isPositive();
            for (String name : Set.of(first.name(), second, third)) {
                client.resource(client.getKubernetesSerialization().unmarshal("""
                                apiVersion: clew.dev/v1alpha1
                                kind: WorkflowRun
                                metadata: {name: run}
                                spec:
                                  workflow:
                                    steps:
                                    - {name: a, container: {image: busybox, command: ['true']}}
                                    - {name: b, container: {image: busybox, command: ['true']}}
                                """, WorkflowRun.class))
                        .inNamespace(name)
                        .create();
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> phase(client, first.name()) == RunPhase.Succeeded
                            && phase(client, second) == RunPhase.Succeeded);
        }
        assertThat(phase(client, third)).isNull();
    }

    private static @Nullable RunPhase phase(KubernetesClient client, String namespace) {
        return client.resources(WorkflowRun.class)
                .inNamespace(namespace)
                .withName("run")
                .get()
                .getStatus()
                .phase();
    }
}
