package dev.clew.devcluster.controlplane;

import dev.clew.devcluster.binaries.Binaries;
import dev.clew.devcluster.process.ProcessGuard;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The real kube-controller-manager with the controllers that an operator for pods leans on: garbage collection of owners,
 * namespaces and their default service accounts, garbage collection of pods, quota, node life cycle and taint eviction.
 */
public final class ControllerManager implements AutoCloseable {
    private static final String NAME = "kube-controller-manager";
    private static final String CONTROLLERS = String.join(
            ",",
            "garbage-collector-controller",
            "namespace-controller",
            "serviceaccount-controller",
            "pod-garbage-collector-controller",
            "resourcequota-controller",
            "node-lifecycle-controller",
            "taint-eviction-controller");

    private final Process process;
    private final Path pidFile;

    private ControllerManager(Process process, Path pidFile) {
        this.process = process;
        this.pidFile = pidFile;
    }

    /**
     * What to start.
     *
     * @param binaries where the binary is
     * @param kubeconfig as whom it works
     * @param logs for its output
     * @param nodeMonitorGrace how long a node may be silent before it counts as lost
     * @param flags more flags, each {@code --name=value}
     */
    public record Setup(Binaries binaries, Path kubeconfig, Path logs, Duration nodeMonitorGrace, List<String> flags) {}

    /** Starts it. It serves no port; it is ready when it does its work. */
    public static ControllerManager start(Setup setup, ProcessGuard guard) {
        Path pidFile = guard.pidFile(NAME);
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                "echo $$ >\"$0\"; exec setsid \"$@\"",
                pidFile.toString(),
                setup.binaries().controllerManager().toString(),
                "--kubeconfig=" + setup.kubeconfig(),
                "--leader-elect=false",
                "--secure-port=0",
                "--controllers=" + CONTROLLERS,
                "--node-monitor-grace-period=" + setup.nodeMonitorGrace().toMillis() + "ms",
                "--node-monitor-period="
                        + monitorPeriod(setup.nodeMonitorGrace()).toMillis() + "ms",
                // lost nodes are emptied at once, however many of them there are, as long as one is left
                "--node-eviction-rate=100",
                "--secondary-node-eviction-rate=100",
                "--large-cluster-size-threshold=0",
                "--kube-api-qps=200",
                "--kube-api-burst=400"));
        command.addAll(setup.flags());
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            setup.logs().resolve(NAME + ".log").toFile()))
                    .start();
            return new ControllerManager(process, pidFile);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start " + setup.binaries().controllerManager(), e);
        }
    }

    /** Kubernetes' default (5 s), or less where the grace period is so short that it would be missed. */
    private static Duration monitorPeriod(Duration grace) {
        Duration period = grace.dividedBy(8);
        return period.compareTo(Duration.ofSeconds(5)) > 0 ? Duration.ofSeconds(5) : period;
    }

    /** Whether it runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Stops it. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(3, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Files.deleteIfExists(pidFile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
