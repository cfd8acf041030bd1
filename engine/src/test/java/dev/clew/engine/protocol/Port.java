package dev.clew.engine.protocol;

import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.protocol.Request.Answer;
import dev.clew.engine.run.DefinitionSeen;
import dev.clew.engine.run.NodeSeen;
import dev.clew.engine.run.RunView;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The port of the loop, as one pass sees it: every request becomes a thing, and is answered by what the pass has heard. */
final class Port implements Cluster {
    private final SimulatedCluster cluster;
    private final WrongVariant variant;
    private final Map<String, PodFacts> cached;
    private final Leader.Script script;
    private final Set<String> created;
    private RunView latest;
    private Request.@Nullable WriteStatus putOff;

    Port(
            SimulatedCluster cluster,
            WrongVariant variant,
            RunView run,
            Map<String, PodFacts> cached,
            Leader.Script script,
            Set<String> created) {
        this.cluster = cluster;
        this.variant = variant;
        this.cached = cached;
        this.script = script;
        this.created = created;
        this.latest = run;
    }

    private Answer ask(Request request) {
        Request.WriteStatus before = putOff;
        if (before != null && !variant.overtakes(request)) {
            putOff = null;
            script.ask(before);
        }
        return script.ask(request);
    }

    /** What a wrong order put off is done at last. */
    void finish() {
        Request.WriteStatus before = putOff;
        if (before != null) {
            putOff = null;
            script.ask(before);
        }
    }

    private static RuntimeException failed(Request request) {
        return new SimulatedCluster.RequestFailed(request.toString());
    }

    private RunView changed(Request request) throws StaleException {
        return switch (ask(request)) {
            case Answer.Run(Optional<RunView> view) -> seen(view.orElseThrow());
            case Answer.Stale stale -> throw new StaleException("the run has changed");
            case Answer.None none -> throw failed(request);
            case Answer other -> throw new IllegalStateException(other.toString());
        };
    }

    private RunView seen(RunView view) {
        latest = variant.seen(view);
        return latest;
    }

    @Override
    public Instant now() {
        return script.now();
    }

    @Override
    public DefinitionSeen definition(RunView run) {
        latest = run;
        return switch (cluster.definition(run)) {
            case DefinitionSeen.Usable usable ->
                new DefinitionSeen.Usable(variant.seen(usable.definition()), usable.snapshot());
            case DefinitionSeen other -> other;
        };
    }

    @Override
    public void ensureRevision(RunView run, DefinitionSeen.Usable definition) {
        // it is there, and stays
    }

    @Override
    public Optional<RunView> readRun(RunView run) {
        if (variant.takesStatusForCurrent()) {
            return Optional.of(run);
        }
        Request request = new Request.ReadRun(run);
        return switch (ask(request)) {
            case Answer.Run(Optional<RunView> view) -> view.map(this::seen);
            case Answer.None none -> throw failed(request);
            case Answer other -> throw new IllegalStateException(other.toString());
        };
    }

    @Override
    public RunView addFinalizer(RunView run) throws StaleException {
        return changed(new Request.AddFinalizer(run));
    }

    @Override
    public void removeFinalizer(RunView run) throws StaleException {
        Request request = new Request.RemoveFinalizer(run, variant.guardsTheFinalizer());
        switch (ask(request)) {
            case Answer.Stale stale -> throw new StaleException("the run has changed");
            case Answer.None none -> throw failed(request);
            case Answer other -> {
                // it is off
            }
        }
    }

    @Override
    public RunView writeStatus(RunView run, WorkflowRunStatus status) throws StaleException {
        var request = new Request.WriteStatus(run, status);
        if (variant.putsOffStatus()) {
            finish();
            putOff = request;
            return run.withStatus(status);
        }
        return changed(request);
    }

    @Override
    public Map<String, PodFacts> cachedPods(RunView run) {
        Map<String, PodFacts> all = new HashMap<>(cached);
        all.replaceAll((name, facts) -> variant.seen(facts, run));
        return all;
    }

    @Override
    public Optional<PodFacts> readPod(String namespace, String name) {
        Request request = new Request.ReadPod(name);
        return switch (ask(request)) {
            case Answer.OfPod(Optional<PodFacts> facts) -> facts.map(pod -> variant.seen(pod, latest));
            case Answer.None none -> throw failed(request);
            case Answer other -> throw new IllegalStateException(other.toString());
        };
    }

    @Override
    public NodeSeen readNode(String name) {
        Request request = new Request.ReadNode(name);
        return switch (ask(request)) {
            case Answer.OfNode(NodeSeen node) -> node;
            case Answer.None none -> throw failed(request);
            case Answer other -> throw new IllegalStateException(other.toString());
        };
    }

    @Override
    public void deleteRun(RunView run) {
        throw new IllegalStateException("no run here is kept for a time only");
    }

    @Override
    public boolean isTerminating(String namespace) {
        return false;
    }

    @Override
    public Created create(Pod pod) {
        String name = pod.getMetadata().getName();
        if (pod.getMetadata().getAnnotations().containsKey("clew.dev/reservation")) {
            Optional<Created> pretended = variant.insteadOfReserving(
                    pod,
                    now(),
                    cached.containsKey(name),
                    () -> readPod("shop", name).isPresent());
            if (pretended.isPresent()) {
                return pretended.get();
            }
        }
        created.add(name);
        Request request = new Request.Create(pod, variant.namesPods(), latest.status());
        return switch (ask(request)) {
            case Answer.Made(Created answer) -> answer;
            case Answer.None none -> throw failed(request);
            case Answer other -> throw new IllegalStateException(other.toString());
        };
    }

    @Override
    public void delete(String namespace, String name, String uid) {
        Request request = new Request.Delete(name, uid);
        if (ask(request) instanceof Answer.None) {
            throw failed(request);
        }
    }

    @Override
    public Optional<PodFacts> release(String namespace, String name, String uid) {
        if (variant == WrongVariant.NEVER_RELEASES) {
            return Optional.empty();
        }
        Request request = new Request.Release(name, uid);
        return switch (ask(request)) {
            case Answer.OfPod(Optional<PodFacts> facts) -> facts.map(pod -> variant.seen(pod, latest));
            case Answer.None none -> throw failed(request);
            case Answer other -> throw new IllegalStateException(other.toString());
        };
    }

    @Override
    public void tell(RunView run, Telling telling) {
        // nobody listens
    }

    /** In the order given; what fails keeps nothing else from being tried. */
    @Override
    public <T> List<T> inParallel(List<Callable<T>> tasks) {
        List<T> results = new ArrayList<>();
        @Nullable RuntimeException failure = null;
        for (Callable<T> task : tasks) {
            try {
                results.add(task.call());
            } catch (RuntimeException e) {
                failure = e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        if (failure != null) {
            throw failure;
        }
        return results;
    }
}
