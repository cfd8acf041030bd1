package dev.clew.engine.protocol;

import dev.clew.api.run.WorkflowRef;
import dev.clew.api.run.WorkflowRunSpec;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.api.run.WorkflowSnapshot;
import dev.clew.api.workflow.WorkflowSpec;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.run.DefinitionSeen;
import dev.clew.engine.run.NodeSeen;
import dev.clew.engine.run.RunView;
import dev.clew.engine.workflow.Definition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An API server with one run and its pods, a clock, and caches that show what was delivered last. Requests can fail
 * before or after they took effect; creates can arrive late. The truth is held against every request.
 */
final class SimulatedCluster implements Cluster {
    /** The process that sent a request is dead. */
    static final class Crash extends RuntimeException {
        Crash(String request) {
            super(request);
        }
    }

    /** A request failed, or its answer was lost. */
    static final class RequestFailed extends RuntimeException {
        RequestFailed(String request) {
            super(request);
        }
    }

    private record LateCreate(Pod pod, Instant sent) {}

    static final Duration MAX_IN_FLIGHT = Duration.ofSeconds(5);

    final Oracle oracle;
    final SimulatedNodes nodes;
    /** Pods that are no more while their processes may run. */
    final List<SimulatedPod> ghosts = new ArrayList<>();

    final List<Telling> tellings = new ArrayList<>();
    final Map<String, SimulatedPod> pods = new TreeMap<>();
    final Map<String, Integer> requests = new TreeMap<>();
    private final Definition definition;
    private @Nullable DefinitionSeen otherwise;
    private final List<LateCreate> onTheirWay = new ArrayList<>();
    private Faults faults = Faults.NONE;
    private Mutation mutation = Mutation.NONE;
    private Instant now = Instant.parse("2026-11-24T10:00:00Z");
    private @Nullable RunView run;
    private RunView cachedRun;
    private WorkflowRunStatus lastStatus = WorkflowRunStatus.EMPTY;
    private @Nullable WorkflowRunStatus unwritten;
    private Map<String, PodFacts> cachedPods = new HashMap<>();
    private final List<String> created = new ArrayList<>();
    private final List<Instant> createdAt = new ArrayList<>();
    private @Nullable Created refusal;
    private final Map<String, Integer> made = new HashMap<>();
    private String output = "";
    private Runnable somebody = () -> {};
    private Consumer<WorkflowRunStatus> reader = status -> {};

    SimulatedCluster(WorkflowSpec spec) {
        this(spec, null);
    }

    SimulatedCluster(WorkflowSpec spec, @Nullable String gitOps) {
        this.definition = Definition.of(spec, List.of());
        this.oracle = new Oracle(definition, pods, ghosts);
        this.nodes = new SimulatedNodes(now.minus(Duration.ofHours(1)));
        this.run = new RunView(
                "shop",
                "order-42",
                "run-uid",
                "1",
                1,
                List.of(),
                null,
                new WorkflowRunSpec(new WorkflowRef("order"), null, List.of(), null, List.of(), null, null, null),
                WorkflowRunStatus.EMPTY,
                gitOps,
                2_000);
        this.cachedRun = run;
    }

    private SimulatedCluster(SimulatedCluster other) {
        this.definition = other.definition;
        other.pods.forEach((name, pod) -> pods.put(name, pod.copy()));
        other.ghosts.forEach(pod -> ghosts.add(pod.copy()));
        this.oracle = other.oracle.copy(pods, ghosts);
        this.nodes = other.nodes.copy();
        this.faults = other.faults;
        this.now = other.now;
        this.run = other.run;
        this.cachedRun = other.cachedRun;
        this.lastStatus = other.lastStatus;
        this.refusal = other.refusal;
        made.putAll(other.made);
    }

    /** The same cluster in a world that goes another way from here; without what only scenarios use. */
    SimulatedCluster copy() {
        return new SimulatedCluster(this);
    }

    /** All that can still change. */
    void describe(Fingerprint fingerprint) {
        var essence = new Essence(now);
        fingerprint.add(run == null);
        stored().ifPresent(fingerprint::add);
        fingerprint.add(pods.size());
        pods.values().forEach(pod -> fingerprint.add(pod.state(essence)));
        ghosts.forEach(pod -> fingerprint.add(pod.state(essence)));
        fingerprint.add(nodes.state(essence));
        oracle.state().forEach(fingerprint::add);
        fingerprint.add(Map.copyOf(made));
    }

    // -- what tests do with it

    void let(Faults next) {
        faults = next;
    }

    void breakIn(Mutation next) {
        mutation = next;
    }

