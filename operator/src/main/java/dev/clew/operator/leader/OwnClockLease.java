package dev.clew.operator.leader;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A Lease whose age is measured by this process alone. The times in a Lease are those of its holder's clock, which may be
 * another one by any amount; so a Lease is taken for as old as the time since this process first saw it as it is
 * (as client-go does). Each renewal opens the gate.
 */
final class OwnClockLease extends LeaseLock {
    private static final ZonedDateTime LONG_AGO = ZonedDateTime.of(2000, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

    private final WriteGate gate;
    private final LongSupplier nanoTime;
    private @Nullable LeaseSpec seen;
    private long seenAt;

    OwnClockLease(String namespace, String name, String identity, WriteGate gate, LongSupplier nanoTime) {
        super(namespace, name, identity);
        this.gate = gate;
        this.nanoTime = nanoTime;
    }

    @Override
    protected LeaderElectionRecord toRecord(Lease lease) {
        LeaseSpec spec = Objects.requireNonNullElseGet(lease.getSpec(), LeaseSpec::new);
        if (!spec.equals(seen)) {
            seen = spec;
            seenAt = nanoTime.getAsLong();
        }
        Duration age = Duration.ofNanos(nanoTime.getAsLong() - seenAt);
        return new LeaderElectionRecord(
                Objects.requireNonNullElse(spec.getHolderIdentity(), ""),
                Duration.ofSeconds(Objects.requireNonNullElse(spec.getLeaseDurationSeconds(), 0)),
                Objects.requireNonNullElse(spec.getAcquireTime(), LONG_AGO),
                ZonedDateTime.now(ZoneOffset.UTC).minus(age),
                Objects.requireNonNullElse(spec.getLeaseTransitions(), 0));
    }

    @Override
    public synchronized void create(KubernetesClient client, LeaderElectionRecord record) {
        long sentAt = nanoTime.getAsLong();
        super.create(client, record);
        gate.renewed(sentAt);
    }

    @Override
    public synchronized void update(KubernetesClient client, LeaderElectionRecord record) {
        if (record.getHolderIdentity() == null) {
            // a merge patch leaves out what is null, and so would leave the holder
            super.update(client, givenBack(record));
            return;
        }
        long sentAt = nanoTime.getAsLong();
        super.update(client, record);
        gate.renewed(sentAt);
    }

    private static LeaderElectionRecord givenBack(LeaderElectionRecord record) {
        return new LeaderElectionRecord(
                "",
                record.getLeaseDuration(),
                record.getAcquireTime(),
                record.getRenewTime(),
                record.getLeaderTransitions());
    }
}
