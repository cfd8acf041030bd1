package dev.clew.operator.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Whose clock tells how old a Lease is: this process's, whatever the holder has written. */
class OwnClockLeaseTest {
    private final AtomicLong nanos = new AtomicLong();
    private final OwnClockLease lock =
            new OwnClockLease("default", "clew", "me", new WriteGate(Duration.ofSeconds(10), nanos::get), nanos::get);

    private static Lease lease(ZonedDateTime renewed) {
        return new LeaseBuilder()
                .withNewSpec()
                .withHolderIdentity("other")
                .withLeaseDurationSeconds(15)
                .withRenewTime(renewed)
                .endSpec()
                .build();
    }

    private static ZonedDateTime now() {
        return ZonedDateTime.now(ZoneOffset.UTC);
    }

    private static boolean hasRunOut(LeaderElectionRecord record) {
        return now().isAfter(record.getRenewTime().plus(record.getLeaseDuration()));
    }

    @Test
    void aHolderWhoseClockIsBehindIsNotRobbed() {
        ZonedDateTime behind = now().minusSeconds(20);
        assertThat(hasRunOut(lock.toRecord(lease(behind)))).isFalse();
        nanos.addAndGet(Duration.ofSeconds(14).toNanos());
        assertThat(hasRunOut(lock.toRecord(lease(behind)))).isFalse();
        assertThat(hasRunOut(lock.toRecord(lease(behind.plusSeconds(2))))).isFalse();
        nanos.addAndGet(Duration.ofSeconds(14).toNanos());
        assertThat(hasRunOut(lock.toRecord(lease(behind.plusSeconds(2))))).isFalse();
    }

    @Test
    void aHolderWhoseClockIsAheadIsNotWaitedForLonger() {
        ZonedDateTime ahead = now().plusSeconds(20);
        assertThat(hasRunOut(lock.toRecord(lease(ahead)))).isFalse();
        nanos.addAndGet(Duration.ofSeconds(16).toNanos());
        assertThat(hasRunOut(lock.toRecord(lease(ahead)))).isTrue();
    }

    @Test
    void aLeaseThatSomebodyMadeByHandIsFree() {
        LeaderElectionRecord record = lock.toRecord(new Lease());
        assertThat(record.getHolderIdentity()).isEmpty();
        assertThat(record.getLeaderTransitions()).isZero();
    }

    @Test
    void whateverKeepsItFromBeingReadTheElectorTriesAgain() {
        KubernetesClient odd = (KubernetesClient) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {KubernetesClient.class}, (proxy, method, arguments) -> {
                    throw new IllegalStateException("odd");
                });
        assertThatThrownBy(() -> lock.get(odd))
                .as("the only exception that does not end the elector")
                .isInstanceOf(KubernetesClientException.class)
                .hasRootCauseMessage("odd");
    }
}
