package dev.clew.devcluster;

import static dev.clew.devcluster.TestPods.patiently;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import dev.clew.devcluster.kubelet.ScriptedOutcome;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the API server does to a pod, or says to it, before there is one. */
@WithDevCluster
@Execution(ExecutionMode.CONCURRENT)
class AdmissionTest {
    private static final String ENDS_ON_TERM = "trap 'exit 0' TERM; while :; do sleep 0.1; done";

    @Test
    void an_injected_sidecar_keeps_a_pod_running_after_its_main_container_until_it_is_deleted(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        try (SidecarInjection _ = cluster.injectSidecar(namespace.name(), "proxy", "sh", "-c", ENDS_ON_TERM)) {
            Pod pod = TestPods.create(
                    client,
                    namespace.name(),
                    TestPods.shell("meshed", "exit 3")
                            .editMetadata()
                            .addToFinalizers("clew.dev/tracking")
                            .endMetadata());
            assertThat(pod.getSpec().getContainers().stream().map(Container::getName))
                    .containsExactly("proxy", "main");

            Pod ended = TestPods.await(client, pod, current -> hasEnded(current, "main"));
            assertThat(end(ended, "main").getExitCode()).isEqualTo(3);
            assertThat(ended.getStatus().getPhase()).isEqualTo("Running");
            assertThat(hasEnded(ended, "proxy")).isFalse();
            client.resource(pod).delete();

            Pod gone = TestPods.await(client, pod, TestPods::isTerminal);
            assertThat(end(gone, "proxy").getExitCode()).isZero();
            assertThat(gone.getStatus().getPhase())
                    .as("as main did not succeed")
                    .isEqualTo("Failed");
            TestPods.release(client, namespace.name(), "meshed");
            TestPods.awaitGone(client, pod);
        }
    }

    @Test
    void a_sidecar_is_injected_in_its_namespace_only_and_no_more_when_it_is_closed(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        SidecarInjection injection = cluster.injectSidecar(namespace.name(), "proxy", "sh", "-c", ENDS_ON_TERM);
        assertThat(containersOfANewPod(client, "default", "not-meshed")).isEqualTo(1);

        injection.close();

        patiently().until(() -> containersOfANewPod(client, namespace.name(), "later-") == 1);
    }

    @Test
    void the_message_of_a_scripted_outcome_is_that_of_main_also_behind_a_sidecar(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        cluster.kubelet().script(namespace.pods(), ScriptedOutcome.exit(0).message("a=1"));
        try (SidecarInjection _ = cluster.injectSidecar(namespace.name(), "proxy", "sh", "-c", ENDS_ON_TERM)) {
            Pod pod = TestPods.create(client, namespace.name(), TestPods.shell("scripted", "true"));

            Pod ended = TestPods.awaitPhase(client, pod, "Succeeded");

            assertThat(end(ended, "main").getMessage()).isEqualTo("a=1");
            assertThat(end(ended, "proxy").getMessage()).isNull();
        }
    }

    private static int containersOfANewPod(KubernetesClient client, String namespace, String name) {
        return client.pods()
                .inNamespace(namespace)
                .resource(TestPods.shell(name, "true")
                        .editMetadata()
                        .withName(null)
                        .withGenerateName(name)
                        .endMetadata()
                        .build())
                .dryRun()
                .create()
                .getSpec()
                .getContainers()
                .size();
    }

