package dev.clew.engine.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.clew.api.run.DesiredState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Protocols that are known to be wrong are found to be wrong by the same exploration, with as few faults as it takes. */
@Execution(ExecutionMode.CONCURRENT)
class WrongVariantsTest {
    private static final Saga FAILS_AT_THE_THIRD =
            Saga.sequential("that fails at its third step").fails("c/1");

    private static final Saga CANCELLED =
            Saga.single("of one step that is cancelled").wishes(DesiredState.Cancelled);

    private static final Saga BRANCH_FAILS =
            Saga.diamond("with a branch that fails").fails("b/1");

    private static final Saga ONE_STEP_FAILS =
            Saga.single("of one step that fails").fails("a/1");

    private static final Saga DIAMOND = Saga.diamond("that is a diamond");

    private static final Saga ROLLED_BACK =
            Saga.sequential("that is rolled back").wishes(DesiredState.RolledBack);

    private static final Saga NEVER_STARTS =
            Saga.single("of which nothing starts").neverStarts("a/1");

    private static final Saga RETRIED = Saga.retrying("that tries again", 1);

    /** Of six attempts only the second starts, and it fails; the second and the third are no longer listed in the end. */
    private static final Saga TRIED_OFTEN = Saga.retrying("that tries again and again", 5)
            .neverStarts("b/1", "b/3", "b/4", "b/5", "b/6")
            .fails("b/2");

    @Test
    void only_succeeded_steps_are_compensated() {
        found(WrongVariant.ONLY_SUCCEEDED_STEPS_COMPENSATED, FAILS_AT_THE_THIRD, 0);
    }

    @Test
    void no_fence() {
        found(WrongVariant.NO_FENCE, BRANCH_FAILS, 0);
    }

    @Test
    void stale_cache_for_the_fence() {
        found(WrongVariant.STALE_CACHE_FOR_THE_FENCE, CANCELLED, 1);
    }

    @Test
    void claim_after_create() {
        found(WrongVariant.CLAIM_AFTER_CREATE, FAILS_AT_THE_THIRD, 0);
    }

    @Test
    void random_pod_names() {
        found(WrongVariant.RANDOM_POD_NAMES, FAILS_AT_THE_THIRD, 1);
    }

    @Test
    void no_reservation() {
        found(WrongVariant.NO_RESERVATION, CANCELLED, 1);
    }

    @Test
    void absence_of_a_released_pod_taken_for_never_created() {
        found(WrongVariant.ABSENCE_OF_A_RELEASED_POD_TAKEN_FOR_NEVER_CREATED, DIAMOND, 1);
    }

    @Test
    void failed_by_garbage_collection_taken_for_over() {
        found(WrongVariant.FAILED_BY_GARBAGE_COLLECTION_TAKEN_FOR_OVER, FAILS_AT_THE_THIRD, 1);
    }

    @Test
    void trimmed_attempts_forgotten() {
        found(WrongVariant.TRIMMED_ATTEMPTS_FORGOTTEN, TRIED_OFTEN, 0);
    }

    @Test
    void action_before_the_status_write() {
        found(WrongVariant.ACTION_BEFORE_THE_STATUS_WRITE, FAILS_AT_THE_THIRD, 0);
    }

    @Test
    void older_claim_acted_on_without_a_quorum_read() {
        found(WrongVariant.OLDER_CLAIM_ACTED_ON_WITHOUT_A_QUORUM_READ, CANCELLED, 2);
    }

    @Test
    void finalizer_removed_without_resource_version() {
        found(WrongVariant.FINALIZER_REMOVED_WITHOUT_RESOURCE_VERSION, ROLLED_BACK, 1);
    }

    @Test
    void exit_137_taken_for_started() {
        found(WrongVariant.EXIT_137_TAKEN_FOR_STARTED, FAILS_AT_THE_THIRD, 1);
    }

    @Test
    void unproved_not_started() {
        found(WrongVariant.UNPROVED_NOT_STARTED, FAILS_AT_THE_THIRD, 1);
    }

    @Test
    void next_attempt_beside_the_last() {
        found(WrongVariant.NEXT_ATTEMPT_BESIDE_THE_LAST, RETRIED, 1);
    }

    @Test
    void released_at_once() {
        found(WrongVariant.RELEASED_AT_ONCE, ONE_STEP_FAILS, 2);
    }

    @Test
    void never_looks_again() {
        found(WrongVariant.NEVER_LOOKS_AGAIN, NEVER_STARTS, 0);
    }

    @Test
    void polls() {
        found(WrongVariant.POLLS, ONE_STEP_FAILS, 0);
    }

    @Test
    void looks_again_at_once() {
        found(WrongVariant.LOOKS_AGAIN_AT_ONCE, ONE_STEP_FAILS, 0);
    }

    @Test
    void never_releases() {
        found(WrongVariant.NEVER_RELEASES, ONE_STEP_FAILS, 0);
    }

    /** Where no policy helps, and with so many faults. */
    private static void found(WrongVariant variant, Saga saga, int faults) {
        World.Setting setting = World.Setting.of(saga, faults).wrong(variant);
        assertThatThrownBy(() -> Explorer.all(setting)).isInstanceOfSatisfying(Explorer.Contradiction.class, found -> {
            System.out.printf(
                    "found %s after %,d states of a saga %s with %d faults: %.200s%n",
                    variant, found.states, saga.name(), faults, found.kind);
            assertThat(found.kind).contains(variant.noticed);
        });
    }
}
