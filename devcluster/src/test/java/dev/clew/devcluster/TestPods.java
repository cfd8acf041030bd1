package dev.clew.devcluster;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/** Pods for tests, and waiting for them. */
public final class TestPods {
    private TestPods() {}

    /** One container, {@code main}, that runs a shell script; a grace period of 3 s. */
    public static PodBuilder shell(String name, String script) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(3L)
                .withAutomountServiceAccountToken(false)
                .addNewContainer()
                .withName("main")
                .withImage("busybox:1.36")
                .withCommand("sh", "-c", script)
                .endContainer()
                .endSpec();
    }

    public static ConditionFactory patiently() {
        return Awaitility.await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(20));
    }

    public static Pod create(KubernetesClient client, String namespace, PodBuilder pod) {
        return client.pods().inNamespace(namespace).resource(pod.build()).create();
    }

    /** Waits until the pod is as wanted, and gives it. */
    public static Pod await(KubernetesClient client, Pod pod, Predicate<Pod> wanted) {
        return patiently().until(() -> current(client, pod), current -> current != null && wanted.test(current));
    }

    public static @Nullable Pod current(KubernetesClient client, Pod pod) {
        return client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .get();
    }

    public static Pod awaitPhase(KubernetesClient client, Pod pod, String phase) {
        return await(client, pod, current -> phase.equals(current.getStatus().getPhase()));
    }

    public static void awaitGone(KubernetesClient client, Pod pod) {
        patiently().until(() -> {
            Pod current = current(client, pod);
            return current == null
                    || !Objects.equals(
                            current.getMetadata().getUid(), pod.getMetadata().getUid());
        });
    }

    /** Takes the finalizers. */
    public static void release(KubernetesClient client, String namespace, String name) {
        client.pods()
                .inNamespace(namespace)
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
    }

    public static boolean isTerminal(Pod pod) {
        return List.of("Succeeded", "Failed").contains(pod.getStatus().getPhase());
    }

    /** How {@code main} ended. */
    public static ContainerStateTerminated end(Pod pod) {
        return pod.getStatus().getContainerStatuses().getFirst().getState().getTerminated();
    }
}
