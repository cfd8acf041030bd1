package dev.clew.engine.protocol;

import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.protocol.Request.Answer;
import dev.clew.engine.run.RunView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A process that runs the real loop, as a value: what its caches show, what it remembers, and how far its pass has come. A
 * pass that is under way is the list of the answers that it got; to go on it is run again from its start with the same
 * answers, for it is a function of them.
 */
final class Leader {
    /** An answer, and the time at which it came. */
    record Heard(Answer answer, Instant at) {}

    /** What a pass began with. */
    private record Begun(RunView run, Map<String, PodFacts> pods, Instant at) {}

    /** Where a pass has come to: it waits for the answer to this request. */
    private static final class Waits extends Error {
        private final transient Request request;

        Waits(Request request) {
            super(request.toString(), null, false, false);
            this.request = request;
        }
    }

    final int number;
    /** When it got the lease. */
    final Instant since;

    private final WrongVariant variant;
    private final CreateLedger ledger;
    private final Set<String> inLedger;
    private final @Nullable Instant informedAt;
    private final @Nullable Begun begun;
    private final List<Heard> heard;
    private final @Nullable Request pending;
    private final @Nullable Instant wakeUp;

    private Leader(
            int number,
            Instant since,
            WrongVariant variant,
            CreateLedger ledger,
            Set<String> inLedger,
            @Nullable Instant informedAt,
            @Nullable Begun begun,
            List<Heard> heard,
            @Nullable Request pending,
            @Nullable Instant wakeUp) {
        this.number = number;
        this.since = since;
        this.variant = variant;
        this.ledger = ledger;
        this.inLedger = inLedger;
        this.informedAt = informedAt;
        this.begun = begun;
        this.heard = heard;
        this.pending = pending;
        this.wakeUp = wakeUp;
    }

    /** The first one. */
    static Leader first(WrongVariant variant, Instant now) {
        return started(1, variant, now);
    }

    /** The next one: it knows nothing. */
    Leader successor(Instant now) {
        return started(number + 1, variant, now);
    }

    private static Leader started(int number, WrongVariant variant, Instant now) {
        var ledger = new CreateLedger(variant.maxInFlight(), now);
        return new Leader(number, now, variant, ledger, Set.of(), null, null, List.of(), null, null);
    }

    /** Whether it is in no pass. */
    boolean idle() {
        return begun == null;
    }

    /** The request that its pass waits for. */
    Optional<Request> pending() {
        return Optional.ofNullable(pending);
    }

    /** When it wants to look again, as its last pass said. */
    Optional<Instant> wakeUp() {
        return Optional.ofNullable(wakeUp);
    }

    /** Whether its pass has been answered anything. */
    boolean underWay() {
        return !heard.isEmpty();
    }

    /** It begins a pass with what its caches show, and comes to its first request, or to the end. */
    Leader begin(SimulatedCluster cluster, RunView run, Map<String, PodFacts> pods) {
        return goOn(cluster, new Begun(run, pods, cluster.now()), List.of());
    }

    /** It hears the answer to what it waits for, and comes to its next request, or to the end. */
    Leader hear(SimulatedCluster cluster, Answer answer) {
        List<Heard> all = new ArrayList<>(heard);
        all.add(new Heard(answer, cluster.now()));
        return goOn(cluster, Objects.requireNonNull(begun), List.copyOf(all));
    }

    private Leader goOn(SimulatedCluster cluster, Begun from, List<Heard> answers) {
        CreateLedger known = ledgerAt(from.at());
        Set<String> names = new HashSet<>(inLedger);
        var port = new Port(cluster, variant, from.run(), from.pods(), new Script(from.at(), answers), names);
        var pass = new Pass(port, known, variant.seen(from.run()), informedAt);
        Optional<Instant> wakes = Optional.of(from.at());
        @Nullable Instant told = informedAt;
        try {
            wakes = pass.run();
            port.finish();
            told = pass.informedAt().orElse(null);
        } catch (Waits waits) {
            return new Leader(number, since, variant, ledger, inLedger, informedAt, from, answers, waits.request, null);
        } catch (SimulatedCluster.RequestFailed e) {
            // the pass is repeated later, from the start
        } catch (IllegalStateException e) {
            // the loop will not record what its lifecycle does not know: the pass comes to nothing
            if (variant == WrongVariant.NONE) {
                throw new AssertionError("the loop refuses itself: " + e.getMessage(), e);
            }
        }
        names.removeIf(name -> known.firstSent(name).isEmpty());
        Instant wakeUp = variant.wakeUp(wakes, from.at()).orElse(null);
        return new Leader(number, since, variant, known, Set.copyOf(names), told, null, List.of(), null, wakeUp);
    }

    /**
     * The ledger as it was at the start of the pass. Two ledgers that settle every name at the same time, and say the same of
     * when it was first tried, go on alike.
     */
    private CreateLedger ledgerAt(Instant from) {
        var copy = new CreateLedger(variant.maxInFlight(), since);
        for (String name : inLedger) {
            Instant first = ledger.firstSent(name).orElse(from);
            copy.sending(name, true, first);
            copy.answered(name, first);
            Instant settled = ledger.settledAt(name);
            if (!settled.equals(Instant.MIN)) {
                copy.sending(name, true, settled.minus(variant.maxInFlight()));
            }
        }
        return copy;
    }

    /** What it remembers of creates, as far as that still matters. */
    private List<Object> creates(Instant now) {
        List<Object> known = new ArrayList<>();
        inLedger.stream().sorted().forEach(name -> known.add(List.of(name, left(ledger.settledAt(name), now))));
        Instant former = since.plus(variant.maxInFlight());
        known.add(left(former, now));
        return known;
    }

    private static Duration left(Instant until, Instant now) {
        return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
    }

    /** All that decides what it will do; runs are told apart by the fingerprint. */
    void describe(Fingerprint fingerprint, Instant now) {
        fingerprint.add(creates(now));
        fingerprint.add(informedAt == null ? Duration.ZERO : left(informedAt.plusSeconds(5), now));
        fingerprint.add(begun == null);
        if (begun != null) {
            fingerprint.add(begun.run());
            fingerprint.add(begun.pods());
            fingerprint.add(Duration.between(begun.at(), now));
        }
        for (Heard each : heard) {
            fingerprint.add(Duration.between(each.at(), now));
            if (each.answer() instanceof Answer.Run(Optional<RunView> view)) {
                fingerprint.add(view.isPresent());
                view.ifPresent(fingerprint::add);
            } else if (each.answer() instanceof Answer.OfPod(Optional<PodFacts> facts)) {
                fingerprint.add(facts.isPresent());
                facts.ifPresent(fingerprint::add);
            } else if (each.answer() instanceof Answer.Made(Cluster.Created.Made(PodFacts facts))) {
                fingerprint.add(facts);
            } else {
                fingerprint.add(each.answer());
            }
        }
    }

    /** Answers what has been heard, in order; then the pass waits. */
    static final class Script {
        private final Instant from;
        private final List<Heard> heard;
        private int next;

        Script(Instant from, List<Heard> heard) {
            this.from = from;
            this.heard = heard;
        }

        Instant now() {
            return next == 0 ? from : heard.get(next - 1).at();
        }

        Answer ask(Request request) {
            if (next == heard.size()) {
                throw new Waits(request);
            }
            return heard.get(next++).answer();
        }
    }
}
