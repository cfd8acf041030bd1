package dev.clew.engine.protocol;

import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.api.workflow.WorkflowSpec;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.run.Decision;
import dev.clew.engine.run.DefinitionSeen;
import dev.clew.engine.run.Engine;
import dev.clew.engine.run.NodeSeen;
import dev.clew.engine.run.Observed;
import dev.clew.engine.run.PodSeen;
import dev.clew.engine.run.RunView;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The loop at work on a simulated cluster: when it looks, what it has seen by then, and when its process dies. */
final class Operation {
    private static final int PATIENCE = 5_000;

    /** So often a person helps before losing patience. */
    private static final int HELPFUL = 12;

    final SimulatedCluster cluster;
    final Person person;
    private final Mutation mutation;
    private final Map<String, PodFacts> seen = new HashMap<>();
    private RunLoop loop;
    private Optional<Instant> wakeUp = Optional.empty();

    Operation(WorkflowSpec spec) {
        this(spec, Mutation.NONE);
    }

    Operation(WorkflowSpec spec, Mutation mutation) {
        this(spec, mutation, null);
    }

    Operation(WorkflowSpec spec, Mutation mutation, @Nullable String gitOps) {
        this.cluster = new SimulatedCluster(spec, gitOps);
        this.person = new Person(cluster);
        this.mutation = mutation;
        cluster.breakIn(mutation);
        this.loop = start();
    }

    /** A new process knows nothing; what the former one sent counts as sent now. */
    private RunLoop start() {
        return new RunLoop(cluster, new CreateLedger(mutation.maxInFlight(), cluster.now()));
    }

    Optional<Instant> wakesUp() {
        return wakeUp;
    }

    WorkflowRunStatus status() {
        return cluster.lastStatus();
    }

    /** One pass; false if a request failed and the pass is to be repeated. */
    boolean pass() {
        if (cluster.stored().isEmpty()) {
            // the cache will show that it is gone
            cluster.deliverRun();
            return true;
        }
        try {
            wakeUp = loop.pass(cluster.cachedRun());
            return true;
        } catch (SimulatedCluster.Crash e) {
            loop = start();
            return false;
        } catch (SimulatedCluster.RequestFailed e) {
            return false;
        } catch (Cluster.CreateFailedException e) {
            // the pass is repeated, but not at once
            cluster.letTimePass(Duration.ofSeconds(1));
            return false;
        }
    }

    /** Things happen in any order. */
    void anything(Random random, int events, boolean meddling) {
        cluster.meetSomebody(() -> person.doesAnything(random));
        for (int i = 0; i < events; i++) {
            List<SimulatedPod> pods = List.copyOf(cluster.pods.values());
            int choice = random.nextInt(100);
            if (choice < 33) {
                pass();
                decideTwice();
            } else if (choice < 60 && !pods.isEmpty()) {
                cluster.advance(pods.get(random.nextInt(pods.size())));
            } else if (choice < 65 && !cluster.ghosts.isEmpty()) {
                cluster.advance(cluster.ghosts.get(random.nextInt(cluster.ghosts.size())));
            } else if (choice < 73) {
                cluster.deliverPods();
            } else if (choice < 81) {
                cluster.deliverRun();
            } else if (choice < 85) {
                cluster.late();
            } else if (choice < 93) {
                cluster.letTimePass(Duration.ofMillis(random.nextInt(20_000)));
            } else if (meddling && choice < 95) {
                person.doesAnything(random);
            } else if (meddling && choice < 97) {
                somethingHappensToANode(random);
            } else if (meddling && choice < 99 && !pods.isEmpty()) {
                somethingHappensTo(pods.get(random.nextInt(pods.size())), random);
            } else if (meddling) {
                somethingRareHappens(random);
            }
        }
    }

