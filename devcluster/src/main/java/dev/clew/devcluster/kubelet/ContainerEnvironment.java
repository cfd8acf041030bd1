package dev.clew.devcluster.kubelet;

import io.fabric8.kubernetes.api.model.ConfigMapKeySelector;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretKeySelector;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The environment that a container's spec asks for, as the kubelet computes it: {@code envFrom} first, then {@code env} in its
 * order, each value expanded with what came before it. Not here: the variables of services, and {@code resourceFieldRef}.
 */
final class ContainerEnvironment {
    private final Values values;
    private final Pod pod;
    private final Map<String, String> variables = new LinkedHashMap<>();

    /** Where the values of secrets and config maps come from. */
    interface Values {
        /** The data of a config map, if it exists. */
        Optional<Map<String, String>> configMap(String namespace, String name) throws ConfigErrorException;

        /** The decoded data of a secret, if it exists. */
        Optional<Map<String, String>> secret(String namespace, String name) throws ConfigErrorException;
    }

    /** The environment cannot be made now; the message is what the kubelet says. */
    static final class ConfigErrorException extends Exception {
        ConfigErrorException(String message) {
            super(message);
        }
    }

    private ContainerEnvironment(Values values, Pod pod) {
        this.values = values;
        this.pod = pod;
    }

    static Map<String, String> of(Pod pod, Container container, Values values) throws ConfigErrorException {
        ContainerEnvironment environment = new ContainerEnvironment(values, pod);
        for (EnvFromSource source : container.getEnvFrom()) {
            environment.add(source);
        }
        for (EnvVar variable : container.getEnv()) {
            environment.add(variable);
        }
        return environment.variables;
    }

    private void add(EnvFromSource source) throws ConfigErrorException {
        String prefix = Objects.requireNonNullElse(source.getPrefix(), "");
        Map<String, String> data = Map.of();
        if (source.getConfigMapRef() != null) {
            data = configMap(
                    source.getConfigMapRef().getName(), source.getConfigMapRef().getOptional());
        } else if (source.getSecretRef() != null) {
            data = secret(source.getSecretRef().getName(), source.getSecretRef().getOptional());
        }
        data.forEach((key, value) -> variables.put(prefix + key, value));
    }

    private void add(EnvVar variable) throws ConfigErrorException {
        EnvVarSource source = variable.getValueFrom();
        Optional<String> value = source == null
                ? Optional.of(VariableExpansion.expand(Objects.requireNonNullElse(variable.getValue(), ""), variables))
                : valueFrom(source);
        value.ifPresent(text -> variables.put(variable.getName(), text));
    }

    private Optional<String> valueFrom(EnvVarSource source) throws ConfigErrorException {
        if (source.getSecretKeyRef() != null) {
            SecretKeySelector ref = source.getSecretKeyRef();
            return key(
                    secret(ref.getName(), ref.getOptional()), ref.getKey(), ref.getOptional(), "Secret", ref.getName());
        }
        if (source.getConfigMapKeyRef() != null) {
            ConfigMapKeySelector ref = source.getConfigMapKeyRef();
            return key(
                    configMap(ref.getName(), ref.getOptional()),
                    ref.getKey(),
                    ref.getOptional(),
                    "ConfigMap",
                    ref.getName());
        }
        if (source.getFieldRef() != null) {
            return Optional.of(field(source.getFieldRef().getFieldPath()));
        }
        throw new ConfigErrorException("the process kubelet knows secretKeyRef, configMapKeyRef and fieldRef only");
    }

    private Optional<String> key(
            Map<String, String> data, String key, @Nullable Boolean optional, String kind, String name)
            throws ConfigErrorException {
        String value = data.get(key);
        if (value == null && !Boolean.TRUE.equals(optional)) {
            throw new ConfigErrorException("couldn't find key %s in %s %s/%s".formatted(key, kind, namespace(), name));
        }
        return Optional.ofNullable(value);
    }

    private Map<String, String> secret(String name, @Nullable Boolean optional) throws ConfigErrorException {
        return present(values.secret(namespace(), name), optional, "secret", name);
    }

    private Map<String, String> configMap(String name, @Nullable Boolean optional) throws ConfigErrorException {
        return present(values.configMap(namespace(), name), optional, "configmap", name);
    }

    private static Map<String, String> present(
            Optional<Map<String, String>> data, @Nullable Boolean optional, String kind, String name)
            throws ConfigErrorException {
        if (data.isEmpty() && !Boolean.TRUE.equals(optional)) {
            throw new ConfigErrorException("%s \"%s\" not found".formatted(kind, name));
        }
        return data.orElse(Map.of());
    }

    private String field(String path) throws ConfigErrorException {
        return switch (path) {
            case "metadata.name" -> pod.getMetadata().getName();
            case "metadata.namespace" -> namespace();
            case "metadata.uid" -> pod.getMetadata().getUid();
            case "spec.nodeName" -> Objects.requireNonNullElse(pod.getSpec().getNodeName(), "");
            case "spec.serviceAccountName" ->
                Objects.requireNonNullElse(pod.getSpec().getServiceAccountName(), "");
            case "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs" -> ProcessKubelet.ADDRESS;
            default -> subscripted(path);
        };
    }

    private String subscripted(String path) throws ConfigErrorException {
        String key = path.replaceFirst("^metadata\\.(labels|annotations)\\['([^']*)']$", "$2");
        if (key.equals(path)) {
            throw new ConfigErrorException("unsupported fieldPath: " + path);
        }
        Map<String, String> map = path.startsWith("metadata.labels")
                ? pod.getMetadata().getLabels()
                : pod.getMetadata().getAnnotations();
        return map == null ? "" : map.getOrDefault(key, "");
    }

    private String namespace() {
        return pod.getMetadata().getNamespace();
    }
}
