package dev.clew.devcluster.cli;

import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.DevClusterOptions;
import dev.clew.devcluster.binaries.Provisioner;
import dev.clew.devcluster.kubelet.PodLogs;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** The development cluster on the command line; {@code --help} tells how. */
public final class DevClusterCli {
    private static final Path DEFAULT_STATE = Path.of(".devcluster");
    private static final String USAGE = """
            Usage:
              provision                            gets the binaries of the control plane, if they are not there
              up [--state-dir DIR] [--crds PATH]…  starts a cluster and runs it until SIGTERM or Ctrl-C
              logs [--state-dir DIR] NAMESPACE/POD prints what the containers of a pod have written
              logs [--state-dir DIR] --all NAMESPACE
                                                   prints that of all its pods, each line behind the pod's name

            The state directory (default: .devcluster) gets `kubeconfig`, `logs/`, and `ready` once the cluster is up.
            The binaries are looked for in $KUBE_API_TEST_DIR (default: ~/.kubeapitest).
            """;

    private final PrintStream out;
    private final PrintStream err;

    DevClusterCli(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Runs a command; exits with 0, 1 (it failed) or 2 (wrong usage). */
    public static void main(String[] arguments) {
        System.setProperty(
                "log4j2.configurationFile",
                System.getProperty("log4j2.configurationFile", "dev/clew/devcluster/cli/log4j2.xml"));
        System.exit(new DevClusterCli(System.out, System.err).run(arguments));
    }

    int run(String... arguments) {
        Deque<String> rest = new ArrayDeque<>(Arrays.asList(arguments));
        try {
            return switch (rest.isEmpty() ? "--help" : rest.pop()) {
                case "provision" -> provision();
                case "up" -> up(rest);
                case "logs" -> logs(rest);
                case "--help", "-h", "help" -> {
                    out.print(USAGE);
                    yield 0;
                }
                default -> throw new UsageException("unknown command");
            };
        } catch (UsageException e) {
            err.println(e.getMessage());
            err.print(USAGE);
            return 2;
        } catch (IllegalStateException | IllegalArgumentException | IOException e) {
            err.println(e.getMessage());
            return 1;
        }
    }

    private int provision() {
        out.println(Provisioner.standard(out::println).provide().directory());
        return 0;
    }

    private int up(Deque<String> arguments) throws UsageException, IOException {
        Path state = DEFAULT_STATE;
        DevClusterOptions options = DevClusterOptions.defaults().withAuditLog();
        while (!arguments.isEmpty()) {
            switch (arguments.pop()) {
                case "--state-dir" -> state = Path.of(value("--state-dir", arguments));
                case "--crds" -> options = options.withCrds(Path.of(value("--crds", arguments)));
                default -> throw new UsageException("unknown option of `up`");
            }
        }
        Path ready = Files.createDirectories(state).resolve("ready");
        Files.deleteIfExists(ready);
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stop.countDown();
            await(stopped);
        }));
        try (DevCluster cluster = DevCluster.start(
                options.withStateDirectory(state),
                Provisioner.standard(out::println).provide())) {
            out.println("export KUBECONFIG=" + quoted(cluster.kubeconfig()));
            out.println("# kubectl: " + cluster.kubectl());
            out.println("# Pods run as processes of this machine, without isolation. Ctrl-C stops everything.");
            out.flush();
            Files.writeString(ready, cluster.kubeconfig() + "\n");
            await(stop);
        } finally {
            Files.deleteIfExists(ready);
            stopped.countDown();
        }
        return 0;
    }

    private static String quoted(Path path) {
        String text = path.toString();
        return text.matches("[A-Za-z0-9/._+-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int logs(Deque<String> arguments) throws UsageException {
        Path state = DEFAULT_STATE;
        boolean all = false;
        String subject = "";
        while (!arguments.isEmpty()) {
            String argument = arguments.pop();
            switch (argument) {
                case "--state-dir" -> state = Path.of(value("--state-dir", arguments));
                case "--all" -> all = true;
                default -> subject = argument;
            }
        }
        PodLogs logs = new PodLogs(state.resolve("logs"));
        if (all && !subject.isEmpty()) {
            print(logs.ofNamespace(subject), true);
            return 0;
        }
        String[] parts = subject.split("/", -1);
        if (parts.length != 2) {
            throw new UsageException("`logs` needs NAMESPACE/POD, or --all NAMESPACE");
        }
        List<PodLogs.Log> found = logs.ofPod(parts[0], parts[1]);
        if (found.isEmpty()) {
            throw new IllegalArgumentException("No logs of pod " + subject + " in " + logs.directory());
        }
        print(found, found.size() > 1);
        return 0;
    }

    private void print(List<PodLogs.Log> logs, boolean prefixed) {
        for (PodLogs.Log log : logs) {
            String prefix = prefixed ? log.pod() + " " + log.container() + " | " : "";
            log.lines().forEach(line -> out.println(prefix + line));
        }
    }

    private static String value(String option, Deque<String> arguments) throws UsageException {
        if (arguments.isEmpty()) {
            throw new UsageException(option + " needs a value");
        }
        return arguments.pop();
    }

    /** The command line makes no sense. */
    private static final class UsageException extends Exception {
        UsageException(String message) {
            super(message);
        }
    }
}
