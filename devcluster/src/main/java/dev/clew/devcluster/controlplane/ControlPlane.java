package dev.clew.devcluster.controlplane;

import dev.clew.devcluster.binaries.Binaries;
import dev.clew.devcluster.process.ProcessGuard;
import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfig;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubeapitest.KubeAPITestException;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** etcd and kube-apiserver, started by kube-api-test. All on the loopback interface. */
public final class ControlPlane implements AutoCloseable {
    static final String ETCD = "etcd";
    static final String API_SERVER = "kube-apiserver";

    private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);
    private static final int START_ATTEMPTS = 4;
    private static final int START_TIMEOUT_MILLIS = 90_000;

    private final Path testDirectory;
    private final ProcessGuard guard;
    private final KubeAPIServer server;
    private final String kubeconfig;

    private ControlPlane(Path testDirectory, ProcessGuard guard, KubeAPIServer server) {
        this.testDirectory = testDirectory;
        this.guard = guard;
        this.server = server;
        this.kubeconfig = server.getKubeConfigYaml();
    }

    /**
     * What to start.
     *
     * @param binaries where the binaries are
     * @param directory for certificates and launchers; created if missing
     * @param etcdData for etcd's data; emptied at the start, so a control plane always starts empty
     * @param logs for the output of the processes
     * @param auditLog where the audit log goes, if there is to be one
     * @param apiServerFlags more flags, each {@code --name=value}
     */
    public record Setup(
            Binaries binaries,
            Path directory,
            Path etcdData,
            Path logs,
            Optional<Path> auditLog,
            List<String> apiServerFlags) {}

    /**
     * Starts both and waits until they serve. kube-api-test chooses free ports in a way that lets two servers get the same
     * one, so the start is repeated a few times.
     *
     * @throws IllegalStateException if they do not start; the message names their logs
     */
    public static ControlPlane start(Setup setup, ProcessGuard guard) {
        try {
            Launchers.write(setup.directory(), setup.binaries(), setup.etcdData(), setup.logs(), guard);
            KubeAPIServerConfig config = config(setup);
            for (int attempt = 1; ; attempt++) {
                clear(setup.etcdData());
                KubeAPIServer server = new KubeAPIServer(config);
                Optional<String> failure = tryToStart(server, guard);
                if (failure.isEmpty()) {
                    return new ControlPlane(setup.directory(), guard, server);
                }
                stopQuietly(server);
                if (attempt == START_ATTEMPTS) {
                    throw new IllegalStateException(
                            "The control plane did not start in %d attempts; the last: %s. See %s."
                                    .formatted(START_ATTEMPTS, failure.orElseThrow(), setup.logs()));
                }
                LOG.warn("The control plane did not start ({}); trying again, on other ports.", failure.orElseThrow());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static KubeAPIServerConfig config(Setup setup) throws IOException {
        List<String> flags = new ArrayList<>(List.of(
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--endpoint-reconciler-type=none",
                // for tests that inject a sidecar, as a mesh does
                "--feature-gates=MutatingAdmissionPolicy=true",
                "--runtime-config=admissionregistration.k8s.io/v1beta1=true"));
        if (setup.auditLog().isPresent()) {
            Path policy = setup.directory().resolve("audit-policy.yaml");
            try (InputStream in = ControlPlane.class.getResourceAsStream("audit-policy.yaml")) {
                Files.copy(java.util.Objects.requireNonNull(in), policy, StandardCopyOption.REPLACE_EXISTING);
            }
            flags.add("--audit-policy-file=" + policy);
            flags.add("--audit-log-path=" + setup.auditLog().orElseThrow());
            flags.add("--audit-log-format=json");
        }
        flags.addAll(setup.apiServerFlags());
        return KubeAPIServerConfigBuilder.anAPIServerConfig()
                .withTestDir(setup.directory().toString())
                .withApiServerVersion(Binaries.VERSION)
                .withOfflineMode(true)
                .withUpdateKubeConfig(false)
                .withStartupTimeout(START_TIMEOUT_MILLIS)
                .withWaitForEtcdHealthCheckOnStartup(false)
                .withApiServerFlags(flags)
                .build();
    }

    /** kube-api-test sees a server that died at its start only when its time-out has passed; so look for that beside it. */
    private static Optional<String> tryToStart(KubeAPIServer server, ProcessGuard guard) throws IOException {
        // those of an attempt before name processes that are dead
        Files.deleteIfExists(guard.pidFile(ETCD));
        Files.deleteIfExists(guard.pidFile(API_SERVER));
        CompletableFuture<Void> started = new CompletableFuture<>();
        Thread starter = Thread.ofPlatform()
                .daemon()
                .name("control-plane-start")
                .start(() -> {
                    try {
                        server.start();
                        started.complete(null);
                    } catch (KubeAPITestException e) {
                        started.completeExceptionally(e);
                    }
                });
        try {
            while (true) {
                try {
                    started.get(200, TimeUnit.MILLISECONDS);
                    return Optional.empty();
                } catch (TimeoutException e) {
                    Optional<String> dead = Stream.of(ETCD, API_SERVER)
                            .filter(name -> hasDied(guard.pidFile(name)))
                            .findFirst();
                    if (dead.isPresent()) {
                        starter.interrupt();
                        return Optional.of(dead.orElseThrow() + " ended at once");
                    }
                }
            }
        } catch (ExecutionException e) {
            return Optional.of(String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            starter.interrupt();
            Thread.currentThread().interrupt();
            stopQuietly(server);
            throw new IllegalStateException("Interrupted while the control plane started.", e);
        }
    }

    private static boolean hasDied(Path pidFile) {
        try {
            String pid = Files.exists(pidFile) ? Files.readString(pidFile).strip() : "";
            return !pid.isEmpty()
                    && !ProcessHandle.of(Long.parseLong(pid))
                            .map(ProcessHandle::isAlive)
                            .orElse(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void stopQuietly(KubeAPIServer server) {
        try {
            server.stop();
        } catch (RuntimeException e) {
            // kube-api-test 7.6.1 fails when it has stopped by itself before (its issue 7834)
            LOG.debug("Stopping kube-api-test's server: {}", e.toString());
        }
    }

    private static void clear(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        Files.createDirectories(directory);
    }

    /** A kubeconfig for the cluster administrator; complete in itself or naming files in the directory of the setup. */
    public String kubeconfigYaml() {
        return kubeconfig;
    }

    /**
     * A client configuration for the cluster administrator, independent of the environment, that does not repeat requests
     * by itself.
     *
     * @param userAgent how its requests are named in the audit log
     */
    public Config clientConfig(String userAgent) {
        var parsed = Serialization.unmarshal(kubeconfig, io.fabric8.kubernetes.api.model.Config.class);
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(parsed.getClusters().getFirst().getCluster().getServer())
                .withCaCertFile(testDirectory.resolve("apiserver.crt").toString())
                .withClientCertFile(testDirectory.resolve("client.crt").toString())
                .withClientKeyFile(testDirectory.resolve("client.key").toString())
                .withRequestRetryBackoffLimit(0)
                .withUserAgent(userAgent)
                .build();
    }

    /** Stops both. */
    @Override
    public void close() {
        stopQuietly(server);
        try {
            Files.deleteIfExists(guard.pidFile(ETCD));
            Files.deleteIfExists(guard.pidFile(API_SERVER));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
