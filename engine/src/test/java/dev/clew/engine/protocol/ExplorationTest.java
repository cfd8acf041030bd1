package dev.clew.engine.protocol;

import static dev.clew.engine.protocol.World.Scope.ALL;
import static dev.clew.engine.protocol.World.Scope.REQUESTS_AND_PROCESSES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.DesiredState;
import org.junit.jupiter.api.Test;

/**
 * Everything that can happen to a small saga, in every order: the real loop against a simulated cluster. Whatever is promised
 * holds in every state, and every schedule comes to its end. The numbers are those of the time of writing: fewer mean that
 * something is no longer looked at.
 */
class ExplorationTest {
    private static final Saga FAILS =
            Saga.sequential("sequential, fails at its third step").fails("c/1");

    private static final Saga CANCELLED =
            Saga.sequential("sequential, cancelled").wishes(DesiredState.Cancelled);

    private static final Saga ROLLED_BACK =
            Saga.withPivot("with a pivot, rolled back").wishes(DesiredState.RolledBack);

    private static final Saga JOIN_FAILS =
            Saga.diamond("diamond, fails at the join").fails("d/1");

    private static final Saga BRANCH_FAILS =
            Saga.diamond("diamond, a branch fails").fails("b/1");

    @Test
    void a_saga_that_fails_at_its_third_step() {
        explored(FAILS, 2, ALL, 1, 1);
    }

    @Test
    void a_saga_that_is_cancelled() {
        explored(CANCELLED, 1, ALL, 1, 1);
    }

    @Test
    void a_saga_with_a_pivot_that_is_rolled_back() {
        explored(ROLLED_BACK, 1, ALL, 1, 1);
    }

    @Test
    void a_diamond_that_fails_at_its_join() {
        explored(JOIN_FAILS, 1, REQUESTS_AND_PROCESSES, 1, 1);
    }

    @Test
    void a_diamond_of_which_a_branch_fails() {
        explored(BRANCH_FAILS, 2, REQUESTS_AND_PROCESSES, 1, 1);
    }

    private static void explored(Saga saga, int faults, World.Scope scope, int states, long schedules) {
        long t = System.nanoTime();
        Explorer.Explored explored = Explorer.all(World.Setting.of(saga, faults).about(scope));
        System.out.printf(
                "explored %,d states in %,d schedules of the saga %s with %d faults%n",
                explored.states(), explored.schedules(), saga.name(), faults);
        System.out.println("XX " + (System.nanoTime() - t) / 1000000 + " "
                + (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) / 1000000);
        assertThat(explored.states()).isGreaterThanOrEqualTo(states);
        assertThat(explored.schedules()).isGreaterThanOrEqualTo(schedules);
    }
}
