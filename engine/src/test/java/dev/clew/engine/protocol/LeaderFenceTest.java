package dev.clew.engine.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.DesiredState;
import org.junit.jupiter.api.Test;

/**
 * A process is paused with a request on its way and deposed; the request arrives whenever it arrives. What an admission policy
 * refuses, and what is left open without one.
 */
class LeaderFenceTest {
    private static final World.Setting CANCELLED = World.Setting.of(
                    Saga.single("of one step that is cancelled").wishes(DesiredState.Cancelled), 2)
            .withUnboundedPauses();

    @Test
    void with_the_policy_none_does_harm() {
        assertThat(Explorer.all(CANCELLED.withPolicy()).windows()).isZero();
    }

    /** Any other harm would be a contradiction. */
    @Test
    void
            without_it_one_does_that_arrives_later_than_anybody_waits_for_once_its_attempt_is_over_and_its_name_free_again() {
        assertThat(Explorer.all(CANCELLED).windows()).isPositive();
    }
}
