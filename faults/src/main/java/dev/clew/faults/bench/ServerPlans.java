package dev.clew.faults.bench;

import dev.clew.faults.plan.Plan.OnServer;
import dev.clew.faults.proxy.Director;
import dev.clew.faults.proxy.Fault;
import dev.clew.faults.proxy.Naming;
import dev.clew.faults.proxy.Write;
import java.util.concurrent.CompletableFuture;

/** Carries out plans that disturb the API server. Nothing else may use the cluster meanwhile. */
final class ServerPlans {
    private static final int PAUSE_SECONDS = 6;

    private final Bench bench;

    ServerPlans(Bench bench) {
        this.bench = bench;
    }

    private record AtWrite(String name, CompletableFuture<Write> met, Runnable fault) implements Director {
        @Override
        public Fault onWrite(Write write, int nth) {
            return write.name().equals(name) && met.complete(write) ? new Fault.After(fault) : Fault.NONE;
        }
    }

    Outcome perform(OnServer plan) {
        var performance = new Performance(bench, plan);
        var met = new CompletableFuture<Write>();
        var server = new ServerProcesses(bench.cluster().stateDirectory());
        var over = new CompletableFuture<Void>();
        Runnable fault = switch (plan.fault()) {
            case API_SERVER_RESTARTED -> () -> {
                server.killApiServer();
                over.completeAsync(() -> {
                    server.startApiServer();
                    return null;
                });
            };
            case ETCD_PAUSED -> () -> {
                server.pauseEtcd();
                over.completeAsync(
                        () -> {
                            server.resumeEtcd();
                            return null;
                        },
                        CompletableFuture.delayedExecutor(PAUSE_SECONDS, java.util.concurrent.TimeUnit.SECONDS));
            };
        };
        try (Operators operators = bench.operators()) {
            operators.start(performance.stage().namespace(), new Naming(), new AtWrite(plan.write(), met, fault));
            var flow = performance.begin();
            performance.awaitFault(met);
            over.join();
            return performance.end(flow, operators.gates(), false);
        }
    }
}
