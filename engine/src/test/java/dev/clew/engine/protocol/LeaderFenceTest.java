package dev.clew.engine.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.DesiredState;
import org.junit.jupiter.api.Test;

/**
 * A process is paused with a request on its way and deposed; the request arrives whenever it arrives. What an admission policy
 * refuses, and what is left open without one.
 */
class LeaderFenceTest {
    private static final Saga CANCELLED =
            Saga.single("of one step that is cancelled").wishes(DesiredState.Cancelled);

    private static final Saga FAILS = Saga.single("of one step that fails").fails("a/1");

    private static long windows(Saga saga, int faults, boolean policy) {
        World.Setting setting = World.Setting.of(saga, faults)
                .about(World.Scope.REQUESTS_AND_PROCESSES)
                .withUnboundedPauses();
        Explorer.Explored explored = Explorer.all(policy ? setting.withPolicy() : setting);
        System.out.printf(
                "explored %,d states of a saga %s with %d faults, policy %s: %,d times in the window%n",
                explored.states(), saga.name(), faults, policy, explored.windows());
        return explored.windows();
    }

    @Test
    void with_the_policy_none_does_harm() {
        assertThat(windows(CANCELLED, 1, true)).isZero();
        assertThat(windows(FAILS, 2, true)).isZero();
    }

    /** Any other harm would be a contradiction. */
    @Test
    void without_it_one_does_that_arrives_after_the_reservation_of_its_name_was_removed() {
        assertThat(windows(CANCELLED, 1, false)).isPositive();
    }

    @Test
    void without_it_one_does_that_arrives_after_somebody_has_deleted_the_released_pod() {
        assertThat(windows(FAILS, 2, false)).isPositive();
    }
}
