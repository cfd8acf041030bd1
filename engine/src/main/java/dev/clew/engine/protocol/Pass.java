package dev.clew.engine.protocol;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.api.run.WorkflowSnapshot;
import dev.clew.engine.pod.AttemptId;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.pod.PodRenderer;
import dev.clew.engine.protocol.Cluster.StaleException;
import dev.clew.engine.run.Action;
import dev.clew.engine.run.Decision;
import dev.clew.engine.run.DefinitionSeen;
import dev.clew.engine.run.Engine;
import dev.clew.engine.run.NodeSeen;
import dev.clew.engine.run.Observed;
import dev.clew.engine.run.PodSeen;
import dev.clew.engine.run.RunView;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One pass over a run. What was read live in it, and what its own requests were answered, outweighs the cache. */
final class Pass {
    /** Each round records or reads something; a pass that needs more begins anew. */
    private static final int MOST_ROUNDS = 20;

    /** A pass that took longer must not name a revision: a sweep may have marked and deleted it meanwhile. */
    private static final Duration PREPARED_FOR = Duration.ofMinutes(10);

    /** Since a pod was first tried; an API server that fails at it then may do so for longer. */
    private static final Duration PASSING = Duration.ofSeconds(20);

    private final Cluster cluster;
    private final CreateLedger ledger;
    private final Map<String, PodSeen> live = new HashMap<>();
    private final Map<String, NodeSeen> nodes = new HashMap<>();
    private final Set<String> claimedHere = new HashSet<>();
    private RunView run;
    private boolean current;
    private boolean abandoned;
    private @Nullable Prepared prepared;
    private @Nullable Boolean terminating;
    private @Nullable Instant informedAt;

    /** What was made sure of in this pass, and when. */
    private record Prepared(WorkflowSnapshot snapshot, Instant at) {}

    Pass(Cluster cluster, CreateLedger ledger, RunView run, @Nullable Instant informedAt) {
        this.cluster = cluster;
        this.ledger = ledger;
        this.run = run;
        this.informedAt = informedAt;
    }

    Optional<Instant> informedAt() {
        return Optional.ofNullable(informedAt);
    }

