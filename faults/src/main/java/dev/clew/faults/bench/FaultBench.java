package dev.clew.faults.bench;

import dev.clew.faults.oracle.Violation;
import dev.clew.faults.plan.Plan;
import dev.clew.faults.plan.Plan.OnFence;
import dev.clew.faults.plan.Plan.OnLeaders;
import dev.clew.faults.plan.Plan.OnServer;
import dev.clew.faults.plan.Plan.OnWatch;
import dev.clew.faults.plan.Plan.OnWrite;
import dev.clew.faults.plan.Plan.StaleStart;
import dev.clew.faults.plan.WatchFault;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out many plans: first those whose operator lives on, which share one; then those with operators of their own, some at
 * a time; last those that disturb the API server, each alone.
 */
public final class FaultBench {
    private static final Logger LOG = LoggerFactory.getLogger(FaultBench.class);
    private static final int SHARING = 6;
    private static final int WITH_OPERATORS = 4;

    private final Bench bench;
    private final Duration patience;
    private final Map<Plan, CompletableFuture<Outcome>> outcomes = new LinkedHashMap<>();

    /**
     * Plans for a bench.
     *
     * @param patience how long all of them may take; what is not over then is violated
     */
    public FaultBench(Bench bench, List<Plan> plans, Duration patience) {
        this.bench = bench;
        this.patience = patience;
        plans.forEach(plan -> outcomes.put(plan, new CompletableFuture<>()));
    }

    /** Begins, and returns what comes of each plan. */
    public Map<Plan, CompletableFuture<Outcome>> start() {
        outcomes.forEach((plan, outcome) -> {
            var late = new Violation("plan", "was not over after " + patience.toSeconds() + " s of the bench");
            var _ = outcome.completeOnTimeout(
                    new Outcome(plan, List.of(late), 0, -1, ""), patience.toMillis(), TimeUnit.MILLISECONDS);
        });
        Thread.ofPlatform().daemon().name("fault-bench").start(() -> {
            try {
                performAll();
            } catch (RuntimeException e) {
                outcomes.values().forEach(outcome -> outcome.completeExceptionally(e));
            }
        });
        return outcomes;
    }

    /** All outcomes, once all are there. */
    public List<Outcome> join() {
        return outcomes.values().stream().map(CompletableFuture::join).toList();
    }

    private void performAll() {
        bench.golden();
        List<Plan> waiting = select(
                plan -> plan instanceof OnWatch(var f, var r, int e, var fault) && fault == WatchFault.HALF_OPEN);
        List<Plan> sharing =
                select(plan -> plan instanceof OnWrite write && !write.fault().kills());
        List<Plan> alone = select(OnServer.class::isInstance);
        List<Plan> others = new ArrayList<>(outcomes.keySet());
        others.removeAll(sharing);
        others.removeAll(alone);
        others.removeAll(waiting);
        if (!sharing.isEmpty()) {
            try (var shared = new WritePlans.Shared(bench)) {
                perform(sharing, SHARING, plan -> shared.perform((OnWrite) plan))
                        .join();
            }
        }
        // they take minutes, in which they do nothing
        CompletableFuture<Void> waited = perform(waiting, Math.max(1, waiting.size()), this::withOperators);
        perform(others, WITH_OPERATORS, this::withOperators).join();
        waited.join();
        perform(alone, 1, this::withOperators).join();
    }

    private List<Plan> select(Predicate<Plan> which) {
        return outcomes.keySet().stream().filter(which).toList();
    }

    private Outcome withOperators(Plan plan) {
        return switch (plan) {
            case OnWrite write -> new WritePlans(bench).perform(write);
            case OnWatch watch -> new WatchPlans(bench).perform(watch);
            case StaleStart stale -> new StalePlans(bench).perform(stale);
            case OnFence fence -> new FencePlans(bench).perform(fence);
            case OnLeaders leaders -> new LeaderPlans(bench).perform(leaders);
            case OnServer server -> new ServerPlans(bench).perform(server);
        };
    }

    private CompletableFuture<Void> perform(List<Plan> plans, int atOnce, Function<Plan, Outcome> how) {
        ExecutorService threads = Executors.newFixedThreadPool(
                atOnce, Thread.ofPlatform().daemon().factory());
        var all = plans.stream()
                .map(plan -> CompletableFuture.runAsync(() -> complete(plan, how), threads))
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(all).whenComplete((done, problem) -> threads.shutdown());
    }

    private void complete(Plan plan, Function<Plan, Outcome> how) {
        CompletableFuture<Outcome> outcome = java.util.Objects.requireNonNull(outcomes.get(plan));
        Outcome found = carryOut(plan, how);
        if (found.provesNothing()) {
            LOG.info("again, for its fault did not come: {}", plan.name());
            found = carryOut(plan, how);
        }
        outcome.complete(found);
        LOG.info(
                "{} {} ms, recovery {} ms: {}",
                found.violations().isEmpty() ? "ok" : "VIOLATION",
                found.millis(),
                found.recoveryMillis(),
                plan.name());
        if (!found.violations().isEmpty()) {
            LOG.warn("{}", found.report());
        }
    }

    private static Outcome carryOut(Plan plan, Function<Plan, Outcome> how) {
        try {
            return how.apply(plan);
        } catch (RuntimeException e) {
            String whose = e instanceof OperatorProcess.NotReadyException ? "operator" : "plan";
            var trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            return new Outcome(
                    plan, List.of(new Violation(whose, "could not be carried out: " + e)), 0, -1, trace.toString());
        }
    }

    /** The names of plans that match a pattern, as a whole. */
    public static List<Plan> named(List<Plan> plans, String pattern) {
        return plans.stream()
                .filter(plan -> plan.name().equals(pattern) || plan.name().matches(pattern))
                .collect(Collectors.toList());
    }
}