    /** What containers write to their termination message. */
    void containersWrite(String message) {
        output = message;
    }

    void terminateNamespace() {
        refusal = new Created.NamespaceTerminating();
    }

    boolean terminating() {
        return refusal instanceof Created.NamespaceTerminating;
    }

    /** Who reads each status that is written. */
    void readBy(Consumer<WorkflowRunStatus> who) {
        reader = who;
    }

    /** Somebody who does something with the run when nobody expects it. */
    void meetSomebody(Runnable who) {
        somebody = who;
    }

    /** A person changes the spec of the run. */
    void spec(UnaryOperator<WorkflowRunSpec> change) {
        if (run != null) {
            WorkflowRunSpec changed = change.apply(run.spec());
            long generation = changed.equals(run.spec()) ? run.generation() : run.generation() + 1;
            run = changed(run, generation, run.finalizers(), run.deletionTime(), changed, run.status());
        }
    }

    void refuseCreates(Created next) {
        refusal = next;
    }

    void allowCreates() {
        refusal = null;
    }

    /** The attempts whose pods were created, in order. */
    List<String> created() {
        return List.copyOf(created);
    }

    /** When they were created. */
    List<Instant> createdAt() {
        return List.copyOf(createdAt);
    }

    /** Puts a pod in place that is not Clew's, and has ended. */
    void foreignPod(String name) {
        Pod manifest = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withAnnotations(Map.of("clew.dev/attempt", "other/thing/Other/0"))
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
        pods.put(
                name,
                new SimulatedPod(
                        manifest, "foreign-uid", SimulatedPod.Fate.HANGS, SimulatedPod.Circumstances.ORDINARY, now));
    }

    /** Puts a status in place, whatever was there. */
    void recorded(WorkflowRunStatus status) {
        if (run != null) {
            run = withFinalizers(run.withStatus(status), List.of("clew.dev/run"));
            lastStatus = status;
        }
    }

    void letTimePass(Duration time) {
        timeIs(now.plus(time));
    }

    void timeIs(Instant time) {
        now = time.isAfter(now) ? time : now;
        pods.values().forEach(pod -> pod.timePasses(now, nodes));
        ghosts.forEach(pod -> pod.timePasses(now, nodes));
        ghosts.removeIf(pod -> !pod.mayRun());
    }

    Optional<RunView> stored() {
        return Optional.ofNullable(run);
    }

    /** What was recorded last, also of a run that is gone. */
    WorkflowRunStatus lastStatus() {
        return lastStatus;
    }

    RunView cachedRun() {
        return mutation.distort(cachedRun);
    }

    void deliverRun() {
        cachedRun = run == null ? cachedRun : run;
    }

    void deliverPods() {
        Map<String, PodFacts> all = new LinkedHashMap<>();
        pods.values().forEach(pod -> all.put(pod.name, pod.facts()));
        cachedPods = all;
    }

    void deliver() {
        deliverRun();
        deliverPods();
    }

    /** A user deletes the run. */
    void deleteRun() {
        if (run != null && !run.deleting()) {
            Instant asked = now.truncatedTo(ChronoUnit.SECONDS);
            run = changed(run, run.generation() + 1, run.finalizers(), asked, run.spec(), run.status());
            goneIfLetGo();
        }
    }

    /** Somebody deletes a pod. */
    void deletePod(SimulatedPod pod) {
        pod.delete(now);
        sweep(pod);
    }

    /** Somebody deletes a pod and does not wait for its kubelet. */
    void forcePod(SimulatedPod pod) {
        pod.force(now);
        sweep(pod);
    }

    /** Pod garbage collection takes a pod. */
    void collectPod(SimulatedPod pod) {
        pod.collect(now);
        sweep(pod);
    }

    /** Somebody takes a pod's finalizer off and forces its deletion: it is gone without a trace. */
    void vanishPod(SimulatedPod pod) {
        pod.release();
        forcePod(pod);
    }

    /** The scheduler or the kubelet looks at a pod; true if that changed anything. */
    boolean advance(SimulatedPod pod) {
        boolean ran = pod.started();
        boolean changed = pod.advance(now, output, nodes);
        if (!ran && pod.started()) {
            oracle.started(pod);
        }
        if (pod.succeeded()) {
            oracle.succeeded(pod);
        }
        sweep(pod);
        return changed;
    }

    private void sweep(SimulatedPod pod) {
        if (pod.gone() && pods.remove(pod.name, pod)) {
            pod.vanish(now);
            if (pod.mayRun()) {
                ghosts.add(pod);
            }
        }
    }