    Optional<Instant> run() {
        for (int round = 0; round < MOST_ROUNDS; round++) {
            Instant now = cluster.now();
            DefinitionSeen definition = cluster.definition(run);
            try {
                switch (Engine.decide(run, observe(definition, now), now)) {
                    case Decision.Look(Set<String> pods, Set<String> read) -> look(pods, read);
                    case Decision.Unreadable(String why) -> throw new UnreadableException(why);
                    case Decision.Prepare() -> prepare((DefinitionSeen.Usable) definition);
                    case Decision.Proceed proceed -> {
                        if (proceed(proceed, definition)) {
                            return proceed.wakeUp();
                        }
                    }
                }
            } catch (StaleException e) {
                if (!readRun()) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(cluster.now());
    }

    private Observed observe(DefinitionSeen definition, Instant now) {
        Map<String, PodSeen> pods = new HashMap<>();
        Map<String, Instant> settled = new HashMap<>();
        cluster.cachedPods(run).forEach((name, facts) -> pods.put(name, new PodSeen.Present(facts, false)));
        pods.putAll(live);
        pods.forEach((name, seen) -> {
            switch (seen) {
                case PodSeen.Present(PodFacts facts, boolean read) when !facts.tracked() -> {
                    // released already
                }
                case PodSeen.Present present -> settled.put(name, ledger.settledAt(name));
                case PodSeen.Refused refused -> settled.put(name, ledger.settledAt(name));
                case PodSeen.Absent absent -> {
                    // nothing to wait for
                }
            }
        });
        return new Observed(
                definition,
                isPrepared(definition, now),
                pods,
                settled,
                nodes,
                ledger.maxInFlight(),
                informedAt,
                isAbandoned());
    }

    private boolean isPrepared(DefinitionSeen definition, Instant now) {
        return prepared != null
                && definition instanceof DefinitionSeen.Usable usable
                && usable.snapshot().equals(prepared.snapshot())
                && now.isBefore(prepared.at().plus(PREPARED_FOR));
    }

    /** A deleted run that has nothing to create would not learn otherwise that its namespace is going. */
    private boolean isAbandoned() {
        boolean unfinished = !run.status().steps().isEmpty() && !ended();
        if (!abandoned && unfinished && run.deleting()) {
            terminating = terminating == null ? Boolean.valueOf(cluster.isTerminating(run.namespace())) : terminating;
            return terminating;
        }
        return abandoned;
    }

    private void look(Set<String> pods, Set<String> read) {
        read.forEach(node -> nodes.put(node, cluster.readNode(node)));
        List<Callable<Boolean>> reads = new ArrayList<>();
        Map<String, PodSeen> seen = new ConcurrentHashMap<>();
        for (String pod : pods) {
            reads.add(() -> {
                seen.put(pod, read(pod));
                return true;
            });
        }
        cluster.inParallel(reads);
        live.putAll(seen);
    }

    private PodSeen read(String pod) {
        return cluster.readPod(run.namespace(), pod)
                .<PodSeen>map(facts -> new PodSeen.Present(facts, true))
                .orElse(new PodSeen.Absent(true));
    }

    private void prepare(DefinitionSeen.Usable definition) throws StaleException {
        if (!run.tracked()) {
            run = cluster.addFinalizer(run);
            current = true;
        }
        prepared = new Prepared(definition.snapshot(), cluster.now());
        cluster.ensureRevision(run, definition);
    }

    /** Reads the run anew; false if it is gone. */
    private boolean readRun() {
        Optional<RunView> read = cluster.readRun(run);
        read.ifPresent(view -> run = view);
        current = true;
        return read.isPresent();
    }

    /** Records, then acts. True if there is nothing more to decide in this pass. */
    private boolean proceed(Decision.Proceed decision, DefinitionSeen definition) throws StaleException {
        WorkflowRunStatus before = run.status();
        if (!decision.status().equals(before)) {
            Set<String> known = pods(before);
            run = cluster.writeStatus(run, decision.status());
            current = true;
            informedAt = decision.informs() ? cluster.now() : informedAt;
            pods(decision.status()).stream().filter(pod -> !known.contains(pod)).forEach(claimedHere::add);
            Tellings.between(before, decision.status()).forEach(telling -> cluster.tell(run, telling));
        } else if (!decision.actions().isEmpty() && !current) {
            // act only on a status known to be current: this one may be as old as the cache
            String decidedOn = run.resourceVersion();
            if (!readRun()) {
                return true;
            }
            if (!run.resourceVersion().equals(decidedOn)) {
                return false;
            }
        }
        boolean again = act(decision.actions(), definition);
        if (decision.actions().contains(new Action.LetGo())
                || decision.actions().contains(new Action.DeleteRun())) {
            return true;
        }
        if (ended()) {
            informedAt = null;
            // a run that has just ended may have nothing left to hold it
            again |= run.tracked() && !decision.status().equals(before);
        }
        return !again;
    }

    /** Names of the pods of all attempts in a status. */
    static Set<String> pods(WorkflowRunStatus status) {
        Set<String> names = new HashSet<>();
        for (StepStatus step : status.steps()) {
            Stream<Attempt> undoing =
                    step.compensation() == null ? Stream.empty() : step.compensation().attempts().stream();
            Stream.concat(step.attempts().stream(), undoing).forEach(attempt -> {
                AttemptPod pod = attempt.pod();
                if (pod != null) {
                    names.add(pod.name());
                }
            });
        }
        return names;
    }

    /**
     * Creates first, for the next step waits for them; letting go comes last. What fails keeps nothing else from being
     * tried. True if answers call for a decision.
     */
    private boolean act(List<Action> actions, DefinitionSeen definition) throws StaleException {
        List<Callable<Boolean>> creates = new ArrayList<>();
        List<Callable<Boolean>> others = new ArrayList<>();
        boolean letGo = false;
        boolean deleteRun = false;
        for (Action action : actions) {
            switch (action) {
                case Action.Create(AttemptId attempt, String pod) ->
                    creates.add(() -> create(pod, () -> render(attempt, pod, (DefinitionSeen.Usable) definition)));
                case Action.Reserve(AttemptId attempt, String pod) ->
                    creates.add(() -> create(pod, () -> reservation(attempt, pod, definition)));
                case Action.Stop(String pod, String uid) -> others.add(() -> delete(pod, uid));
                case Action.Delete(String pod, String uid) -> others.add(() -> delete(pod, uid));
                case Action.Release(String pod, String uid) -> others.add(() -> release(pod, uid));
                case Action.LetGo() -> letGo = true;
                case Action.DeleteRun() -> deleteRun = true;
            }
        }
        boolean again = cluster.inParallel(
                        Stream.concat(creates.stream(), others.stream()).toList())
                .contains(true);
        if (letGo) {
            cluster.removeFinalizer(run);
        }
        if (deleteRun) {
            cluster.deleteRun(run);
        }
        return again;
    }

    private Pod render(AttemptId attempt, String pod, DefinitionSeen.Usable definition) {
        return PodRenderer.render(
                run.owner(), definition.definition(), run.status().steps(), attempt, pod);
    }

    private Pod reservation(AttemptId attempt, String pod, DefinitionSeen definition) {
        return switch (definition) {
            case DefinitionSeen.Usable usable ->
                PodRenderer.reservation(
                        run.owner(), usable.definition(), run.status().steps(), attempt, pod);
            case DefinitionSeen.NotYet notYet -> PodRenderer.reservation(run.owner(), attempt, pod);
            case DefinitionSeen.Wrong wrong -> PodRenderer.reservation(run.owner(), attempt, pod);
        };
    }

    private boolean create(String pod, Supplier<Pod> rendering) {
        Pod rendered;
        try {
            rendered = rendering.get();
        } catch (IllegalArgumentException e) {
            refused(pod, Reasons.POD_INVALID, Objects.requireNonNullElse(e.getMessage(), ""));
            return true;
        }
        Cluster.Created created = send(pod, rendered);
        return switch (created) {
            case Cluster.Created.Made(PodFacts facts) -> {
                see(pod, new PodSeen.Present(facts, true));
                // what only takes a name closes its attempt; a claim from before the run turned back may have to be
                // stopped
                yield facts.reservation()
                        || run.status().compensation() != null
                        || run.status().intent() != null;
            }
            case Cluster.Created.Exists() -> {
                see(pod, read(pod));
                yield true;
            }
            case Cluster.Created.NamespaceTerminating() -> {
                abandoned = true;
                yield true;
            }
            case Cluster.Created.Refused(String reason, String message) -> {
                refused(pod, reason, message);
                yield true;
            }
            case Cluster.Created.Failed(String message) -> {
                failed(pod, message);
                yield true;
            }
        };
    }

    private Cluster.Created send(String pod, Pod rendered) {
        Instant sent = cluster.now();
        ledger.sending(pod, claimedHere.contains(pod), sent);
        try {
            Cluster.Created created = cluster.create(rendered);
            if (created instanceof Cluster.Created.Failed) {
                ledger.unanswered(pod, sent, cluster.now());
            } else {
                ledger.answered(pod, sent);
            }
            return created;
        } catch (Cluster.PassingRefusalException e) {
            ledger.answered(pod, sent);
            throw e;
        } catch (RuntimeException e) {
            // it may have waited for its turn: only now is it certain that it is sent no later
            ledger.unanswered(pod, sent, cluster.now());
            throw e;
        }
    }

    /** Mostly it passes at once, and the pass is repeated. What lasts is shown; it is tried again and again all the same. */
    private void failed(String pod, String message) {
        Instant first = ledger.firstSent(pod).orElseThrow();
        if (cluster.now().isBefore(first.plus(PASSING))) {
            throw new Cluster.CreateFailedException(message);
        }
        refused(pod, Reasons.CREATE_REFUSED, message);
    }

    /** A refusal comes before the look whether the name is taken: an earlier create may have made the pod. */
    private void refused(String pod, String reason, String message) {
        Instant at = cluster.now();
        PodSeen seen = read(pod);
        Instant first = ledger.firstSent(pod).orElse(at);
        see(pod, seen instanceof PodSeen.Absent ? new PodSeen.Refused(reason, message, at, first) : seen);
    }

    private synchronized void see(String pod, PodSeen seen) {
        live.put(pod, seen);
    }

    private boolean delete(String pod, String uid) {
        cluster.delete(run.namespace(), pod, uid);
        return false;
    }

    /** A run that has ended may go once its last pod is released. */
    private boolean release(String pod, String uid) {
        Optional<PodFacts> released = cluster.release(run.namespace(), pod, uid);
        ledger.forget(pod);
        see(
                pod,
                released.<PodSeen>map(facts -> new PodSeen.Present(facts, true)).orElse(new PodSeen.Absent(true)));
        return ended();
    }

    private boolean ended() {
        RunPhase phase = run.status().phase();
        return phase != null && phase.isEnd();
    }
}
