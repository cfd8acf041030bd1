package dev.clew.operator.leader;

import dev.clew.operator.config.OperatorConfig.Election;
import dev.clew.operator.http.SilenceLimit;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectorBuilder;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the Lease, renews it, gives it back. A process leads once at most: whoever has lost the Lease must end, and a
 * new process has a new identity.
 */
public final class LeaderElection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderElection.class);

    /** Of renewals until the deadline. */
    private static final int TRIES = 5;

    /** How often a standby looks at the Lease at least. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);

    private final Election settings;
    private final String identity;
    private final Runnable lost;
    private final WriteGate gate;
    private final OwnClockLease lock;
    /** A client of its own: renewals do not wait behind other requests, nor as long as these. */
    private final KubernetesClient client;

    /** Threads of its own: renewals do not wait behind passes, as they would among virtual threads that share a few carriers. */
    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("leader-", 0).factory());

    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile boolean leading;
    private @Nullable LeaderElector elector;
    private @Nullable CompletableFuture<?> election;

    /**
     * An election that has not begun: nothing can be written.
     *
     * @param identity of this process; no other one ever has it
     * @param lost called once if the Lease was lost: the process must end then
     */
    public LeaderElection(Election settings, Config connection, String identity, Runnable lost) {
        this.settings = settings;
        this.identity = identity;
        this.lost = lost;
        this.gate = new WriteGate(settings.renewDeadline(), System::nanoTime);
        Duration most = settings.renewDeadline().dividedBy(2);
        int timeout = (int) most.toMillis();
        this.client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(connection)
                        .withRequestRetryBackoffLimit(0)
                        .withRequestTimeout(timeout)
                        .withConnectionTimeout(timeout)
                        .withUserAgent("clew-operator")
                        .build())
                .withHttpClientFactory(new SilenceLimit(most))
                .build();
        String namespace = Objects.requireNonNullElse(
                settings.namespace(), Objects.requireNonNullElse(client.getNamespace(), "default"));
        this.lock = new OwnClockLease(namespace, settings.name(), identity, gate, System::nanoTime);
    }

    /** What stands before every request: no write passes while this process does not surely lead. */
    public Interceptor gate() {
        return gate;
    }

    /** Whether this process holds the Lease. */
    public boolean isLeading() {
        return leading && gate.isOpen();
    }

    /**
     * Waits for the Lease from now on, and returns at once.
     *
     * @param led called once this process leads
     */
    public void start(Runnable led) {
        var callbacks = new LeaderCallbacks(() -> threads.execute(() -> lead(led)), this::stopped, this::holder);
        elector = new LeaderElectorBuilder(client, threads)
                .withConfig(new Timing(settings, lock, callbacks))
                .build();
        election = elector.start();
        // not what this returns is kept: to cancel that would cancel nothing
        var _ = election.whenComplete((ignored, problem) -> {
            if (problem != null && !ended.get()) {
                LOG.error("the leader election has failed", problem);
            }
            stopped();
        });
    }

    /** A standby looks often, so that it takes over at once what is given back; the leader renews as often as it must. */
    private final class Timing extends LeaderElectionConfig {
        private final Duration renewEvery;

        Timing(Election settings, OwnClockLease lock, LeaderCallbacks callbacks) {
            super(
                    lock,
                    settings.lease(),
                    settings.renewDeadline(),
                    settings.renewDeadline().dividedBy(TRIES),
                    callbacks,
                    false,
                    settings.name());
            this.renewEvery = settings.renewDeadline().dividedBy(TRIES);
        }

        @Override
        public Duration getRetryPeriod() {
            return leading || renewEvery.compareTo(LOOK_EVERY) < 0 ? renewEvery : LOOK_EVERY;
        }
    }

    /**
     * Looks whether the Lease may be read.
     *
     * @throws IllegalStateException if not
     */
    public void refuseWithoutAccess() {
        try {
            lock.get(client);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                throw new IllegalStateException("cannot take part in the leader election: " + e.getMessage()
                        + "; grant get, create and patch of leases, or set CLEW_LEADER_ELECTION=false if this is the only"
                        + " process");
            }
            LOG.warn("cannot read the Lease yet: {}", e.getMessage());
        }
    }

    private void lead(Runnable led) {
        leading = true;
        LOG.info("leads as {}", identity);
        try {
            led.run();
        } catch (RuntimeException e) {
            // holding the Lease and doing nothing would be worst
            LOG.error("cannot lead", e);
            stopped();
        }
    }

    private void holder(@Nullable String holder) {
        if (!identity.equals(holder)) {
            LOG.info("the Lease is held by {}", holder == null || holder.isEmpty() ? "nobody" : holder);
        }
    }

    private void stopped() {
        gate.close();
        leading = false;
        if (ended.compareAndSet(false, true)) {
            lost.run();
        }
    }

    /** Writes nothing any more, and gives the Lease back, so that another process need not wait. */
    @Override
    public void close() {
        ended.set(true);
        gate.close();
        if (election != null) {
            // from now on nothing renews or takes it: a try that waits for its turn would take back what is given back
            election.cancel(false);
        }
        if (elector != null) {
            giveBack(elector);
        }
        threads.close();
        client.close();
    }

    private static void giveBack(LeaderElector elector) {
        try {
            elector.release();
        } catch (KubernetesClientException e) {
            LOG.warn("could not give the Lease back, which runs out by itself: {}", e.getMessage());
        }
    }
}
