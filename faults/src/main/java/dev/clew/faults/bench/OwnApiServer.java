package dev.clew.faults.bench;

import dev.clew.devcluster.process.ProcessGuard;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One more API server before the etcd of a cluster, for an operator alone: it can be killed and started again while the kubelet
 * and the recorder go on undisturbed at the cluster's own.
 */
final class OwnApiServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<String> command;
    private final ProcessGuard guard;
    private final Config config;
    private final Path log;
    private Process process;

    private OwnApiServer(List<String> command, ProcessGuard guard, Config config, Path log) {
        this.command = command;
        this.guard = guard;
        this.config = config;
        this.log = log;
        this.process = launch();
    }

    /** Starts one like that of a cluster, and waits until it serves. */
    static OwnApiServer start(Path stateDirectory, Config cluster, ProcessGuard guard, Path log) {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(commandLine(stateDirectory));
        int at = command.indexOf("--secure-port");
        command.set(at + 1, Integer.toString(port));
        Config config = new ConfigBuilder(cluster)
                .withMasterUrl("https://" + URI.create(cluster.getMasterUrl()).getHost() + ":" + port)
                .build();
        var server = new OwnApiServer(command, guard, config, log);
        server.awaitReady();
        return server;
    }

    private static List<String> commandLine(Path stateDirectory) {
        try {
            String pid = Files.readString(stateDirectory.resolve("guard/kube-apiserver.pid"))
                    .strip();
            String line = Files.readString(Path.of("/proc", pid, "cmdline"), StandardCharsets.UTF_8);
            return Arrays.stream(line.split("\0", -1))
                    .filter(word -> !word.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process launch() {
        try {
            Process launched = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            guard.addGroup(launched.pid());
            return launched;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How to reach it. */
    Config config() {
        return config;
    }

    private void awaitReady() {
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build()) {
            if (!Waiting.until(PATIENCE, () -> isReady(client))) {
                throw new IllegalStateException("the API server does not serve; see " + log);
            }
        }
    }

    private static boolean isReady(KubernetesClient client) {
        try {
            return "ok".equals(client.raw("/readyz"));
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    /** SIGKILL; returns at once. */
    void kill() {
        process.destroyForcibly();
    }

    /** Starts it again on its port, and waits until it serves. */
    void restart() {
        process.onExit().join();
        process = launch();
        awaitReady();
    }

    @Override
    public void close() {
        kill();
        process.onExit().join();
        guard.killGroup(process.pid());
    }
}
