package dev.clew.faults.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.DevClusterOptions;
import dev.clew.devcluster.process.ProcessGuard;
import dev.clew.faults.history.History;
import dev.clew.faults.history.Recorder;
import dev.clew.faults.oracle.EndState;
import dev.clew.faults.oracle.Guarantees;
import dev.clew.faults.oracle.Judged;
import dev.clew.faults.oracle.Violation;
import dev.clew.faults.plan.Flow;
import dev.clew.faults.plan.Golden;
import dev.clew.faults.plan.Performable;
import dev.clew.faults.plan.Plan;
import dev.clew.faults.proxy.Director;
import dev.clew.faults.proxy.Gates;
import dev.clew.faults.proxy.Naming;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A cluster, a recorder on it, and what is needed to carry plans out. */
public final class Bench implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Bench.class);

    private final DevCluster cluster;
    private final ProcessGuard guard;
    private final Recorder recorder;
    private final Gates gates;
    private final OperatorImage image;
    private final Path logs;
    private final Map<Flow, Golden> golden;
    private final AtomicInteger stages;
    private final ReentrantLock pausing;
    private final Operators.Kind kind;

    private Bench(DevCluster cluster, OperatorImage image, Path directory) {
        this.cluster = cluster;
        this.image = image;
        this.logs = directory;
        this.kind = Operators.Kind.RIGHT;
        this.golden = new EnumMap<>(Flow.class);
        this.stages = new AtomicInteger();
        this.pausing = new ReentrantLock();
        this.guard = ProcessGuard.start(cluster.stateDirectory().resolve("operators"), List.of());
        this.recorder = Recorder.start(cluster.client());
        this.gates = new Gates(cluster.clientConfig("clew-operator"));
    }

    private Bench(Bench other, Operators.Kind kind) {
        this.cluster = other.cluster;
        this.image = other.image;
        this.logs = other.logs;
        this.kind = kind;
        this.golden = other.golden;
        this.stages = other.stages;
        this.pausing = other.pausing;
        this.guard = other.guard;
        this.recorder = other.recorder;
        this.gates = other.gates;
    }

    /** The same bench with operators of another kind; what is undisturbed has been performed before. Not to be closed. */
    Bench with(Operators.Kind other) {
        golden();
        return new Bench(this, other);
    }

    /** The operators that it starts. */
    Operators.Kind kind() {
        return kind;
    }

    /**
     * Opens one.
     *
     * @param crds the definitions of Clew's kinds
     * @param directory for logs of operators and what they are started from
     */
    public static Bench open(Path crds, Path directory) {
        OperatorImage image = OperatorImage.build(directory);
        DevCluster cluster = DevCluster.start(DevClusterOptions.defaults()
                .withCrds(crds)
                .withApiServerFlag("--request-timeout=" + Timing.API_SERVER_SECONDS + "s"));
        return new Bench(cluster, image, directory);
    }

    DevCluster cluster() {
        return cluster;
    }

    Recorder recorder() {
        return recorder;
    }

    Operators operators() {
        return operators(gates);
    }

    /** A process of the cluster's control plane. */
    ClusterProcess process(String name) {
        return new ClusterProcess(cluster.stateDirectory(), name);
    }

    /** Does something while the garbage collector stands still, with all controllers; one at a time. */
    void withoutGarbageCollector(Runnable what) {
        ClusterProcess controllers = process("kube-controller-manager");
        pausing.lock();
        try {
            controllers.pause();
            what.run();
        } finally {
            controllers.resume();
            pausing.unlock();
        }
    }

    /** One more API server. */
    OwnApiServer ownApiServer() {
        return OwnApiServer.start(
                cluster.stateDirectory(),
                cluster.clientConfig("clew-operator"),
                guard,
                logs.resolve("own-api-server.log"));
    }

    /** Operators behind other gates. */
    Operators operators(Gates gates) {
        return new Operators(gates, guard, image, logs, kind);
    }

    String newNamespace(String what) {
        return "n" + stages.incrementAndGet() + "-" + what;
    }

    /** Performs every flow once, undisturbed; the operator's classes are cached on the way. */
    public synchronized Map<Flow, Golden> golden() {
        if (golden.isEmpty()) {
            try (Operators operators = operators()) {
                Stage warmUp = Stage.set(newNamespace("warm-up"), this);
                Operators.Running trained = operators.train(warmUp.namespace());
                trained.process().awaitReady();
                warmUp.perform(Flow.SAGA);
                trained.process().stop();
            }
            for (Flow flow : Flow.values()) {
                golden.put(flow, undisturbed(flow));
            }
        }
        return golden;
    }

    /** A slow machine may have the operator write for its information, which takes 5 s: then once more. */
    private Golden undisturbed(Flow flow) {
        Golden first = perform(flow);
        if (flow.writes().equals(Set.copyOf(first.writes()))) {
            return first;
        }
        LOG.warn("{} made other writes than it should: {}", flow.label(), difference(first));
        Golden second = perform(flow);
        if (flow.writes().equals(Set.copyOf(second.writes()))) {
            return second;
        }
        throw new IllegalStateException("undisturbed, " + flow.label() + " makes other writes than Flow says, twice: "
                + difference(first) + "; " + difference(second)
                + ". Either the protocol has changed, and Flow must too, or this machine is too slow.");
    }

    private static String difference(Golden golden) {
        Set<String> missing = new TreeSet<>(golden.flow().writes());
        golden.writes().forEach(missing::remove);
        Set<String> surplus = new TreeSet<>(golden.writes());
        surplus.removeAll(golden.flow().writes());
        return "missing " + missing + ", surplus " + surplus;
    }

    private Golden perform(Flow flow) {
        Stage stage = Stage.set(newNamespace(flow.label()), this);
        try (Operators operators = operators()) {
            Operators.Running operator = operators.start(stage.namespace(), new Naming(), Director.NONE);
            operator.process().awaitReady();
            boolean ended = stage.perform(flow);
            History history = stage.history(operators.gates());
            JsonNode end = EndState.of(history.lastStatus());
            List<Violation> violations = Guarantees.violations(judged(flow, history, Judged.NONE_HELD));
            if (!ended || !violations.isEmpty() || !end.path("phase").asText().equals(flow.phase())) {
                throw new IllegalStateException(
                        "undisturbed, " + flow + " is not right: " + violations + "\n" + history.print());
            }
            List<String> writes = history.sent().stream()
                    .filter(write -> !write.target().resource().equals("leases"))
                    .map(write -> write.write().name())
                    .toList();
            Map<String, Integer> events = operator.gate().events();
            LOG.info("{}: {} writes: {}, events: {}", flow.label(), writes.size(), writes, events);
            return new Golden(flow, writes, events, end);
        }
    }

    static Judged judged(Performable flow, History history, Set<String> held) {
        return new Judged(history, flow.desired(), Stage.FOREIGN, held);
    }

    /** Judges what happened in a plan. */
    List<Violation> judge(Plan plan, History history, Set<String> held) {
        List<Violation> all = new ArrayList<>(Guarantees.violations(judged(plan.flow(), history, held)));
        if (plan instanceof Plan.OnFence) {
            // whether the attempt has begun depends on the plan
            String phase = history.lastStatus().path("phase").asText();
            if (!phase.equals(plan.flow().phase())) {
                all.add(new Violation(
                        "end", "the run is " + phase + ", not " + plan.flow().phase()));
            }
        } else {
            all.addAll(EndState.differences(
                    Objects.requireNonNull(golden().get(plan.flow())).end(), EndState.of(history.lastStatus())));
        }
        return all;
    }

    @Override
    public void close() {
        recorder.close();
        gates.close();
        guard.close();
        cluster.close();
    }
}
