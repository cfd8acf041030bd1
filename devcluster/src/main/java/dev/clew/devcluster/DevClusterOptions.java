package dev.clew.devcluster;

import dev.clew.devcluster.kubelet.KubeletOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a development cluster is to be. Immutable; start from {@link #defaults()}.
 *
 * @param stateDirectory for kubeconfig, logs, certificates; created if missing; if empty, a temporary one that is removed at
 *     the end
 * @param audit whether the API server writes an audit log (metadata of each answered request, as JSON lines)
 * @param auditLog where it goes; if empty, {@code audit.log} in the state directory
 * @param crds files or directories with custom resource definitions. They are applied before the controller manager starts:
 *     its garbage collector learns of later ones only within 30 s
 * @param kubelet how the process kubelet is to be; if empty, none runs, and pods stay unbound
 * @param nodeMonitorGrace how long a node may be silent before the controller manager takes it for lost
 * @param apiServerFlags more flags for kube-apiserver, each {@code --name=value}
 * @param controllerManagerFlags more flags for kube-controller-manager, each {@code --name=value}
 */
public record DevClusterOptions(
        Optional<Path> stateDirectory,
        boolean audit,
        Optional<Path> auditLog,
        List<Path> crds,
        Optional<KubeletOptions> kubelet,
        Duration nodeMonitorGrace,
        List<String> apiServerFlags,
        List<String> controllerManagerFlags) {

    /** Ten renewals of a lease: so long a machine that is busy does not keep a kubelet from all of them. */
    private static final Duration NODE_MONITOR_GRACE = Duration.ofSeconds(10);

    /** Copies the lists. */
    public DevClusterOptions {
        crds = List.copyOf(crds);
        apiServerFlags = List.copyOf(apiServerFlags);
        controllerManagerFlags = List.copyOf(controllerManagerFlags);
    }

    /** A temporary state directory, no audit log, no CRDs, a process kubelet, 10 s until a node counts as lost. */
    public static DevClusterOptions defaults() {
        return new DevClusterOptions(
                Optional.empty(),
                false,
                Optional.empty(),
                List.of(),
                Optional.of(KubeletOptions.defaults()),
                NODE_MONITOR_GRACE,
                List.of(),
                List.of());
    }

    /** With this state directory, which stays when the cluster is closed. */
    public DevClusterOptions withStateDirectory(Path directory) {
        return new DevClusterOptions(
                Optional.of(directory.toAbsolutePath().normalize()),
                audit,
                auditLog,
                crds,
                kubelet,
                nodeMonitorGrace,
                apiServerFlags,
                controllerManagerFlags);
    }

    /** With an audit log, {@code audit.log} in the state directory. */
    public DevClusterOptions withAuditLog() {
        return withAudit(Optional.empty());
    }

    /** With an audit log in this file. */
    public DevClusterOptions withAuditLog(Path file) {
        return withAudit(Optional.of(file.toAbsolutePath().normalize()));
    }

    private DevClusterOptions withAudit(Optional<Path> file) {
        return new DevClusterOptions(
                stateDirectory, true, file, crds, kubelet, nodeMonitorGrace, apiServerFlags, controllerManagerFlags);
    }

    /** With the definitions in this file or directory too. */
    public DevClusterOptions withCrds(Path fileOrDirectory) {
        return new DevClusterOptions(
                stateDirectory,
                audit,
                auditLog,
                append(crds, fileOrDirectory),
                kubelet,
                nodeMonitorGrace,
                apiServerFlags,
                controllerManagerFlags);
    }

    /** With a process kubelet that is like this. */
    public DevClusterOptions withKubelet(KubeletOptions options) {
        return new DevClusterOptions(
                stateDirectory,
                audit,
                auditLog,
                crds,
                Optional.of(options),
                nodeMonitorGrace,
                apiServerFlags,
                controllerManagerFlags);
    }

    /** Without a kubelet: there is no node, and pods stay unbound. */
    public DevClusterOptions withoutKubelet() {
        return new DevClusterOptions(
                stateDirectory,
                audit,
                auditLog,
                crds,
                Optional.empty(),
                nodeMonitorGrace,
                apiServerFlags,
                controllerManagerFlags);
    }

    /** With this time until a silent node counts as lost. */
    public DevClusterOptions withNodeMonitorGrace(Duration grace) {
        return new DevClusterOptions(
                stateDirectory, audit, auditLog, crds, kubelet, grace, apiServerFlags, controllerManagerFlags);
    }

    /** With one more flag for kube-apiserver, as {@code --name=value}. */
    public DevClusterOptions withApiServerFlag(String flag) {
        return new DevClusterOptions(
                stateDirectory,
                audit,
                auditLog,
                crds,
                kubelet,
                nodeMonitorGrace,
                append(apiServerFlags, flag),
                controllerManagerFlags);
    }

    /** With one more flag for kube-controller-manager, as {@code --name=value}. */
    public DevClusterOptions withControllerManagerFlag(String flag) {
        return new DevClusterOptions(
                stateDirectory,
                audit,
                auditLog,
                crds,
                kubelet,
                nodeMonitorGrace,
                apiServerFlags,
                append(controllerManagerFlags, flag));
    }

    private static <T> List<T> append(List<T> list, T item) {
        List<T> longer = new ArrayList<>(list);
        longer.add(item);
        return longer;
    }
}
