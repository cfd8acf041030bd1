package dev.clew.faults.bench;

import dev.clew.faults.oracle.Judged;
import dev.clew.faults.plan.Plan.OnServer;
import dev.clew.faults.proxy.Fault;
import dev.clew.faults.proxy.Gates;
import dev.clew.faults.proxy.Naming;
import dev.clew.faults.proxy.Write;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Carries out plans that disturb the API server. */
final class ServerPlans {
    private static final int PAUSE_SECONDS = 6;

    private final Bench bench;

    ServerPlans(Bench bench) {
        this.bench = bench;
    }

    Outcome perform(OnServer plan) {
        return switch (plan.fault()) {
            case API_SERVER_RESTARTED -> restart(plan);
            case ETCD_PAUSED -> pauseEtcd(plan);
        };
    }

    private Outcome restart(OnServer plan) {
        try (OwnApiServer server = bench.ownApiServer();
                Gates gates = new Gates(server.config());
                Operators operators = bench.operators(gates)) {
            var met = new CompletableFuture<Write>();
            var over = met.thenRunAsync(server::restart);
            return perform(plan, operators, met, server::kill, over);
        }
    }

    /** Of the whole cluster: nothing else may use it meanwhile. */
    private Outcome pauseEtcd(OnServer plan) {
        var etcd = bench.process("etcd");
        try (Operators operators = bench.operators()) {
            var met = new CompletableFuture<Write>();
            var over =
                    met.thenRunAsync(etcd::resume, CompletableFuture.delayedExecutor(PAUSE_SECONDS, TimeUnit.SECONDS));
            return perform(plan, operators, met, etcd::pause, over);
        } finally {
            etcd.resume();
        }
    }

    private Outcome perform(
            OnServer plan,
            Operators operators,
            CompletableFuture<Write> met,
            Runnable fault,
            CompletableFuture<Void> over) {
        var performance = new Performance(bench, plan);
        operators.start(
                performance.stage().namespace(), new Naming(), new OneWrite(plan.write(), new Fault.After(fault), met));
        var flow = performance.begin();
        performance.awaitFault(met);
        if (met.isDone()) {
            over.join();
        }
        return performance.end(flow, operators, Judged.NONE_HELD);
    }
}
