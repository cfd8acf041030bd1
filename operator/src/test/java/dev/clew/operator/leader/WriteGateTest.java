package dev.clew.operator.leader;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WriteGateTest {
    private final AtomicLong nanos =
            new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(5).toNanos());
    private final WriteGate gate = new WriteGate(Duration.ofSeconds(10), nanos::get);

    private void passes(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void itIsClosedUntilTheLeaseIsHeld() {
        assertThat(gate.isOpen()).isFalse();
        gate.renewed(nanos.get());
        assertThat(gate.isOpen()).isTrue();
    }

    @Test
    void itClosesWhenTheRenewDeadlineHasPassedSinceTheRenewalWasSent() {
        long sentAt = nanos.get();
        passes(Duration.ofSeconds(4));
        gate.renewed(sentAt);
        passes(Duration.ofSeconds(6));
        assertThat(gate.isOpen()).isTrue();
        passes(Duration.ofNanos(1));
        assertThat(gate.isOpen()).isFalse();
    }

    @Test
    void aRenewalThatIsAnsweredLateDoesNotOpenItAnew() {
        gate.renewed(nanos.get());
        gate.close();
        gate.renewed(nanos.get());
        assertThat(gate.isOpen()).isFalse();
    }
}
