package dev.clew.engine.protocol;

import dev.clew.api.run.RunPhase;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.protocol.Request.Answer;
import dev.clew.engine.run.RunView;
import dev.clew.engine.workflow.Definition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A cluster, the process that leads, requests of it and of those before it that are still on their way, and all that may
 * happen next. A state can be copied, and what may happen in it does not depend on how it came about.
 */
final class World {
    /** What may go wrong, and how slow things may be without anything having gone wrong. */
    enum Scope {
        /** Everything. */
        ALL,
        /**
         * Everything that befalls requests, processes and watches; pods fail or are deleted, start at once, and their nodes are
         * up.
         */
        REQUESTS_AND_PROCESSES
    }

    /**
     * What is explored.
     *
     * @param faults how many things go wrong in one schedule at most
     * @param policy whether an admission policy refuses what a process creates that does not hold the lease
     * @param unbounded whether what is on its way when its process is paused may arrive at any time; else as soon as a request
     *     may be on its way after the next process got the lease
     */
    record Setting(Saga saga, WrongVariant variant, int faults, Scope scope, boolean policy, boolean unbounded) {
        /** The right protocol; nobody refuses what a former leader sent. */
        static Setting of(Saga saga, int faults) {
            return new Setting(saga, WrongVariant.NONE, faults, Scope.ALL, false, false);
        }

        Setting about(Scope other) {
            return new Setting(saga, variant, faults, other, policy, unbounded);
        }

        Setting wrong(WrongVariant other) {
            return new Setting(saga, other, faults, scope, policy, unbounded);
        }

        Setting withPolicy() {
            return new Setting(saga, variant, faults, scope, true, unbounded);
        }

        Setting withUnboundedPauses() {
            return new Setting(saga, variant, faults, scope, policy, true);
        }
    }

    /** A request on its way, whose process no longer waits for it. */
    record OnItsWay(Request request, int sender, Instant until, boolean unbounded) {}

    /** So long a node is away at most; from then on nothing new comes of its being away. */
    private static final Duration LONGEST_AWAY = Duration.ofSeconds(40);

    private static final int MOST_REQUESTS = 100;

    final Setting setting;
    final SimulatedCluster cluster;
    final EffectLedger effects;
    final Person person;
    Leader leader;
    List<OnItsWay> onTheirWay;
    int faultsLeft;
    private int wishes;
    private @Nullable Leader next;
    private @Nullable RunView lateRun;
    private @Nullable Map<String, PodFacts> latePods;
    /** Creates that arrived later than anybody waits for, of an attempt that is over, under a name that is free. */
    private boolean inTheWindow;

    World(Setting setting) {
        this.setting = setting;
        this.cluster = new SimulatedCluster(setting.saga().spec());
        cluster.let(setting.saga().pods());
        this.effects = new EffectLedger(Definition.of(setting.saga().spec(), List.of()));
        this.person = new Person(cluster);
        this.leader = Leader.first(setting.variant(), cluster.now());
        this.onTheirWay = List.of();
        this.faultsLeft = setting.faults();
    }

    private World(World other) {
        this.setting = other.setting;
        this.cluster = other.cluster.copy();
        this.effects = other.effects.copy();
        this.person = new Person(cluster);
        this.leader = other.leader;
        this.onTheirWay = other.onTheirWay;
        this.faultsLeft = other.faultsLeft;
        this.wishes = other.wishes;
        this.next = other.next;
        this.lateRun = other.lateRun;
        this.latePods = other.latePods;
        this.inTheWindow = other.inTheWindow;
    }

    World copy() {
        return new World(this);
    }

