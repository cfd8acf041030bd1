package dev.clew.engine.protocol;

import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.run.RunView;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The one loop per run: observe, decide, record, act. Whoever calls it makes sure that no two passes of a run overlap in
 * this process; between processes the compare-and-swap of the status does.
 */
public final class RunLoop {
    private final Cluster cluster;
    private final CreateLedger ledger;
    private final Map<String, Instant> informedAt = new ConcurrentHashMap<>();

    /** A loop over a cluster. */
    public RunLoop(Cluster cluster, CreateLedger ledger) {
        this.cluster = cluster;
        this.ledger = ledger;
    }

    /**
     * One pass.
     *
     * @param cached the run, as old as a cache may be
     * @return when to look again at the latest, if no event comes before
     */
    public Optional<Instant> pass(RunView cached) {
        var pass = new Pass(cluster, ledger, cached, informedAt.get(cached.uid()));
        Optional<Instant> wakeUp = pass.run();
        pass.informedAt()
                .ifPresentOrElse(at -> informedAt.put(cached.uid(), at), () -> informedAt.remove(cached.uid()));
        return wakeUp;
    }

    /** A run is gone: nothing about it needs to be known any more. */
    public void forget(String uid, Optional<WorkflowRunStatus> lastSeen) {
        informedAt.remove(uid);
        lastSeen.ifPresent(status -> Pass.pods(status).forEach(ledger::forget));
    }
}
