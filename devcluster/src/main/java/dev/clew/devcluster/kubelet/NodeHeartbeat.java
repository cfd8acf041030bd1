package dev.clew.devcluster.kubelet;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpecBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Node object and its Lease: what makes the control plane believe that the node lives. Thread-safe. */
final class NodeHeartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeHeartbeat.class);
    private static final String NAMESPACE = "kube-node-lease";
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
    private static final int LEASE_SECONDS = 40;
    private static final int BEATS_PER_LOOK = 5;

    private final KubernetesClient client;
    private final String name;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("node-heartbeat").factory());
    private boolean paused;
    private long beats;

    private NodeHeartbeat(KubernetesClient client, String name) {
        this.client = client;
        this.name = name;
    }

    /** Registers the node as ready and begins to renew its lease. */
    static NodeHeartbeat start(KubernetesClient client, String name, Duration period) {
        NodeHeartbeat heartbeat = new NodeHeartbeat(client, name);
        heartbeat.resume();
        var _ = heartbeat.timer.scheduleAtFixedRate(
                heartbeat::beatOrLog, period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
        return heartbeat;
    }

    /** Falls silent; when this returns, nothing is written any more. */
    synchronized void pause() {
        paused = true;
    }

    /** Registers the node, anew if its object is gone, and goes on. */
    synchronized void resume() {
        if (client.nodes().withName(name).get() == null) {
            Node node = new NodeBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .addToLabels("kubernetes.io/hostname", name)
                    .addToLabels("kubernetes.io/os", "linux")
                    .endMetadata()
                    .build();
            client.nodes().resource(node).create();
        }
        writeStatus();
        renew();
        paused = false;
    }

    private synchronized void beatOrLog() {
        if (paused) {
            return;
        }
        try {
            renew();
            if (++beats % BEATS_PER_LOOK == 0) {
                rectify();
            }
        } catch (RuntimeException e) {
            LOG.warn("Cannot renew the lease of node {}: {}", name, e.toString());
        }
    }

    /** A node that has been silent for too long counts as lost until it says that it is ready. */
    private void rectify() {
        Node node = client.nodes().withName(name).get();
        if (node != null
                && node.getStatus().getConditions().stream()
                        .noneMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"))) {
            LOG.warn("Node {} had counted as lost: its lease had not been renewed in time.", name);
            writeStatus();
        }
    }

    private void writeStatus() {
        client.nodes()
                .withName(name)
                .subresource("status")
                .patch(MERGE, Serialization.asJson(Map.of("status", ready())));
    }

    private static NodeStatus ready() {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        Map<String, Quantity> capacity = Map.of(
                "cpu", new Quantity(Integer.toString(Runtime.getRuntime().availableProcessors())),
                "memory", new Quantity("16Gi"),
                "ephemeral-storage", new Quantity("100Gi"),
                "pods", new Quantity("100000"));
        return new NodeStatusBuilder()
                .withCapacity(capacity)
                .withAllocatable(capacity)
                .withConditions(new NodeConditionBuilder()
                        .withType("Ready")
                        .withStatus("True")
                        .withReason("KubeletReady")
                        .withMessage("the process kubelet runs containers as local processes, without isolation")
                        .withLastHeartbeatTime(now)
                        .withLastTransitionTime(now)
                        .build())
                .addNewAddress(ProcessKubelet.ADDRESS, "InternalIP")
                .withNewNodeInfo()
                .withKubeletVersion("process-kubelet")
                .withContainerRuntimeVersion("process://none")
                .withOsImage("this machine")
                .withOperatingSystem("linux")
                .withArchitecture(System.getProperty("os.arch"))
                .withKernelVersion(System.getProperty("os.version"))
                .withBootID("")
                .withMachineID("")
                .withSystemUUID("")
                .withKubeProxyVersion("")
                .endNodeInfo()
                .build();
    }

    /** One request: fabric8's own patch reads first, which takes twice as long when the machine is busy. */
    private void renew() {
        ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
        String patch = Serialization.asJson(
                Map.of("spec", new LeaseSpecBuilder().withRenewTime(now).build()));
        HttpRequest request = client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(client.getConfiguration().getMasterUrl() + "apis/coordination.k8s.io/v1/namespaces/" + NAMESPACE
                        + "/leases/" + name)
                .method("PATCH", "application/merge-patch+json", patch)
                .build();
        HttpResponse<String> response =
                client.getHttpClient().sendAsync(request, String.class).join();
        if (response.code() == 404) {
            create(now);
        } else if (!response.isSuccessful()) {
            throw new IllegalStateException(response.code() + " " + response.body());
        }
    }

    private void create(ZonedDateTime now) {
        Lease lease = new LeaseBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(name)
                .withLeaseDurationSeconds(LEASE_SECONDS)
                .withRenewTime(now)
                .endSpec()
                .build();
        try {
            createNamespaceIfMissing();
            client.leases().inNamespace(NAMESPACE).resource(lease).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != 409) {
                throw e;
            }
        }
    }

    /** The API server makes it, but only some time after its start. */
    private void createNamespaceIfMissing() {
        if (client.namespaces().withName(NAMESPACE).get() == null) {
            try {
                client.namespaces()
                        .resource(new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(NAMESPACE)
                                .endMetadata()
                                .build())
                        .create();
            } catch (KubernetesClientException e) {
                if (e.getCode() != 409) {
                    throw e;
                }
            }
        }
    }

    /** Ends, and takes the node out of the cluster, as far as the API server can be reached. */
    @Override
    public synchronized void close() {
        timer.shutdownNow();
        paused = true;
        try {
            client.nodes().withName(name).delete();
            client.leases().inNamespace(NAMESPACE).withName(name).delete();
        } catch (KubernetesClientException e) {
            LOG.debug("Node {} cannot be taken out: {}", name, e.toString());
        }
    }
}