    Fingerprint.Value fingerprint(Fingerprint.Numbers numbers) {
        Instant now = cluster.now();
        var fingerprint = new Fingerprint(
                numbers, now, cluster.stored().map(RunView::resourceVersion).orElse(""));
        cluster.describe(fingerprint);
        leader.describe(fingerprint, now);
        fingerprint.add(effects.state());
        fingerprint.add(faultsLeft);
        fingerprint.add(wishes);
        fingerprint.add(lateRun != null);
        if (lateRun != null) {
            fingerprint.add(lateRun);
        }
        fingerprint.add(latePods != null);
        if (latePods != null) {
            fingerprint.add(latePods);
        }
        for (OnItsWay each : onTheirWay) {
            if (each.request() instanceof Request.WriteStatus(RunView view, WorkflowRunStatus status)) {
                fingerprint.add(status);
            } else {
                fingerprint.add(describe(each.request()));
            }
            fingerprint.add(each.sender() == leader.number);
            fingerprint.add(each.unbounded());
            fingerprint.add(each.until().isAfter(now) ? Duration.between(now, each.until()) : Duration.ZERO);
        }
        return fingerprint.value();
    }

    /** What is still on its way can only take effect if its run is current; so the version says nothing. */
    private static Object describe(Request request) {
        return switch (request) {
            case Request.WriteStatus(RunView view, WorkflowRunStatus status) -> status;
            case Request.AddFinalizer add -> "add";
            case Request.RemoveFinalizer remove -> "remove";
            case Request.Create create ->
                create.name() + create.manifest().getMetadata().getAnnotations();
            case Request.Delete delete -> delete;
            case Request.Release release -> release;
            case Request.ReadRun read -> read;
            case Request.ReadPod read -> read;
            case Request.ReadNode read -> read;
        };
    }

    WorkflowRunStatus status() {
        return cluster.lastStatus();
    }

    boolean inTheWindow() {
        return inTheWindow;
    }

    // -- what can happen

    /**
     * All that can happen next. While a pass waits for an answer, what does not concern the object of its request commutes with
     * the request: it is left for later, when the request has been answered. (Nothing is missed: a pass is short, and what is
     * held against the truth at a write is only held the stricter for what has not ended yet.)
     */
    List<Move> moves() {
        List<Move> moves = new ArrayList<>();
        Leader next = next();
        var concerns = new Concerns(leader.idle() ? Optional.empty() : next.pending());
        pods().filter(concerns::pod).forEach(pod -> PodMoves.due(moves, pod));
        moves.add(new Move(Move.Kind.DUE, goes(next), World::leaderGoesOn));
        watches(moves, concerns);
        onTheirWay.stream().filter(each -> concerns.request(each.request())).forEach(each -> arrival(moves, each));
        if (concerns.run() && wishes < setting.saga().wishes().size()) {
            var wish = setting.saga().wishes().get(wishes);
            moves.add(new Move(Move.Kind.OPEN, "a person wants " + wish, world -> {
                world.person.desires(wish);
                world.wishes++;
            }));
        }
        if (concerns.nodes()) {
            PodMoves.nodes(moves, this);
        }
        if (faultsLeft > 0) {
            next.pending().ifPresent(request -> Misfortunes.ofRequest(moves, request, next.underWay()));
            Misfortunes.ofProcess(moves);
            pods().filter(SimulatedPod::isAttempt)
                    .filter(concerns::pod)
                    .forEach(pod -> PodMoves.misfortunes(moves, pod, this));
            timeThatPassesTooSoon()
                    .ifPresent(at -> moves.add(Misfortunes.fault("time passes", world -> world.timeIs(at))));
        }
        return moves;
    }

    /** What a request is about that a pass waits for; everything, between two passes. */
    private record Concerns(Optional<Request> request) {
        boolean run() {
            return request.map(Request::ofRun).orElse(true);
        }

        boolean pod(SimulatedPod pod) {
            return request.map(waiting -> pod.name.equals(waiting.pod())).orElse(true);
        }

        boolean nodes() {
            return request.map(waiting -> waiting instanceof Request.ReadNode || waiting.pod() != null)
                    .orElse(true);
        }

        boolean request(Request other) {
            return other.ofRun()
                    ? run()
                    : request.map(waiting -> Objects.equals(waiting.pod(), other.pod()))
                            .orElse(true);
        }
    }

    private static String goes(Leader next) {
        return "leader " + next.number + " " + next.pending().map(World::brief).orElse("looks");
    }

