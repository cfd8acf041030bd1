package dev.clew.engine.protocol;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.StepStatus;
import dev.clew.engine.protocol.SimulatedPod.Fate;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** What schedulers, kubelets, nodes and people do to pods. */
final class PodMoves {
    private PodMoves() {}

    /** One stage further. A container's end and the terminal phase are one: nothing rests on the phase. */
    static void due(List<Move> moves, SimulatedPod pod) {
        boolean waits = pod.reservation || (pod.node() == null && pod.deleting());
        if (!waits) {
            moves.add(new Move(Move.Kind.DUE, "the kubelet has " + pod, of(pod, PodMoves::advance)));
        }
    }

    private static java.util.function.Consumer<World> of(SimulatedPod pod, BiConsumer<World, SimulatedPod> effect) {
        return world -> effect.accept(
                world,
                world.pods()
                        .filter(same -> same.uid.equals(pod.uid))
                        .findFirst()
                        .orElseThrow());
    }

    static void advance(World world, SimulatedPod pod) {
        if (pod.pending()) {
            world.cluster.advance(pod);
        }
        boolean done = pod.succeeded();
        if (pod.bound() && pod.isAboutToStart()) {
            starts(world, pod);
        }
        world.cluster.advance(pod);
        if (!done && pod.succeeded()) {
            world.effects.done(pod);
        }
        if (pod.ended()) {
            world.cluster.advance(pod);
        }
    }

    private static void starts(World world, SimulatedPod pod) {
        List<SimulatedPod> others = world.pods()
                .filter(other -> !other.uid.equals(pod.uid) && other.isAttempt() && other.mayRun())
                .toList();
        world.effects.started(pod, world.status(), others);
    }

    /** Nodes that are away come back, or are switched off for good and their pods collected. */
    static void nodes(List<Move> moves, World world) {
        for (String node : world.cluster.nodes.names()) {
            if (world.cluster.nodes.isLost(node)) {
                moves.add(new Move(
                        Move.Kind.OPEN, node + " is back", next -> next.cluster.nodes.back(node, next.cluster.now())));
                moves.add(new Move(Move.Kind.OPEN, node + " is gone", next -> {
                    next.cluster.nodes.remove(node, next.cluster.now());
                    List.copyOf(next.cluster.pods.values()).stream()
                            .filter(pod -> node.equals(pod.node()) && !pod.terminalPhase())
                            .forEach(next.cluster::collectPod);
                }));
            }
        }
    }

    /** What befalls a pod. That a node has it and has not started it yet is only of interest if something befalls it then. */
    static void misfortunes(List<Move> moves, SimulatedPod pod, World world) {
        if (world.setting.unbounded() && pod.hasReportedItsEnd() && !pod.tracked()) {
            fault(moves, pod, "is cleared away by somebody", (next, same) -> next.cluster.deletePod(same));
        }
        if (pod.reservation || world.cluster.ghosts.contains(pod) || pod.ended()) {
            return;
        }
        if (pod.pending() && pod.deleting()) {
            return;
        }
        if (pod.pending()) {
            fault(moves, pod, "is slow to start", PodMoves::bind);
        }
        boolean starting = pod.pending() || pod.bound();
        if (pod.running() && pod.willSucceed()) {
            fault(moves, pod, "will fail", (next, same) -> same.becomes(Fate.FAILS));
        }
        if (!pod.deleting()) {
            fault(moves, pod, "is deleted by somebody", (next, same) -> next.cluster.deletePod(same));
        }
        if (world.setting.scope() != World.Scope.ALL) {
            return;
        }
        if (starting && pod.willSucceed() && !pod.deleting()) {
            fault(moves, pod, "never starts", (next, same) -> same.becomes(Fate.NEVER_STARTS));
        }
        if (starting && !pod.deleting() && pod.isAboutToStart()) {
            fault(moves, pod, "starts and is forgotten", PodMoves::forget);
        }
        if (pod.pending() && !pod.deleting()) {
            fault(moves, pod, "is deleted on its node", (next, same) -> {
                bind(next, same);
                next.cluster.deletePod(same);
            });
        }
        String node = pod.node();
        if (node == null || world.cluster.nodes.isUp(node)) {
            fault(moves, pod, "loses its node", (next, same) -> {
                bind(next, same);
                next.cluster.nodes.lose(Objects.requireNonNull(same.node()), next.cluster.now());
            });
        }
        if (!pod.terminalPhase()) {
            fault(moves, pod, "is collected", (next, same) -> {
                bind(next, same);
                next.cluster.collectPod(same);
            });
        }
        if (isRecorded(world, pod) && !isOnItsWay(world, pod)) {
            fault(moves, pod, "vanishes", (next, same) -> {
                bind(next, same);
                next.cluster.vanishPod(same);
            });
        }
    }

    private static void bind(World world, SimulatedPod pod) {
        if (pod.pending()) {
            world.cluster.advance(pod);
        }
    }

    private static void forget(World world, SimulatedPod pod) {
        bind(world, pod);
        starts(world, pod);
        world.cluster.oracle.started(pod);
        pod.startsAndIsForgotten(world.cluster.now());
    }

    private static void fault(List<Move> moves, SimulatedPod pod, String what, BiConsumer<World, SimulatedPod> effect) {
        moves.add(Misfortunes.fault(pod.name + " " + what, of(pod, effect)));
    }

    /** A pod gone before its UID was recorded cannot be told from one never made. */
    private static boolean isRecorded(World world, SimulatedPod pod) {
        return world.status().steps().stream()
                .flatMap(PodMoves::attempts)
                .anyMatch(attempt ->
                        pod.uid.equals(Objects.requireNonNull(attempt.pod()).uid()));
    }

    private static Stream<Attempt> attempts(StepStatus step) {
        return Stream.concat(
                step.attempts().stream(),
                step.compensation() == null ? Stream.empty() : step.compensation().attempts().stream());
    }

    private static boolean isOnItsWay(World world, SimulatedPod pod) {
        return world.onTheirWay.stream()
                .anyMatch(each -> each.request() instanceof Request.Create create
                        && create.name().equals(pod.name));
    }
}
