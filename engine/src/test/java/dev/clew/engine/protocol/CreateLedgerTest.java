package dev.clew.engine.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CreateLedgerTest {
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private static final Duration MAX = Duration.ofSeconds(70);

    private final CreateLedger ledger = new CreateLedger(MAX, START);

    @Test
    void what_a_former_process_sent_counts_as_sent_when_this_one_began() {
        assertThat(ledger.settledAt("pod")).isEqualTo(START.plus(MAX));
        ledger.sending("pod", false, START.plusSeconds(5));
        ledger.answered("pod", START.plusSeconds(5));
        assertThat(ledger.settledAt("pod")).isEqualTo(START.plus(MAX));
    }

    @Test
    void an_answered_create_of_a_claim_of_this_process_is_settled_at_once() {
        ledger.sending("pod", true, START.plusSeconds(5));
        assertThat(ledger.settledAt("pod")).isEqualTo(START.plusSeconds(75));
        ledger.answered("pod", START.plusSeconds(5));
        assertThat(ledger.settledAt("pod")).isBefore(START);
    }

    @Test
    void later_creates_that_are_answered_do_not_put_off_one_that_was_not() {
        ledger.sending("pod", true, START.plusSeconds(1));
        for (int second = 5; second < 100; second += 5) {
            ledger.sending("pod", true, START.plusSeconds(second));
            ledger.answered("pod", START.plusSeconds(second));
        }
        assertThat(ledger.settledAt("pod")).isEqualTo(START.plusSeconds(71));
    }

    @Test
    void a_name_that_is_forgotten_is_one_of_a_former_process_again() {
        ledger.sending("pod", true, START.plusSeconds(1));
        ledger.forget("pod");
        assertThat(ledger.settledAt("pod")).isEqualTo(START.plus(MAX));
    }
}