    static String brief(Request request) {
        return switch (request) {
            case Request.WriteStatus(RunView view, WorkflowRunStatus status) ->
                "writes the status " + status.phase() + " (" + status.message() + ")";
            case Request.Create create ->
                "creates " + create.name()
                        + (create.manifest().getMetadata().getAnnotations().containsKey("clew.dev/reservation")
                                ? " (reservation)"
                                : "");
            case Request.ReadRun read -> "reads the run";
            case Request.ReadPod(String name) -> "reads " + name;
            case Request.ReadNode(String name) -> "reads " + name;
            case Request.AddFinalizer add -> "adds the finalizer";
            case Request.RemoveFinalizer remove -> "removes the finalizer";
            case Request.Delete(String name, String uid) -> "deletes " + name;
            case Request.Release(String name, String uid) -> "releases " + name;
        };
    }

    /** The leader as it is about to go on. */
    Leader next() {
        if (next == null) {
            next = leader.idle() ? begun() : leader;
        }
        return next;
    }

    private Leader begun() {
        RunView run = lateRun == null ? cluster.stored().orElseThrow() : lateRun;
        return leader.begin(cluster, run, latePods == null ? shown() : latePods);
    }

    /** Something has happened, so that it may go on otherwise. */
    void changed() {
        next = null;
    }

    Stream<SimulatedPod> pods() {
        return Stream.concat(cluster.pods.values().stream(), cluster.ghosts.stream());
    }

    /** What the caches show is what there is, unless a watch has come to a halt; then it shows what there was. */
    private void watches(List<Move> moves, Concerns concerns) {
        if (leader.idle() && lateRun != null) {
            moves.add(new Move(Move.Kind.DUE, "the watch of runs goes on", world -> world.lateRun = null));
        }
        if (leader.idle() && latePods != null) {
            moves.add(new Move(Move.Kind.DUE, "the watch of pods goes on", world -> world.latePods = null));
        }
        if (faultsLeft > 0 && lateRun == null && concerns.run()) {
            moves.add(Misfortunes.fault(
                    "the watch of runs halts",
                    world -> world.lateRun = world.cluster.stored().orElseThrow()));
        }
        if (faultsLeft > 0 && latePods == null && (leader.idle() || !concerns.run())) {
            moves.add(Misfortunes.fault("the watch of pods halts", world -> world.latePods = world.shown()));
        }
    }

    private Map<String, PodFacts> shown() {
        Map<String, PodFacts> shown = new HashMap<>();
        cluster.pods.values().forEach(pod -> shown.put(pod.name, pod.facts()));
        return Map.copyOf(shown);
    }

    private void arrival(List<Move> moves, OnItsWay each) {
        moves.add(new Move(
                Move.Kind.OPEN,
                "leader " + each.sender() + " long ago " + brief(each.request()),
                world -> world.arrives(each)));
    }

    // -- what happens

    /** A node that nothing waits for is back at once: no pod on it has anything left to do or to report. */
    private void nodesAwayInVain() {
        for (String node : cluster.nodes.names()) {
            if (cluster.nodes.isLost(node)
                    && pods().noneMatch(pod -> node.equals(pod.node()) && !pod.hasReportedItsEnd())) {
                cluster.nodes.restore(node, cluster.now().minus(LONGEST_AWAY.multipliedBy(2)));
            }
        }
    }

    private void leaderGoesOn() {
        Leader next = next();
        Optional<Request> pending = next.pending();
        if (pending.isPresent()) {
            next = next.hear(cluster, takeEffect(pending.get()));
        }
        leader = next;
    }

    Answer takeEffect(Request request) {
        request.leave(cluster);
        Answer answer = request.arrive(cluster);
        startAtOnce();
        afterwards();
        return answer;
    }

    private void startAtOnce() {
        if (setting.scope() == Scope.REQUESTS_AND_PROCESSES) {
            List.copyOf(cluster.pods.values()).stream()
                    .filter(SimulatedPod::isAttempt)
                    .filter(pod -> pod.pending() && pod.mayRun())
                    .forEach(pod -> PodMoves.advance(this, pod));
        }
    }