    /** Creates that were sent before their time was up arrive; later ones never do. */
    void late() {
        List<LateCreate> arriving = List.copyOf(onTheirWay);
        onTheirWay.clear();
        for (LateCreate create : arriving) {
            boolean possible = refusal == null || refusal instanceof Created.Failed;
            if (possible && now.isBefore(create.sent().plus(MAX_IN_FLIGHT))) {
                make(create.pod());
            }
        }
    }

    /** Whether a create of a pod's name may still arrive. */
    boolean isOnItsWay(String pod) {
        return onTheirWay.stream()
                .anyMatch(create -> create.pod().getMetadata().getName().equals(pod));
    }

    int requests(String kind) {
        return requests.getOrDefault(kind, 0);
    }

    // -- the port

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public DefinitionSeen definition(RunView view) {
        return otherwise == null
                ? new DefinitionSeen.Usable(mutation.distort(definition), new WorkflowSnapshot("order", "order-1", 1L))
                : otherwise;
    }

    /** What a run works on is not there, or not usable, until it is called back. */
    void definitionIs(@Nullable DefinitionSeen next) {
        otherwise = next;
    }

    /** Somebody takes the run's finalizer off. */
    void stripRun() {
        run = run == null ? null : withFinalizers(run, List.of());
        goneIfLetGo();
    }

    @Override
    public void ensureRevision(RunView view, DefinitionSeen.Usable usable) {
        request("revision", () -> true);
    }

    @Override
    public Optional<RunView> readRun(RunView view) {
        return request(
                "read",
                () -> mutation == Mutation.STATUS_NOT_READ_LIVE ? Optional.of(view) : stored().map(mutation::distort));
    }

    @Override
    public RunView addFinalizer(RunView view) throws StaleException {
        return change("finalizer", view, old -> withFinalizers(old, List.of("clew.dev/run")));
    }

    @Override
    public void removeFinalizer(RunView view) throws StaleException {
        change("finalizer", view, old -> {
            oracle.letGo(old.status());
            return withFinalizers(old, List.of());
        });
    }

    @Override
    public RunView writeStatus(RunView view, WorkflowRunStatus status) throws StaleException {
        if (mutation == Mutation.POD_CREATED_BEFORE_THE_CLAIM_IS_WRITTEN) {
            unwritten = status;
            return view.withStatus(status);
        }
        return change("status", view, old -> {
            WorkflowRunStatus next = mutation.distort(old.status(), status);
            oracle.statusWritten(old, next, now, terminating());
            lastStatus = next;
            reader.accept(next);
            return changed(old, old.generation(), old.finalizers(), old.deletionTime(), old.spec(), next);
        });
    }

    @Override
    public Map<String, PodFacts> cachedPods(RunView view) {
        Map<String, PodFacts> seen = new HashMap<>(cachedPods);
        seen.replaceAll((name, facts) -> mutation.distort(facts));
        return seen;
    }

    @Override
    public Optional<PodFacts> readPod(String namespace, String name) {
        return request(
                "read",
                () -> Optional.ofNullable(pods.get(name))
                        .map(SimulatedPod::facts)
                        .map(mutation::distort));
    }

    @Override
    public NodeSeen readNode(String name) {
        return request("node", () -> node(name));
    }

    NodeSeen node(String name) {
        return mutation.distort(nodes.seen(name, now));
    }

    @Override
    public void deleteRun(RunView view) throws StaleException {
        interfere();
        boolean same = request("delete run", () -> {
            boolean unchanged = run != null && run.resourceVersion().equals(view.resourceVersion());
            if (run != null && unchanged) {
                oracle.timedOut(run, now);
                deleteRun();
            }
            return unchanged;
        });
        if (!same) {
            throw new StaleException("the run has changed");
        }
    }

    @Override
    public boolean isTerminating(String namespace) {
        return request("read", this::terminating);
    }

    @Override
    public Created create(Pod pod) {
        count("create");
        Faults.Fault fault = faults.next("create");
        if (fault == Faults.Fault.LATE) {
            Pod sent = mutation.distort(pod);
            oracle.sent(sent, run == null ? WorkflowRunStatus.EMPTY : run.status());
            onTheirWay.add(new LateCreate(sent, now));
            if (refusal instanceof Created.Failed) {
                return refusal;
            }
            throw failure("create");
        }
        if (fault == Faults.Fault.NOT_SENT) {
            throw failure("create");
        }
        if (refusal != null) {
            return refusal;
        }
        Pod sent = mutation.distort(pod);
        oracle.sent(sent, run == null ? WorkflowRunStatus.EMPTY : run.status());
        Created created = make(sent);
        flush();
        if (fault == Faults.Fault.NO_ANSWER) {
            throw failure("create");
        }
        return created;
    }