    @Test
    void a_namespace_may_enforce_a_pod_security_standard(KubernetesClient client, TestNamespace namespace) {
        label(client, namespace, "pod-security.kubernetes.io/enforce", "restricted");

        assertThatThrownBy(() -> TestPods.create(client, namespace.name(), TestPods.shell("lax", "true")))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403))
                .hasMessageContaining("violates PodSecurity \"restricted:latest\"");
        var _ = TestPods.create(
                client,
                namespace.name(),
                TestPods.shell("strict", "true")
                        .editSpec()
                        .editFirstContainer()
                        .withNewSecurityContext()
                        .withAllowPrivilegeEscalation(false)
                        .withRunAsNonRoot(true)
                        .withNewCapabilities()
                        .addToDrop("ALL")
                        .endCapabilities()
                        .withNewSeccompProfile()
                        .withType("RuntimeDefault")
                        .endSeccompProfile()
                        .endSecurityContext()
                        .endContainer()
                        .endSpec());
    }

    @Test
    void a_pod_needs_its_service_account(KubernetesClient client, TestNamespace namespace) {
        PodBuilder pod = TestPods.shell("accounted", "true")
                .editSpec()
                .withServiceAccountName("robot")
                .endSpec();
        assertThatThrownBy(() -> TestPods.create(client, namespace.name(), pod))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403))
                .hasMessageContaining("serviceaccount \"robot\" not found");

        client.serviceAccounts()
                .inNamespace(namespace.name())
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("robot")
                        .endMetadata()
                        .build())
                .create();

        TestPods.awaitPhase(client, TestPods.create(client, namespace.name(), pod), "Succeeded");
    }

    @Test
    void a_pod_without_a_service_account_gets_that_of_its_namespace_though_this_is_new(
            KubernetesClient client, TestNamespace namespace) {
        Pod pod = TestPods.create(
                client,
                namespace.name(),
                TestPods.shell("default", "true")
                        .editSpec()
                        .withAutomountServiceAccountToken(true)
                        .endSpec());

        assertThat(pod.getSpec().getServiceAccountName()).isEqualTo("default");
        assertThat(pod.getSpec().getVolumes()).hasSize(1);
        TestPods.awaitPhase(client, pod, "Succeeded");
    }

    private static void label(KubernetesClient client, TestNamespace namespace, String key, String value) {
        var _ = client.namespaces()
                .withName(namespace.name())
                .edit(current -> new NamespaceBuilder(current)
                        .editMetadata()
                        .addToLabels(key, value)
                        .endMetadata()
                        .build());
    }

    @Test
    void a_quota_refuses_the_pod_that_is_too_many_until_it_is_raised(KubernetesClient client, TestNamespace namespace) {
        setQuota(client, namespace, "1");
        var _ = TestPods.create(client, namespace.name(), TestPods.shell("first", "sleep 600"));
        assertThatThrownBy(() -> TestPods.create(client, namespace.name(), TestPods.shell("second", "true")))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403))
                .hasMessageContaining("exceeded quota");

        setQuota(client, namespace, "2");

        // admission learns of it later than who reads the quota
        patiently()
                .ignoreException(KubernetesClientException.class)
                .until(() -> TestPods.create(client, namespace.name(), TestPods.shell("second", "true")) != null);
    }

    /** Returns when the quota controller has worked it out, for before that nothing passes. */
    private static void setQuota(KubernetesClient client, TestNamespace namespace, String pods) {
        var quota = client.resourceQuotas()
                .inNamespace(namespace.name())
                .resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("pods")
                        .endMetadata()
                        .withNewSpec()
                        .withHard(Map.of("pods", new Quantity(pods), "count/pods", new Quantity(pods)))
                        .endSpec()
                        .build());
        quota.createOr(resource -> resource.patch());
        patiently()
                .until(() -> new Quantity(pods)
                        .equals(quota.get().getStatus().getHard().get("pods")));
    }

    private static boolean hasEnded(Pod pod, String container) {
        return ends(pod, container).findFirst().isPresent();
    }

    private static ContainerStateTerminated end(Pod pod, String container) {
        return ends(pod, container).findFirst().orElseThrow();
    }

    private static Stream<ContainerStateTerminated> ends(Pod pod, String container) {
        return pod.getStatus().getContainerStatuses().stream()
                .filter(status -> status.getName().equals(container))
                .flatMap(status -> Stream.ofNullable(status.getState().getTerminated()));
    }
}
