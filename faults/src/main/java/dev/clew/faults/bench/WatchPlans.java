package dev.clew.faults.bench;

import dev.clew.faults.oracle.Judged;
import dev.clew.faults.plan.Plan.OnWatch;
import dev.clew.faults.plan.WatchFault;
import dev.clew.faults.proxy.Director;
import dev.clew.faults.proxy.Naming;
import dev.clew.faults.proxy.Target;
import dev.clew.faults.proxy.Watching;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Carries out plans that disturb watches. */
final class WatchPlans {
    private static final Duration DELAY = Duration.ofSeconds(3);
    private static final Duration SILENCE = Duration.ofSeconds(8);
    private static final int REFUSALS = 2;
    private static final Duration FOR_EVER = Duration.ofHours(1);

    /** The operator gives up a watch on which nothing has come for 3 min, and begins another one. */
    private static final Duration HALF_OPEN_PATIENCE = Duration.ofMinutes(5);

    private final Bench bench;

    WatchPlans(Bench bench) {
        this.bench = bench;
    }

    private record Disturber(OnWatch plan, CompletableFuture<Target> met) implements Director {
        @Override
        public void disturbed(Target target) {
            met.complete(target);
        }

        @Override
        public boolean refusesWatch(Target target, int nth) {
            boolean refused = plan.fault() == WatchFault.REFUSED && nth <= REFUSALS && isMeant(target);
            if (refused && nth == REFUSALS) {
                met.complete(target);
            }
            return refused;
        }

        private boolean isMeant(Target target) {
            return plan.resource().equals("all") || plan.resource().equals(target.resource());
        }

        @Override
        public Watching onWatch(Target target, int nth) {
            if (!isMeant(target) || (plan.fault().atEvent() && nth > 1)) {
                return Watching.FAITHFUL;
            }
            return switch (plan.fault()) {
                case CUT -> new Watching.Cut(plan.event());
                case GONE -> new Watching.Gone(plan.event());
                case SILENT -> new Watching.Silent(plan.event(), SILENCE);
                case HALF_OPEN -> new Watching.Silent(plan.event(), FOR_EVER);
                case DELAYED -> new Watching.Delayed(DELAY);
                case TWICE -> new Watching.Twice();
                case OLD -> new Watching.Old();
                case REFUSED -> Watching.FAITHFUL;
            };
        }
    }

    /** How long events of a run that has ended may still be coming. */
    private static Duration leftover(WatchFault fault) {
        return switch (fault) {
            case DELAYED -> DELAY.plusSeconds(1);
            case SILENT -> SILENCE.plusSeconds(1);
            case CUT, GONE, HALF_OPEN, REFUSED, TWICE, OLD -> Duration.ZERO;
        };
    }

    Outcome perform(OnWatch plan) {
        var performance = new Performance(bench, plan);
        if (plan.fault() == WatchFault.HALF_OPEN) {
            performance.stage().waitAtMost(HALF_OPEN_PATIENCE);
        }
        try (Operators operators = bench.operators()) {
            var met = new CompletableFuture<Target>();
            operators
                    .start(performance.stage().namespace(), new Naming(), new Disturber(plan, met))
                    .process()
                    .awaitReady();
            var flow = performance.begin();
            flow.join();
            performance.awaitFault(met, Duration.ofSeconds(2));
            var _ = Waiting.until(leftover(plan.fault()), () -> false);
            return performance.end(flow, operators, Judged.NONE_HELD);
        }
    }
}
