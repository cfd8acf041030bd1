package dev.clew.faults.bench;

import dev.clew.faults.history.History;
import dev.clew.faults.oracle.Judged;
import dev.clew.faults.oracle.LateStart;
import dev.clew.faults.oracle.Violation;
import dev.clew.faults.plan.Plan;
import dev.clew.faults.plan.Plan.OnLeaders;
import dev.clew.faults.proxy.Gate;
import dev.clew.faults.proxy.Sent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A plan as it is carried out: its stage, its flow under way, what it found so far. */
final class Performance {
    /** The attempt whose create some plans hold. */
    static final String HELD = "charge 1";

    private static final Duration QUIET = Duration.ofSeconds(2);

    private final Bench bench;
    private final Plan plan;
    private final Stage stage;
    private final long begun = System.nanoTime();
    private final List<Violation> found = new ArrayList<>();
    private long recoveryMillis = -1;

    Performance(Bench bench, Plan plan) {
        this.bench = bench;
        this.plan = plan;
        this.stage = Stage.set(bench.newNamespace(plan.flow().label()), bench);
        stage.waitAtMost(bench.kind().patience());
    }

    Stage stage() {
        return stage;
    }

    /** Lets the flow's user begin, on a thread of its own. */
    CompletableFuture<Boolean> begin() {
        return CompletableFuture.supplyAsync(
                () -> stage.perform(plan.flow()), task -> Thread.ofVirtual().start(task));
    }

    /** Waits for the fault; a plan whose fault never comes has tested nothing. */
    void awaitFault(CompletableFuture<?> fault) {
        awaitFault(fault, bench.kind().patience());
    }

    /** The same with another patience. */
    void awaitFault(CompletableFuture<?> fault, Duration patience) {
        expect(Waiting.until(patience, fault::isDone), "what is to be disturbed did not come: " + plan.where());
    }

    /** What the plan itself owes: that its fault has come. */
    void expect(boolean condition, String otherwise) {
        if (!condition) {
            found.add(new Violation("plan", otherwise));
        }
    }

    /** What the operators owe beyond what the history tells. */
    void check(boolean condition, String otherwise) {
        if (!condition) {
            found.add(new Violation("operator", otherwise));
        }
    }

    /** After a kill the run goes on soon: by the first write about it that the next operator sends. */
    void checkRecovery(Operators.Running next) {
        checkRecovery(next, next.process().awaitReady());
    }

    /** The same from when it was able to act. */
    void checkRecovery(Operators.Running next, long ready) {
        long from = Math.max(ready, stage.runSeen().orElse(ready));
        next.gate().sent().stream()
                .filter(write ->
                        aboutTheRun(write) && write.target().namespace().equals(stage.namespace()))
                .mapToLong(Sent::arrived)
                .min()
                .ifPresent(first -> {
                    long millis = Math.max(0, (first - from) / 1_000_000);
                    recoveryMillis = Math.max(recoveryMillis, millis);
                    check(
                            millis <= Timing.RECOVERY.toMillis(),
                            "the run went on only " + millis + " ms after the next operator was ready");
                });
    }

    /** Whether an operator has sent anything about the run. */
    boolean wroteAboutTheRun(Operators.Running operator) {
        return operator.gate().sent().stream().anyMatch(Performance::aboutTheRun);
    }

    private static boolean aboutTheRun(Sent write) {
        return write.target().resource().equals("pods")
                || write.target().resource().equals("workflowruns");
    }

    /** The API server must have carried a write out; its name is that of one write alone. */
    void expectCommitted(Stream<Gate> gates, String write) {
        expect(
                gates.flatMap(gate -> gate.sent().stream())
                        .anyMatch(sent -> sent.target().namespace().equals(stage.namespace())
                                && sent.write().name().equals(write)
                                && sent.succeeded()),
                "the API server did not carry out what is to be disturbed: " + write);
    }

    /**
     * Waits for the end of the flow, and judges.
     *
     * @param held the attempts whose create the plan held back, as {@link Judged#held}
     */
    Outcome end(CompletableFuture<Boolean> flow, Operators operators, Set<String> held) {
        flow.join();
        // what it would still do to a run that has ended
        var _ = Waiting.until(
                QUIET.multipliedBy(10), () -> operators.lastIsReadySince(System.nanoTime() - QUIET.toNanos()));
        check(operators.lastIsAlive(), "the operator that nothing killed has ended");
        History history = stage.history(operators.gates());
        List<Violation> all = new ArrayList<>(found);
        History rest = history;
        if (plan instanceof OnLeaders leaders && leaders.fault().startsTwice(leaders.flow())) {
            LateStart late = LateStart.of(history, HELD);
            all.addAll(late.violations());
            rest = late.rest();
        }
        all.addAll(bench.judge(plan, rest, held));
        bench.recorder().forget(stage.namespace());
        return new Outcome(
                plan,
                all,
                (System.nanoTime() - begun) / 1_000_000,
                recoveryMillis,
                all.isEmpty() ? "" : history.print());
    }
}
