package dev.clew.faults.bench;

import dev.clew.faults.history.Attempts;
import dev.clew.faults.history.Version;
import dev.clew.faults.oracle.Judged;
import dev.clew.faults.plan.Plan.StaleStart;
import dev.clew.faults.proxy.Director;
import dev.clew.faults.proxy.Fault;
import dev.clew.faults.proxy.Naming;
import dev.clew.faults.proxy.Target;
import dev.clew.faults.proxy.Watching;
import dev.clew.faults.proxy.Write;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Carries out plans in which a restarted operator is served an old world at first. */
final class StalePlans {
    private static final Set<String> SERVED_OLD = Set.of("pods", "workflowruns");
    private static final int HELD_SECONDS = 5;

    private final Bench bench;

    StalePlans(Bench bench) {
        this.bench = bench;
    }

    private record OldWorld(String revision, CompletableFuture<Void> news, Set<String> served) implements Director {
        @Override
        public void listedAsOf(Target target, int code) {
            if (code == 200) {
                served.add(target.resource());
            }
        }

        @Override
        public Optional<String> listAsOf(Target target, int nth) {
            return SERVED_OLD.contains(target.resource()) && nth == 1 ? Optional.of(revision) : Optional.empty();
        }

        @Override
        public Watching onWatch(Target target, int nth) {
            return SERVED_OLD.contains(target.resource()) ? new Watching.HeldUntil(news) : Watching.FAITHFUL;
        }
    }

    Outcome perform(StaleStart plan) {
        var performance = new Performance(bench, plan);
        String namespace = performance.stage().namespace();
        var naming = new Naming();
        var met = new CompletableFuture<Write>();
        try (Operators operators = bench.operators()) {
            var first = operators.start(namespace, naming, new OneWrite(plan.write(), new Fault.KillAfter(), met));
            var flow = performance.begin();
            performance.awaitFault(met);
            performance.expect(first.process().awaitEnd(30), "the operator was not killed");
            performance.expect(
                    bench.recorder().catchUp(namespace, Timing.MAX_IN_FLIGHT.multipliedBy(5)),
                    "the recorder did not keep pace");
            var news = new CompletableFuture<Void>();
            Set<String> served = ConcurrentHashMap.newKeySet();
            var next =
                    operators.start(namespace, naming, new OldWorld(revision(namespace, plan.oldest()), news, served));
            next.process().awaitReady();
            performance.expect(served.equals(SERVED_OLD), "not all first lists were old, but those of " + served);
            news.completeAsync(() -> null, CompletableFuture.delayedExecutor(HELD_SECONDS, TimeUnit.SECONDS));
            flow.join();
            var _ = Waiting.until(Duration.ofSeconds(HELD_SECONDS), news::isDone);
            performance.checkRecovery(next);
            performance.expectCommitted(operators.gates(), plan.write());
            return performance.end(flow, operators, Judged.NONE_HELD);
        }
    }

    private String revision(String namespace, boolean oldest) {
        List<Version> claimed = bench.recorder().of(namespace).stream()
                .filter(Stage::isRun)
                .filter(run -> !Attempts.in(run.object().path("status")).isEmpty())
                .toList();
        Version served = oldest ? claimed.getFirst() : claimed.get(Math.max(0, claimed.size() - 2));
        return Long.toString(served.revision());
    }
}
