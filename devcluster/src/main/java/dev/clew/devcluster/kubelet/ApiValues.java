package dev.clew.devcluster.kubelet;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Secrets and config maps, read from the API server each time. */
final class ApiValues implements ContainerEnvironment.Values {
    private final KubernetesClient client;

    ApiValues(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Optional<Map<String, String>> configMap(String namespace, String name) {
        return Optional.ofNullable(client.configMaps()
                        .inNamespace(namespace)
                        .withName(name)
                        .get())
                .map(found -> Objects.requireNonNullElse(found.getData(), Map.of()));
    }

    @Override
    public Optional<Map<String, String>> secret(String namespace, String name) {
        return Optional.ofNullable(
                        client.secrets().inNamespace(namespace).withName(name).get())
                .map(found -> Objects.requireNonNullElse(found.getData(), Map.<String, String>of()))
                .map(data -> data.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, entry -> decode(entry.getValue()))));
    }

    private static String decode(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }
}
