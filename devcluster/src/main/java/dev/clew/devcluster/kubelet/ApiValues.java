package dev.clew.devcluster.kubelet;

import dev.clew.devcluster.kubelet.ContainerEnvironment.ConfigErrorException;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Secrets and config maps, read from the API server each time. */
final class ApiValues implements ContainerEnvironment.Values {
    private final KubernetesClient client;
    private final NodeLink link;

    ApiValues(KubernetesClient client, NodeLink link) {
        this.client = client;
        this.link = link;
    }

    @Override
    public Optional<Map<String, String>> configMap(String namespace, String name) throws ConfigErrorException {
        return read(
                        "configmap",
                        () -> client.configMaps()
                                .inNamespace(namespace)
                                .withName(name)
                                .get())
                .map(found -> Objects.requireNonNullElse(found.getData(), Map.of()));
    }

    @Override
    public Optional<Map<String, String>> secret(String namespace, String name) throws ConfigErrorException {
        return read(
                        "secret",
                        () -> client.secrets()
                                .inNamespace(namespace)
                                .withName(name)
                                .get())
                .map(found -> Objects.requireNonNullElse(found.getData(), Map.<String, String>of()))
                .map(data -> data.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, entry -> decode(entry.getValue()))));
    }

    /** What cannot be read now keeps the container waiting, and it is tried again. */
    private <T> Optional<T> read(String kind, Supplier<@Nullable T> reader) throws ConfigErrorException {
        String trouble = "failed to sync " + kind + " cache: ";
        if (!link.tryEnter()) {
            throw new ConfigErrorException(trouble + "timed out waiting for the condition");
        }
        try {
            return Optional.ofNullable(reader.get());
        } catch (KubernetesClientException e) {
            throw new ConfigErrorException(trouble + e.getMessage());
        } finally {
            link.leave();
        }
    }

    private static String decode(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }
}
