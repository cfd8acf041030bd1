package dev.clew.faults.bench;

import dev.clew.devcluster.process.ProcessGuard;
import dev.clew.faults.proxy.Director;
import dev.clew.faults.proxy.Gate;
import dev.clew.faults.proxy.Gates;
import dev.clew.faults.proxy.Naming;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The operators of one plan, each behind a gate of its own. All are gone when this is closed. */
final class Operators implements AutoCloseable {
    private static final String ALL = "all";
    private static final String MAIN = "dev.clew.operator.Main";

    private final Gates gates;
    private final ProcessGuard guard;
    private final OperatorImage image;
    private final Path logs;
    private final Kind kind;
    private final List<Running> started = new CopyOnWriteArrayList<>();

    Operators(Gates gates, ProcessGuard guard, OperatorImage image, Path logs, Kind kind) {
        this.gates = gates;
        this.guard = guard;
        this.image = image;
        this.logs = logs;
        this.kind = kind;
    }

    /**
     * How operators are.
     *
     * @param distortion what is made of each director: a wrong operator is a right one behind a gate that distorts what it asks
     * @param settings more of them
     * @param lateSeconds after the next operator is ready, a write that a killed one had on its way arrives
     * @param patience how long a flow may take
     */
    record Kind(UnaryOperator<Director> distortion, Map<String, String> settings, int lateSeconds, Duration patience) {
        static final Kind RIGHT = new Kind(UnaryOperator.identity(), Map.of(), 1, Duration.ofSeconds(90));
    }

    /** One of them. */
    record Running(Gate gate, OperatorProcess process) {}

    /** Starts one that watches a namespace, or all if it is empty. */
    Running start(String namespace, Naming naming, Director director) {
        return start(namespace, naming, director, Map.of());
    }

    /** The same with more settings. */
    Running start(String namespace, Naming naming, Director director, Map<String, String> settings) {
        return start(namespace, naming, director, image.java(MAIN), settings);
    }

    /** The same by a clock that is apart by so many seconds. */
    Running start(String namespace, Naming naming, Director director, Map<String, String> settings, int secondsApart) {
        List<String> java = new ArrayList<>(image.java(ClockApart.class.getName()));
        java.add(Integer.toString(secondsApart));
        return start(namespace, naming, director, java, settings);
    }

    /** Starts one whose classes are kept for the next ones, when it stops. */
    Running train(String namespace) {
        return start(namespace, new Naming(), Director.NONE, image.trainingJava(MAIN), Map.of());
    }

    private Running start(
            String namespace, Naming naming, Director director, List<String> java, Map<String, String> settings) {
        String name = (namespace.isEmpty() ? ALL : namespace) + "-" + (started.size() + 1);
        var killed = new AtomicReference<OperatorProcess>();
        Gate gate = gates.open(name, naming, kind.distortion().apply(director), () -> {
            OperatorProcess process = killed.get();
            if (process != null) {
                process.kill();
            }
        });
        Map<String, String> environment = new HashMap<>(Map.of(
                "KUBECONFIG",
                kubeconfig(name, gate.url()).toString(),
                "CLEW_NAMESPACES",
                namespace,
                "CLEW_PORT",
                "0",
                "CLEW_LEADER_ELECTION",
                "false",
                "CLEW_REQUEST_TIMEOUT_SECONDS",
                Integer.toString(Timing.REQUEST_SECONDS),
                "CLEW_API_SERVER_TIMEOUT_SECONDS",
                Integer.toString(Timing.API_SERVER_SECONDS)));
        environment.putAll(kind.settings());
        environment.putAll(settings);
        var process =
                OperatorProcess.start(new OperatorProcess.Setup(java, environment, logs.resolve(name + ".log")), guard);
        killed.set(process);
        var running = new Running(gate, process);
        started.add(running);
        return running;
    }

    private Path kubeconfig(String name, String url) {
        try {
            return Files.writeString(logs.resolve(name + ".kubeconfig"), """
                    apiVersion: v1
                    kind: Config
                    current-context: gate
                    clusters: [{name: gate, cluster: {server: '%s'}}]
                    contexts: [{name: gate, context: {cluster: gate, user: operator}}]
                    users: [{name: operator, user: {}}]
                    """.formatted(url));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the operator behind a gate watches all namespaces, which several plans share. */
    static boolean isShared(String gate) {
        return gate.startsWith(ALL + "-");
    }

    /** Whether the one that was started last lives. */
    boolean lastIsAlive() {
        return started.getLast().process().isAlive();
    }

    /** Whether that one was ready then, by {@link System#nanoTime}. */
    boolean lastIsReadySince(long then) {
        return started.getLast().process().isReadySince(then);
    }

    /** Whether all do. */
    boolean allAlive() {
        return started.stream().allMatch(running -> running.process().isAlive());
    }

    Stream<Gate> gates() {
        return started.stream().map(Running::gate);
    }

    @Override
    public void close() {
        started.forEach(running -> running.process().close());
        started.forEach(running -> running.gate().close());
    }
}
