package dev.clew.engine.protocol;

import static dev.clew.engine.protocol.World.Scope.ALL;
import static dev.clew.engine.protocol.World.Scope.REQUESTS_AND_PROCESSES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.DesiredState;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Everything that can happen to a small saga, in every order: the real loop against a simulated cluster. Whatever is promised
 * holds in every state, and every schedule comes to its end. The numbers are those of the time of writing, less what the order
 * in which a pass reads several pods makes of them, which differs from one virtual machine to the next: fewer mean that
 * something is no longer looked at.
 */
@Execution(ExecutionMode.CONCURRENT)
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
        explored(FAILS, 2, ALL, 274_000, 144_000);
    }

    @Test
    void a_saga_that_is_cancelled() {
        explored(CANCELLED, 1, ALL, 34_000, 13_000);
    }

    @Test
    void a_saga_with_a_pivot_that_is_rolled_back() {
        explored(ROLLED_BACK, 1, ALL, 35_000, 13_000);
    }

    @Test
    void a_diamond_that_fails_at_its_join() {
        explored(JOIN_FAILS, 1, REQUESTS_AND_PROCESSES, 11_000, 4_000);
    }

    @Test
    void a_diamond_of_which_a_branch_fails() {
        explored(BRANCH_FAILS, 2, REQUESTS_AND_PROCESSES, 195_000, 130_000);
    }

    /** More, in about five minutes: with {@code -Pfaults}, or {@code -DexcludedGroups=}. */
    @Nested
    @Execution(ExecutionMode.SAME_THREAD)
    @Tag("deep")
    class Deep {
        @Test
        void a_saga_that_is_cancelled() {
            explored(CANCELLED, 2, REQUESTS_AND_PROCESSES, 335_000, 245_000);
        }

        @Test
        void a_saga_with_a_pivot_that_is_rolled_back() {
            explored(ROLLED_BACK, 2, REQUESTS_AND_PROCESSES, 350_000, 255_000);
        }

        @Test
        void a_diamond_of_which_a_branch_fails() {
            explored(BRANCH_FAILS, 1, ALL, 100_000, 32_000);
        }

        @Test
        void a_diamond_that_fails_at_its_join() {
            explored(JOIN_FAILS, 1, ALL, 243_000, 80_000);
        }

        @Test
        void a_diamond_that_fails_at_its_join_with_two_faults() {
            explored(JOIN_FAILS, 2, REQUESTS_AND_PROCESSES, 560_000, 350_000);
        }
    }

    private static void explored(Saga saga, int faults, World.Scope scope, int states, long schedules) {
        Explorer.Explored explored = Explorer.all(World.Setting.of(saga, faults).about(scope));
        System.out.printf(
                "explored %,d states in %,d schedules of the saga %s, with %d faults (%s)%n",
                explored.states(), explored.schedules(), saga.name(), faults, scope);
        assertThat(explored.states()).isGreaterThanOrEqualTo(states);
        assertThat(explored.schedules()).isGreaterThanOrEqualTo(schedules);
    }
}