    private void afterwards() {
        if (hasEnded(status())) {
            effects.ended(Objects.requireNonNull(status().phase()));
        }
        forgetWhatIsStale();
    }

    /** What can take no effect any more need not be known to be on its way. */
    void forgetWhatIsStale() {
        nodesAwayInVain();
        onTheirWay = onTheirWay.stream()
                .filter(each -> each.request().canTakeEffect(cluster))
                .toList();
    }

    private static boolean hasEnded(WorkflowRunStatus status) {
        RunPhase phase = status.phase();
        return phase != null && phase.isEnd();
    }

    private void arrives(OnItsWay each) {
        List<OnItsWay> left = new ArrayList<>(onTheirWay);
        left.remove(each);
        onTheirWay = List.copyOf(left);
        boolean refused =
                setting.policy() && each.sender() != leader.number && each.request() instanceof Request.Create;
        inTheWindow = !refused && isInTheWindow(each);
        if (!refused && !inTheWindow) {
            each.request().arrive(cluster);
            startAtOnce();
            afterwards();
        }
    }

    /**
     * What is left open where no policy refuses it: a create arrives later than anybody has to wait for after the next process
     * got the lease, its attempt is over, and its name has become free again.
     */
    private boolean isInTheWindow(OnItsWay each) {
        return each.unbounded()
                && !cluster.now().isBefore(each.until())
                && each.request() instanceof Request.Create create
                && !cluster.pods.containsKey(create.name())
                && cluster.oracle.isOver(create.attempt());
    }

    /** Its process no longer waits for it. */
    void holdUp(Request request, boolean unbounded) {
        request.leave(cluster);
        List<OnItsWay> all = new ArrayList<>(onTheirWay);
        all.add(new OnItsWay(
                request,
                leader.number,
                cluster.now().plus(SimulatedCluster.MAX_IN_FLIGHT),
                unbounded && setting.unbounded()));
        onTheirWay = List.copyOf(all);
    }

    void timeIs(Instant at) {
        cluster.timeIs(at);
        onTheirWay = onTheirWay.stream()
                .filter(each -> each.unbounded() || at.isBefore(each.until()))
                .toList();
    }

    /** The leader goes on until it has nothing more to do, while nothing else happens. */
    World looked() {
        World world = copy();
        for (int i = 0; i < MOST_REQUESTS; i++) {
            world.leaderGoesOn();
            world.changed();
            if (world.leader.idle()) {
                return world;
            }
        }
        throw new AssertionError("a pass does not come to its end");
    }

    private Optional<Instant> timeThatPassesTooSoon() {
        return setting.scope() == Scope.ALL ? nextTimer(this) : Optional.empty();
    }

    /** Whether time can pass; not while a node has been away for long. */
    Optional<Instant> nextTimer(World looked) {
        Instant now = cluster.now();
        boolean awayForLong = cluster.nodes.names().stream()
                .filter(cluster.nodes::isLost)
                .anyMatch(node -> cluster.nodes.isKnownToBeAway(node, now.minus(LONGEST_AWAY)));
        if (awayForLong) {
            return Optional.empty();
        }
        return Stream.concat(
                        Stream.concat(
                                looked.leader.wakeUp().stream(),
                                Stream.of(leader.since.plus(SimulatedCluster.MAX_IN_FLIGHT))),
                        onTheirWay.stream().map(OnItsWay::until))
                .filter(at -> at.isAfter(now))
                .min(Instant::compareTo);
    }

    /** What must be so once nothing is left to happen. */
    void atRest() {
        RunPhase phase = status().phase();
        hold(
                phase != null
                        && (phase.isEnd()
                                || (phase == RunPhase.Stalled && setting.saga().stalls())),
                "comes to no end: " + phase + " (" + status().message() + ")");
        if (phase != null && phase.isEnd()) {
            effects.ended(phase);
            hold(
                    cluster.pods.values().stream().noneMatch(pod -> pod.tracked() || pod.reservation),
                    "pods are left: " + cluster.pods.values());
            hold(cluster.stored().filter(run -> !run.finalizers().isEmpty()).isEmpty(), "the run was not let go");
        }
    }

    private static void hold(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
