package dev.clew.devcluster;

import dev.clew.devcluster.binaries.Binaries;
import dev.clew.devcluster.binaries.Provisioner;
import dev.clew.devcluster.controlplane.ControlPlane;
import dev.clew.devcluster.controlplane.ControllerManager;
import dev.clew.devcluster.controlplane.CustomResourceDefinitions;
import dev.clew.devcluster.kubelet.KubeletOptions;
import dev.clew.devcluster.kubelet.ProcessKubelet;
import dev.clew.devcluster.kubelet.Scheduler;
import dev.clew.devcluster.process.ProcessGuard;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real control plane (etcd, kube-apiserver, kube-controller-manager) and, beside it, a kubelet that runs the containers of
 * pods as local processes, without any isolation: for trying and testing, with pods whose commands you trust.
 *
 * <p>Everything listens on the loopback interface only. Nothing outlives this JVM, even if it is killed. A cluster always
 * starts empty.
 */
public final class DevCluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DevCluster.class);

    private final DevClusterOptions options;
    private final StateDirectory state;
    private final Optional<Path> auditLog;
    private final Binaries binaries;
    private final ControlPlane controlPlane;
    private final KubernetesClient client;
    private final Optional<ProcessKubelet> kubelet;
    private final Nodes nodes;
    private final Deque<AutoCloseable> parts;

    /** What all nodes have in common. */
    private record Nodes(ProcessKubelet.Access access, ProcessKubelet.Place place) {
        ProcessKubelet start(String name, KubeletOptions options) {
            return ProcessKubelet.start(name, access, place, options);
        }
    }

    private DevCluster(
            DevClusterOptions options,
            StateDirectory state,
            Optional<Path> auditLog,
            Binaries binaries,
            ControlPlane controlPlane,
            KubernetesClient client,
            Optional<ProcessKubelet> kubelet,
            Nodes nodes,
            Deque<AutoCloseable> parts) {
        this.options = options;
        this.nodes = nodes;
        this.state = state;
        this.auditLog = auditLog;
        this.binaries = binaries;
        this.controlPlane = controlPlane;
        this.client = client;
        this.kubelet = kubelet;
        this.parts = parts;
    }

    /**
     * Starts a cluster; takes about 6 s. If the binaries are not on this machine it gets them first, which can take 10
     * minutes and is reported in the log.
     *
     * @throws IllegalStateException if the binaries cannot be got or a process does not start; the message says what to do
     */
    public static DevCluster start(DevClusterOptions options) {
        return start(options, Provisioner.standard(LOG::info).provide());
    }

    /** As {@link #start(DevClusterOptions)}, with binaries that are there. */
    public static DevCluster start(DevClusterOptions options, Binaries binaries) {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            return start(options, binaries, parts);
        } catch (RuntimeException e) {
            closeAll(parts);
            throw e;
        }
    }

    private static DevCluster start(DevClusterOptions options, Binaries binaries, Deque<AutoCloseable> parts) {
        StateDirectory state = StateDirectory.open(options.stateDirectory());
        parts.push(state);
        ProcessGuard guard = ProcessGuard.start(state.guard(), state.temporary());
        parts.push(guard);
        Optional<Path> auditLog =
                options.audit() ? Optional.of(options.auditLog().orElse(state.auditLog())) : Optional.empty();

        ControlPlane controlPlane = ControlPlane.start(
                new ControlPlane.Setup(
                        binaries,
                        state.controlPlane(),
                        state.etcdData(),
                        state.controlPlaneLogs(),
                        auditLog,
                        options.apiServerFlags()),
                guard);
        parts.push(controlPlane);
        writeKubeconfig(state.kubeconfig(), controlPlane);
        KubernetesClient client = client(controlPlane, "clew-devcluster", parts);
        options.crds().forEach(crds -> CustomResourceDefinitions.apply(client, crds));
        parts.push(ControllerManager.start(
                new ControllerManager.Setup(
                        binaries,
                        state.kubeconfig(),
                        state.controlPlaneLogs(),
                        options.nodeMonitorGrace(),
                        options.controllerManagerFlags()),
                guard));
        Nodes nodes = new Nodes(
                new ProcessKubelet.Access(
                        client(controlPlane, ProcessKubelet.USER_AGENT, parts),
                        client(controlPlane, ProcessKubelet.USER_AGENT, parts)),
                new ProcessKubelet.Place(state.logs(), state.scratch(), guard));
        Optional<ProcessKubelet> kubelet =
                options.kubelet().map(kubeletOptions -> nodes.start(ProcessKubelet.NODE, kubeletOptions));
        if (kubelet.isPresent()) {
            parts.push(kubelet.orElseThrow());
            parts.push(Scheduler.start(controlPlane.clientConfig(Scheduler.USER_AGENT)));
        }
        awaitServiceAccount(client, "default");
        LOG.info("The development cluster is up; its state is in {}.", state.root());
        return new DevCluster(options, state, auditLog, binaries, controlPlane, client, kubelet, nodes, parts);
    }

    private static KubernetesClient client(ControlPlane controlPlane, String userAgent, Deque<AutoCloseable> parts) {
        KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(controlPlane.clientConfig(userAgent))
                .build();
        parts.push(client);
        return client;
    }

    private static void awaitServiceAccount(KubernetesClient client, String namespace) {
        var _ = client.serviceAccounts()
                .inNamespace(namespace)
                .withName("default")
                .waitUntilCondition(Objects::nonNull, 30, TimeUnit.SECONDS);
    }

    private static void writeKubeconfig(Path file, ControlPlane controlPlane) {
        try {
            Files.writeString(file, controlPlane.kubeconfigYaml());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A client with all rights, which does not repeat failed requests by itself. It is closed with the cluster.
     */
    public KubernetesClient client() {
        return client;
    }

    /** A client configuration with all rights, whose requests carry this user agent (which the audit log shows). */
    public io.fabric8.kubernetes.client.Config clientConfig(String userAgent) {
        return controlPlane.clientConfig(userAgent);
    }

    /** The kubeconfig of a user with all rights. */
    public String kubeconfigYaml() {
        return controlPlane.kubeconfigYaml();
    }

    /** The file with {@link #kubeconfigYaml()}, for kubectl and others; gone with the state directory. */
    public Path kubeconfig() {
        return state.kubeconfig();
    }

    /** The kubectl of the same version. */
    public Path kubectl() {
        return binaries.kubectl();
    }

    /**
     * The process kubelet of the node {@value ProcessKubelet#NODE}.
     *
     * @throws IllegalStateException if the cluster was started without one
     */
    public ProcessKubelet kubelet() {
        return kubelet.orElseThrow(DevCluster::noKubelet);
    }

    /**
     * Starts another node, with a kubelet like that of {@value ProcessKubelet#NODE}, for pods that ask for it: by a node
     * selector that matches its label {@code kubernetes.io/hostname} (and not {@value ProcessKubelet#NODE}'s), or by
     * {@code nodeName}. Close it when it is no longer needed; pods that are left on it then are ended by pod garbage
     * collection, within about a minute.
     *
     * @param name of the node, which no other node has
     * @throws IllegalStateException if there is such a node, or the cluster was started without a kubelet
     */
    public ProcessKubelet startNode(String name) {
        return startNode(name, kubeletOptions());
    }

    /** As {@link #startNode(String)}, with a kubelet that is like this. */
    public synchronized ProcessKubelet startNode(String name, KubeletOptions like) {
        kubeletOptions();
        if (client.nodes().withName(name).get() != null) {
            throw new IllegalStateException(
                    "There is a node %s already: close it first, or take another name.".formatted(name));
        }
        ProcessKubelet started = nodes.start(name, like);
        parts.push(started);
        return started;
    }

    /**
     * Puts a container before those of every pod that is created in a namespace from now on, as a service mesh may do. It is in
     * force when this returns, until it is closed (or the namespace is gone).
     *
     * @param name of the container
     * @param command which it runs
     */
    public SidecarInjection injectSidecar(String namespace, String name, String... command) {
        return SidecarInjection.start(client, namespace, name, List.of(command));
    }

    private KubeletOptions kubeletOptions() {
        return options.kubelet().orElseThrow(DevCluster::noKubelet);
    }

    private static IllegalStateException noKubelet() {
        return new IllegalStateException("This cluster runs without a kubelet (DevClusterOptions.withoutKubelet).");
    }

    /** The audit log, if there is one: JSON lines, one for each answered request. */
    public Optional<Path> auditLog() {
        return auditLog;
    }

    /** Where kubeconfig, logs and certificates are. */
    public Path stateDirectory() {
        return state.root();
    }

    /**
     * Applies the custom resource definitions in a file or directory and waits until they are established. The garbage
     * collector learns of them within 30 s; of those in {@link DevClusterOptions#crds()} it knows from the start.
     */
    public void applyCrds(Path fileOrDirectory) {
        CustomResourceDefinitions.apply(client, fileOrDirectory);
    }

    /**
     * Waits until a new namespace has its default service account: pods need it, and the API server does not wait long for it.
     *
     * @throws KubernetesClientException if it has none within 30 s
     */
    public void awaitServiceAccount(String namespace) {
        awaitServiceAccount(client, namespace);
    }

    /** Stops everything. Nothing that it started is left. */
    @Override
    public synchronized void close() {
        closeAll(parts);
    }

    private static void closeAll(Deque<AutoCloseable> parts) {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                LOG.warn("While the development cluster stopped", e);
            }
        }
    }
}