    /** A create takes effect, whenever it was sent. */
    Created make(Pod manifest) {
        String name = manifest.getMetadata().getName();
        if (pods.containsKey(name)) {
            return new Created.Exists();
        }
        String attempt = manifest.getMetadata().getAnnotations().getOrDefault("clew.dev/attempt", "");
        var pod = new SimulatedPod(
                manifest,
                name + "/" + made.merge(name, 1, Integer::sum),
                faults.fate(attempt),
                faults.circumstances(attempt),
                now);
        oracle.created(pod, run == null ? WorkflowRunStatus.EMPTY : run.status());
        pods.put(name, pod);
        if (!pod.reservation) {
            created.add(pod.attempt);
            createdAt.add(now);
        }
        return new Created.Made(pod.facts());
    }

    @Override
    public void delete(String namespace, String name, String uid) {
        request("delete", () -> {
            Optional.ofNullable(pods.get(name))
                    .filter(pod -> pod.uid.equals(uid))
                    .ifPresent(this::deletePod);
            return true;
        });
    }

    @Override
    public Optional<PodFacts> release(String namespace, String name, String uid) {
        return request("release", () -> {
            SimulatedPod pod = pods.get(name);
            if (pod == null || !pod.uid.equals(uid)) {
                return Optional.empty();
            }
            oracle.released(pod);
            pod.release();
            sweep(pod);
            return pods.containsKey(name) ? Optional.of(pod.facts()) : Optional.empty();
        });
    }

    @Override
    public void tell(RunView view, Telling telling) {
        count("event");
        tellings.add(telling);
    }

    @Override
    public <T> List<T> inParallel(List<Callable<T>> tasks) {
        List<T> results = new ArrayList<>();
        for (Callable<T> task : tasks) {
            try {
                results.add(task.call());
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        return results;
    }

    // -- how requests go

    private interface Effect<T> {
        T take();
    }

    private <T> T request(String kind, Effect<T> effect) {
        count(kind);
        Faults.Fault fault = faults.next(kind);
        if (fault == Faults.Fault.NOT_SENT) {
            throw failure(kind);
        }
        T result = effect.take();
        if (fault == Faults.Fault.NO_ANSWER) {
            throw failure(kind);
        }
        return result;
    }

    /** Compare-and-swap on the resource version. */
    private RunView change(String kind, RunView view, UnaryOperator<RunView> change) throws StaleException {
        interfere();
        Optional<RunView> changed = request(kind, () -> {
            if (run == null || !run.resourceVersion().equals(view.resourceVersion())) {
                return Optional.empty();
            }
            RunView next = change.apply(run);
            run = next;
            goneIfLetGo();
            return Optional.of(next);
        });
        return changed.map(mutation::distort).orElseThrow(() -> new StaleException("the run has changed"));
    }

    private void interfere() {
        if (faults.interferes()) {
            somebody.run();
        }
    }

    /** The write that a wrong order of things put off. */
    private void flush() {
        if (unwritten != null && run != null) {
            run = run.withStatus(unwritten);
            unwritten = null;
        }
    }

    private RuntimeException failure(String kind) {
        return faults.deadly() ? new Crash(kind) : new RequestFailed(kind);
    }

    private void count(String kind) {
        requests.merge(kind, 1, Integer::sum);
    }

    private static RunView withFinalizers(RunView old, List<String> finalizers) {
        return changed(old, old.generation(), finalizers, old.deletionTime(), old.spec(), old.status());
    }

    private static RunView changed(
            RunView old,
            long generation,
            List<String> finalizers,
            @Nullable Instant deletionTime,
            WorkflowRunSpec spec,
            WorkflowRunStatus status) {
        return new RunView(
                old.namespace(),
                old.name(),
                old.uid(),
                nextVersion(old),
                generation,
                finalizers,
                deletionTime,
                spec,
                status,
                old.gitOps(),
                old.otherBytes());
    }

    private static String nextVersion(RunView old) {
        return Integer.toString(Integer.parseInt(old.resourceVersion()) + 1);
    }

    /** A deleted run without finalizers is gone, and garbage collection deletes the pods that it owns. */
    private void goneIfLetGo() {
        if (run != null && run.deleting() && run.finalizers().isEmpty()) {
            run = null;
            List.copyOf(pods.values()).stream()
                    .filter(pod -> pod.facts().controllerUid() != null)
                    .forEach(this::deletePod);
        }
    }
}
