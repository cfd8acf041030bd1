package dev.clew.devcluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Puts a container into every new pod of a namespace, before its own containers, as the admission webhook of a service mesh may
 * do: here by a MutatingAdmissionPolicy in the API server.
 */
public final class SidecarInjection implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long POLL_MILLIS = 50;
    private static final String POLICY = """
            apiVersion: admissionregistration.k8s.io/v1beta1
            kind: MutatingAdmissionPolicy
            metadata:
              name: inject-%1$s-%2$s
            spec:
              failurePolicy: Fail
              reinvocationPolicy: Never
              matchConstraints:
                namespaceSelector:
                  matchLabels: {kubernetes.io/metadata.name: %1$s}
                resourceRules:
                - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
              mutations:
              - patchType: JSONPatch
                jsonPatch:
                  expression: >-
                    [JSONPatch{op: "add", path: "/spec/containers/0", value: Object.spec.containers{
                    name: "%2$s", image: "sidecar", command: %3$s}}]
            """;
    private static final String BINDING = """
            apiVersion: admissionregistration.k8s.io/v1beta1
            kind: MutatingAdmissionPolicyBinding
            metadata:
              name: inject-%1$s-%2$s
            spec:
              policyName: inject-%1$s-%2$s
            """;

    private final KubernetesClient client;
    private final List<GenericKubernetesResource> objects;

    private SidecarInjection(KubernetesClient client, List<GenericKubernetesResource> objects) {
        this.client = client;
        this.objects = objects;
    }

    /** Returns when the API server injects. */
    static SidecarInjection start(KubernetesClient client, String namespace, String name, List<String> command) {
        List<GenericKubernetesResource> objects = List.of(
                object(POLICY.formatted(namespace, name, Serialization.asJson(command))),
                object(BINDING.formatted(namespace, name)));
        objects.forEach(object -> client.resource(object).create());
        SidecarInjection injection = new SidecarInjection(client, objects);
        try {
            injection.awaitEffect(namespace, name);
            return injection;
        } catch (RuntimeException e) {
            injection.close();
            throw e;
        }
    }

    private static GenericKubernetesResource object(String yaml) {
        return Serialization.unmarshal(yaml, GenericKubernetesResource.class);
    }

    /** A policy counts some time after its creation. */
    private void awaitEffect(String namespace, String name) {
        Instant until = Instant.now().plus(PATIENCE);
        while (!containers(namespace).contains(name)) {
            if (Instant.now().isAfter(until)) {
                throw new IllegalStateException(
                        "After %d s the API server does not inject the sidecar %s into pods of namespace %s."
                                .formatted(PATIENCE.toSeconds(), name, namespace));
            }
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while waiting for the injection of a sidecar.", e);
            }
        }
    }

    private List<String> containers(String namespace) {
        Pod probe = new PodBuilder()
                .withNewMetadata()
                .withGenerateName("probe-")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("main")
                .withImage("probe")
                .endContainer()
                .endSpec()
                .build();
        return client.pods().inNamespace(namespace).resource(probe).dryRun().create().getSpec().getContainers().stream()
                .map(Container::getName)
                .toList();
    }

    /** Ends it: later pods get no sidecar (those of the next second may still). */
    @Override
    public void close() {
        objects.forEach(object -> client.resource(object).delete());
    }
}
