package dev.clew.operator.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The admission policy of the chart: the API server takes pods only from the process that holds the Lease. */
@Tag("own-operator")
@WithDevCluster(crds = "../crds")
class LeaderPolicyTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private static Pod pod(String name, Map<String, String> annotations) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(Map.of("app.kubernetes.io/managed-by", "clew"))
                .withAnnotations(annotations)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("main")
                .withImage("busybox")
                .withCommand("true")
                .endContainer()
                .endSpec()
                .build();
    }

    private static @Nullable KubernetesClientException create(
            KubernetesClient client, String namespace, String name, Map<String, String> annotations) {
        return catchThrowableOfType(
                KubernetesClientException.class,
                () -> client.resource(pod(name, annotations))
                        .inNamespace(namespace)
                        .create());
    }

    private static Map<String, String> by(String leader) {
        return Map.of("clew.dev/leader", leader);
    }

    private static void hold(KubernetesClient client, String namespace, String holder) {
        client.resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withName("clew")
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity(holder)
                        .endSpec()
                        .build())
                .forceConflicts()
                .serverSideApply();
    }

    @Test
    void onlyTheProcessThatHoldsTheLeaseCreatesPods(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) throws Exception {
        String here = namespace.name();
        InstalledOperatorTest.install(client, here, List.of());
        try (KubernetesClient operator = InstalledOperatorTest.limited(cluster, here, "by-hand")) {
            assertThat(create(operator, here, "early", by("first")))
                    .as("there is no Lease: nobody was stopped while holding it")
                    .isNull();
            hold(client, here, "first");
            // the policy takes a moment to be in force
            Awaitility.await().atMost(SOON).until(() -> {
                KubernetesClientException refusal = create(operator, here, "too-early", by("second"));
                operator.pods().inNamespace(here).withName("too-early").delete();
                return refusal != null && refusal.getCode() == 403;
            });
            assertThat(create(operator, here, "one", by("first"))).isNull();
            KubernetesClientException other = create(operator, here, "two", by("second"));
            assertThat(other)
                    .isNotNull()
                    .hasMessageContaining("ValidatingAdmissionPolicy '" + here + "-clew.leader.clew.dev'")
                    .hasMessageContaining("the process that sent this pod does not hold the Lease " + here + "/clew");
            assertThat(Objects.requireNonNull(other).getCode()).isEqualTo(403);
            assertThat(create(operator, here, "unmarked", Map.of())).isNotNull();
            assertThat(create(client, here, "somebody-elses", Map.of()))
                    .as("pods of others are none of its business")
                    .isNull();

            hold(client, here, "second");
            Awaitility.await().atMost(SOON).until(() -> create(operator, here, "three", by("second")) == null);
            assertThat(create(operator, here, "late", by("first")))
                    .as("a former leader's")
                    .isNotNull();

            client.leases().inNamespace(here).withName("clew").delete();
            Awaitility.await("while there is no Lease nobody is refused, a policy in force or not")
                    .atMost(SOON)
                    .until(() -> create(operator, here, "four", by("first")) == null);
        }
    }
}