    private void somethingHappensToANode(Random random) {
        List<String> names = cluster.nodes.names();
        String node = names.get(random.nextInt(names.size()));
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> cluster.nodes.lose(node, cluster.now());
            case 3, 4, 5 -> cluster.nodes.back(node, cluster.now());
            case 6 -> cluster.nodes.forbid(random.nextInt(3) == 0);
            default -> {
                if (cluster.nodes.isLost(node)) {
                    cluster.nodes.remove(node, cluster.now());
                }
            }
        }
    }

    private void somethingHappensTo(SimulatedPod pod, Random random) {
        switch (random.nextInt(5)) {
            case 0 -> cluster.deletePod(pod);
            case 1 -> cluster.forcePod(pod);
            case 2 -> cluster.collectPod(pod);
            case 3 -> pod.liftGate();
            default -> {
                // a pod gone before its UID was recorded cannot be told from one never made
                if (isRecorded(pod) && !cluster.isOnItsWay(pod.name)) {
                    cluster.vanishPod(pod);
                }
            }
        }
    }

    private boolean isRecorded(SimulatedPod pod) {
        return cluster.stored().stream()
                .flatMap(run -> run.status().steps().stream())
                .flatMap(step -> Stream.concat(
                        step.attempts().stream(),
                        step.compensation() == null ? Stream.empty() : step.compensation().attempts().stream()))
                .anyMatch(attempt ->
                        attempt.pod() != null && pod.uid.equals(attempt.pod().uid()));
    }

    private void somethingRareHappens(Random random) {
        switch (random.nextInt(40)) {
            case 0, 1, 2, 3 -> cluster.deleteRun();
            case 4 -> {
                cluster.terminateNamespace();
                cluster.deleteRun();
                List.copyOf(cluster.pods.values()).forEach(cluster::deletePod);
            }
            case 5, 6, 7, 8, 9 -> {
                if (!cluster.terminating()) {
                    cluster.refuseCreates(
                            random.nextBoolean()
                                    ? new Cluster.Created.Refused("Forbidden", "exceeded quota: pods")
                                    : new Cluster.Created.Failed("failed calling webhook"));
                }
            }
            case 10, 11, 12, 13, 14 -> {
                if (!cluster.terminating()) {
                    cluster.allowCreates();
                }
            }
            case 15, 16 -> cluster.definitionIs(new DefinitionSeen.NotYet("RevisionMissing", "the revision is gone"));
            case 17, 18, 19 -> cluster.definitionIs(null);
            default -> cluster.letTimePass(Duration.ofMinutes(random.nextInt(10)));
        }
    }

    /** To decide again on what was just decided, with the same observations, gives nothing more to record. */
    private void decideTwice() {
        cluster.stored().ifPresent(run -> {
            Map<String, PodSeen> seen = new HashMap<>();
            cluster.pods.forEach((name, pod) -> seen.put(name, new PodSeen.Present(pod.facts(), true)));
            WorkflowRunStatus once = decide(run, seen);
            WorkflowRunStatus twice = decide(run.withStatus(once), seen);
            if (!twice.equals(once)) {
                throw new AssertionError("decided twice, it became from\n" + once + "\n" + twice);
            }
        });
    }

    private WorkflowRunStatus decide(RunView run, Map<String, PodSeen> seen) {
        Map<String, NodeSeen> nodes = new HashMap<>();
        while (true) {
            var observed = new Observed(
                    cluster.definition(run), true, seen, Map.of(), nodes, SimulatedCluster.MAX_IN_FLIGHT, null, false);
            switch (Engine.decide(run, observed, cluster.now())) {
                case Decision.Look(Set<String> pods, Set<String> read) -> {
                    pods.forEach(pod -> seen.put(pod, new PodSeen.Absent(true)));
                    read.forEach(node -> nodes.put(node, cluster.node(node)));
                }
                case Decision.Unreadable(String why) -> throw new AssertionError(why);
                case Decision.Prepare prepare -> {
                    return run.status();
                }
                case Decision.Proceed proceed -> {
                    return proceed.status();
                }
            }
        }
    }

    /**
     * Nothing goes wrong any more. The loop looks when a pod has changed or when it had asked to be woken, and at no other
     * time; its own writes do not wake it.
     */
    void calm() {
        cluster.late();
        cluster.let(Faults.NONE);
        cluster.definitionIs(null);
        if (!cluster.terminating()) {
            cluster.allowCreates();
        }
        cluster.pods.values().forEach(SimulatedPod::stopHanging);
        rest();
    }

    /** The same; nodes come back or are given up, and a person does what only a person can. */
    void calm(Random random) {
        cluster.late();
        for (String node : cluster.nodes.names()) {
            if (random.nextInt(4) > 0) {
                cluster.nodes.back(node, cluster.now());
            } else if (cluster.nodes.isLost(node)) {
                cluster.nodes.remove(node, cluster.now());
            }
        }
        List.copyOf(cluster.pods.values()).stream()
                .filter(pod -> pod.node() != null && cluster.nodes.goneSince(pod.node()) != null)
                .forEach(cluster::collectPod);
        cluster.nodes.forbid(random.nextInt(10) == 0);
        calm();
        for (int i = 0; person.helps(random, i > HELPFUL); i++) {
            if (i > 2 * HELPFUL) {
                throw new AssertionError("nobody can help: " + this);
            }
            rest();
        }
    }

    /** All goes on until nothing is left to do but to wait for a pod that hangs. */
    void rest() {
        rest(Instant.MAX);
    }

    /** The same, but no longer than until a time. */
    void rest(Instant until) {
        boolean look = true;
        for (int i = 0; i < PATIENCE; i++) {
            cluster.deliver();
            if (look) {
                look = !pass();
                cluster.deliver();
            }
            PodChange change = advancePods();
            look |= change == PodChange.CALLS_FOR_A_LOOK;
            if (!look && change == PodChange.NONE) {
                if (wakeUp.filter(time -> !time.isAfter(until)).isEmpty()) {
                    return;
                }
                cluster.timeIs(wakeUp.get());
                wakeUp = Optional.empty();
                look = true;
            }
        }
        throw new AssertionError("comes to no rest: " + this + status());
    }

    private enum PodChange {
        NONE,
        OF_NO_CONCERN,
        CALLS_FOR_A_LOOK
    }

    private PodChange advancePods() {
        PodChange change = PodChange.NONE;
        for (SimulatedPod pod : List.copyOf(cluster.pods.values())) {
            PodFacts before = seen.getOrDefault(pod.uid, pod.facts());
            if (cluster.advance(pod) && change == PodChange.NONE) {
                change = PodChange.OF_NO_CONCERN;
            }
            PodFacts after = pod.facts();
            seen.put(pod.uid, after);
            if (after.callsForALookAfter(before)) {
                change = PodChange.CALLS_FOR_A_LOOK;
            }
        }
        return change;
    }

    @Override
    public String toString() {
        return status().phase() + " (" + status().message() + ") at " + cluster.now() + ", pods "
                + cluster.pods.values() + ", run "
                + cluster.stored()
                        .map(run -> run.finalizers() + (run.deleting() ? " deleting" : ""))
                        .orElse("gone")
                + ", wakes up "
                + wakeUp;
    }
}
