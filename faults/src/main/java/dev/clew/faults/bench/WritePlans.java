package dev.clew.faults.bench;

import dev.clew.faults.oracle.Judged;
import dev.clew.faults.plan.Plan.OnWrite;
import dev.clew.faults.plan.WriteFault;
import dev.clew.faults.proxy.Director;
import dev.clew.faults.proxy.Fault;
import dev.clew.faults.proxy.Naming;
import dev.clew.faults.proxy.Sent;
import dev.clew.faults.proxy.Write;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Carries out plans that disturb one write. */
final class WritePlans {
    private final Bench bench;

    WritePlans(Bench bench) {
        this.bench = bench;
    }

    /** Disturbs the first write at a gate. */
    private record FirstWrite(Fault fault) implements Director {
        @Override
        public Fault onWrite(Write write, int nth) {
            return nth == 1 ? fault : Fault.NONE;
        }
    }

    private static Fault fault(WriteFault fault, CompletableFuture<Void> arrive, Runnable kill) {
        return switch (fault) {
            case KILL_BEFORE, KILL_BEFORE_TWICE -> new Fault.KillBefore();
            case KILL_AFTER, KILL_AFTER_TWICE -> new Fault.KillAfter();
            case KILL_AND_ARRIVE_LATE -> new Fault.Hold(kill, arrive);
            case DROP_ANSWER -> new Fault.DropAnswer();
            case CONFLICT -> new Fault.Refuse(409, "Conflict");
            case TOO_MANY -> new Fault.Refuse(429, "TooManyRequests");
            case ERROR -> new Fault.Refuse(500, "InternalError");
            case TIMEOUT_AFTER -> new Fault.AnswerAfter(504, "Timeout");
        };
    }

    /** With operators of its own, for it kills them. */
    Outcome perform(OnWrite plan) {
        var performance = new Performance(bench, plan);
        String namespace = performance.stage().namespace();
        var naming = new Naming();
        var met = new CompletableFuture<Write>();
        var arrive = new CompletableFuture<Void>();
        var first = new CompletableFuture<Operators.Running>();
        try (Operators operators = bench.operators()) {
            Fault fault =
                    fault(plan.fault(), arrive, () -> first.join().process().kill());
            first.complete(operators.start(namespace, naming, new OneWrite(plan.write(), fault, met)));
            var flow = performance.begin();
            performance.awaitFault(met);
            Operators.Running last = first.join();
            boolean nothingWasLeft = false;
            if (plan.fault().kills()) {
                performance.expect(last.process().awaitEnd(30), "the operator was not killed");
                last = operators.start(namespace, naming, recovery(plan.fault()));
                if (plan.fault().killsTwice()) {
                    awaitFirstWrite(last.process());
                    nothingWasLeft = last.gate().writes() == 0;
                    performance.check(!nothingWasLeft || last.process().isAlive(), "the operator has ended by itself");
                    last.process().kill();
                    performance.expect(last.process().awaitEnd(10), "the operator was not killed again");
                    last = operators.start(namespace, naming, Director.NONE);
                }
                last.process().awaitReady();
                arrive.completeAsync(
                        () -> null,
                        CompletableFuture.delayedExecutor(bench.kind().lateSeconds(), TimeUnit.SECONDS));
            }
            flow.join();
            if (plan.fault() == WriteFault.KILL_AND_ARRIVE_LATE) {
                Operators.Running killed = first.join();
                if (arrived(plan, killed).isPresent()) {
                    awaitArrival(plan, performance, killed);
                } else {
                    // the run may be gone; its garbage must not be collected before it can have done harm
                    bench.withoutGarbageCollector(() -> awaitArrival(plan, performance, killed));
                }
            }
            if (plan.fault().kills()) {
                performance.checkRecovery(last);
            }
            performance.expect(
                    !nothingWasLeft || last.gate().writes() == 0,
                    "the second kill was to come at the first write of the recovery, and came before it");
            expectCommitted(plan, performance, operators);
            return performance.end(flow, operators, held(plan));
        }
    }

    /** A fault that comes after a commit has not come if there was none. */
    private static void expectCommitted(OnWrite plan, Performance performance, Operators operators) {
        if (plan.fault().commits()) {
            performance.expectCommitted(operators.gates(), plan.write());
        }
    }

    private static Set<String> held(OnWrite plan) {
        return plan.fault() == WriteFault.KILL_AND_ARRIVE_LATE && plan.write().startsWith("create ")
                ? Set.of(plan.write().substring("create ".length()))
                : Judged.NONE_HELD;
    }

    /** Judging before the late write has arrived would be too early; and if it made a pod, that takes a moment to start. */
    private static void awaitArrival(OnWrite plan, Performance performance, Operators.Running killed) {
        performance.expect(
                Waiting.until(
                        Duration.ofSeconds(30), () -> arrived(plan, killed).isPresent()),
                "the late write did not arrive");
        if (plan.write().startsWith("create ")
                && arrived(plan, killed).filter(Sent::succeeded).isPresent()) {
            String attempt = plan.write().substring("create ".length());
            var _ = Waiting.until(
                    Duration.ofSeconds(2), () -> performance.stage().begins(attempt) > 1);
        }
    }

    private static Optional<Sent> arrived(OnWrite plan, Operators.Running killed) {
        return killed.gate().sent().stream()
                .filter(write -> write.write().name().equals(plan.write()) && write.code() > 0)
                .findFirst();
    }

    /** An operator that is killed at its first write comes to it soon after it is ready, if there is anything to write. */
    private static void awaitFirstWrite(OperatorProcess operator) {
        Waiting.until(
                Duration.ofSeconds(60),
                () -> !operator.isAlive() || operator.isReadySince(System.nanoTime() - Timing.RECOVERY.toNanos()));
    }

    /** What befalls the next operator. */
    private static Director recovery(WriteFault fault) {
        return switch (fault) {
            case KILL_BEFORE_TWICE -> new FirstWrite(new Fault.KillAfter());
            case KILL_AFTER_TWICE -> new FirstWrite(new Fault.KillBefore());
            case KILL_BEFORE, KILL_AFTER, KILL_AND_ARRIVE_LATE, DROP_ANSWER, CONFLICT, TOO_MANY, ERROR, TIMEOUT_AFTER ->
                Director.NONE;
        };
    }

    /** Operators that share one process and its gate; each plan has a namespace of its own. */
    static final class Shared implements AutoCloseable, Director {
        private final Bench bench;
        private final Operators operators;
        private final Map<String, Director> directors = new ConcurrentHashMap<>();

        Shared(Bench bench) {
            this.bench = bench;
            this.operators = bench.operators();
            operators.start("", new Naming(), this).process().awaitReady();
        }

        @Override
        public Fault onWrite(Write write, int nth) {
            return directors.getOrDefault(write.namespace(), Director.NONE).onWrite(write, nth);
        }

        Outcome perform(OnWrite plan) {
            var performance = new Performance(bench, plan);
            var met = new CompletableFuture<Write>();
            Fault fault = fault(plan.fault(), new CompletableFuture<>(), () -> {});
            directors.put(performance.stage().namespace(), new OneWrite(plan.write(), fault, met));
            var flow = performance.begin();
            performance.awaitFault(met);
            flow.join();
            expectCommitted(plan, performance, operators);
            return performance.end(flow, operators, Judged.NONE_HELD);
        }

        @Override
        public void close() {
            operators.close();
        }
    }
}
