package dev.clew.devcluster.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.TestPods;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@WithDevCluster(crds = "src/test/resources/crds")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.SAME_THREAD)
class DevClusterExtensionTest {
    private final Set<DevCluster> clusters = ConcurrentHashMap.newKeySet();
    private final Set<String> namespaces = ConcurrentHashMap.newKeySet();

    @BeforeEach
    void prepare(KubernetesClient client, TestNamespace namespace) {
        client.configMaps()
                .inNamespace(namespace.name())
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("prepared")
                        .endMetadata()
                        .build())
                .create();
    }

    @RepeatedTest(2)
    void a_test_has_a_namespace_of_its_own_in_the_one_cluster(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        assertThat(client.configMaps()
                        .inNamespace(namespace.name())
                        .withName("prepared")
                        .get())
                .as("what @BeforeEach made in the same namespace")
                .isNotNull();
        clusters.add(cluster);
        assertThat(clusters).hasSize(1);
        assertThat(namespaces.add(namespace.name())).isTrue();
        // those of the tests before are on their way out
        namespaces.stream()
                .filter(name -> !name.equals(namespace.name()))
                .forEach(name -> TestPods.patiently()
                        .until(() -> client.namespaces().withName(name).get() == null));
    }

    @Test
    void the_definitions_that_the_class_names_are_there(KubernetesClient client) {
        assertThat(client.apiextensions()
                        .v1()
                        .customResourceDefinitions()
                        .withName("widgets.test.clew.dev")
                        .get())
                .isNotNull();
    }
}
