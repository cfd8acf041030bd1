package dev.clew.faults.bench;

import dev.clew.faults.oracle.Judged;
import dev.clew.faults.plan.FenceFault;
import dev.clew.faults.plan.Plan.OnFence;
import dev.clew.faults.proxy.Director;
import dev.clew.faults.proxy.Fault;
import dev.clew.faults.proxy.Naming;
import dev.clew.faults.proxy.Sent;
import dev.clew.faults.proxy.Write;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Carries out plans in which a run turns back while an attempt is claimed and its pod is not there. */
final class FencePlans {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Bench bench;

    FencePlans(Bench bench) {
        this.bench = bench;
    }

    /**
     * Keeps the create back.
     *
     * @param first what befalls the create when it first comes
     * @param turned completed when the run has turned back: until then the create is refused whenever it comes again
     */
    private record Withheld(FenceFault fault, Fault first, CompletableFuture<Write> met, CompletableFuture<Void> turned)
            implements Director {
        @Override
        public Fault onWrite(Write write, int nth) {
            if (write.about().equals("create " + Performance.HELD) && !turned.isDone()) {
                return met.complete(write) ? first : new Fault.Refuse(500, "InternalError");
            }
            if (write.name().equals("reserve " + Performance.HELD)) {
                return switch (fault) {
                    case KILLED_AT_RESERVATION -> new Fault.KillAfter();
                    case ARRIVES_BEFORE -> Slow.down(500);
                    case REFUSED, ARRIVES_AFTER, KILLED, KILLED_ARRIVES_LATE -> Fault.NONE;
                };
            }
            return Fault.NONE;
        }
    }

    /** Whether a create that arrives before the reservation has made a pod, and one that arrives after it has not. */
    private static boolean hasCome(FenceFault fault, Sent create) {
        return switch (fault) {
            case ARRIVES_BEFORE -> create.succeeded();
            case ARRIVES_AFTER -> create.code() == 409;
            case REFUSED, KILLED_AT_RESERVATION, KILLED, KILLED_ARRIVES_LATE -> create.code() > 0;
        };
    }

    Outcome perform(OnFence plan) {
        var performance = new Performance(bench, plan);
        Stage stage = performance.stage();
        var naming = new Naming();
        var met = new CompletableFuture<Write>();
        var turned = new CompletableFuture<Void>();
        var arrive = new CompletableFuture<Void>();
        var running = new CompletableFuture<Operators.Running>();
        Fault first = switch (plan.fault()) {
            case REFUSED, KILLED_AT_RESERVATION -> new Fault.Refuse(500, "InternalError");
            case ARRIVES_BEFORE, ARRIVES_AFTER -> new Fault.Hold(() -> {}, arrive);
            case KILLED -> new Fault.KillBefore();
            case KILLED_ARRIVES_LATE ->
                new Fault.Hold(() -> running.join().process().kill(), arrive);
        };
        stage.askWhen(met::isDone);
        try (Operators operators = bench.operators()) {
            running.complete(
                    operators.start(stage.namespace(), naming, new Withheld(plan.fault(), first, met, turned)));
            var flow = performance.begin();
            performance.awaitFault(met);
            if (plan.fault().kills()) {
                performance.expect(running.join().process().awaitEnd(30), "the operator was not killed");
                performance.expect(Waiting.until(PATIENCE, stage::isToEnd), "the end was not asked for");
                succeed(operators, stage, naming);
                arrive.completeAsync(() -> null, CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS));
            } else {
                performance.expect(Waiting.until(PATIENCE, stage::hasTurnedBack), "the run did not turn back");
                turned.complete(null);
                performance.expect(
                        plan.fault() == FenceFault.ARRIVES_BEFORE || Waiting.until(PATIENCE, stage::hasReservation),
                        "the name was not reserved");
                arrive.complete(null);
                if (plan.fault() == FenceFault.KILLED_AT_RESERVATION) {
                    performance.expect(running.join().process().awaitEnd(30), "the operator was not killed");
                    succeed(operators, stage, naming);
                }
            }
            flow.join();
            performance.expect(
                    plan.fault() != FenceFault.KILLED || stage.hasReservation(), "the name was not reserved");
            if (plan.fault().arrives()) {
                performance.expect(
                        Waiting.until(
                                PATIENCE,
                                () -> running.join().gate().sent().stream()
                                        .anyMatch(write -> write.write().name().equals(plan.where())
                                                && hasCome(plan.fault(), write))),
                        "the create did not arrive when it should");
            }
            return performance.end(
                    flow, operators, plan.fault().arrives() ? Set.of(Performance.HELD) : Judged.NONE_HELD);
        }
    }

    /** The next operator, once it is ready. */
    private static void succeed(Operators operators, Stage stage, Naming naming) {
        operators.start(stage.namespace(), naming, Director.NONE).process().awaitReady();
    }
}
