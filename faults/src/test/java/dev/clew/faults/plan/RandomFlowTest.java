package dev.clew.faults.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.faults.plan.Flow.Ask;
import dev.clew.faults.plan.RandomFlow.Step;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How what is drawn may end. The graph is of a root, a pivot after it, one step beside the pivot, and one past it. */
class RandomFlowTest {
    private static RandomFlow flow(String failing, Ask ask, String askAt) {
        List<Step> steps = List.of(
                step("root", Set.of(), failing),
                step("pivot", Set.of("root"), failing),
                step("beside", Set.of("root"), failing),
                step("past", Set.of("pivot"), failing));
        return new RandomFlow(
                steps,
                true,
                false,
                0,
                Optional.of("pivot"),
                ask,
                Optional.of(askAt).filter(at -> !at.isEmpty()));
    }

    private static Step step(String name, Set<String> after, String failing) {
        return new Step(name, after, name.equals(failing) ? 1 : 0, 0, "0", Optional.of(0));
    }

    private static Set<String> ends(String failing) {
        return flow(failing, Ask.NOTHING, "").ends();
    }

    @Test
    void aFailureStallsPastThePivotOnlyAndIsRolledBackThen() {
        assertThat(ends("none")).containsExactly("Succeeded");
        assertThat(ends("root")).containsExactly("Failed");
        assertThat(ends("pivot")).containsExactly("Failed");
        assertThat(ends("beside")).containsExactlyInAnyOrder("Failed", "RolledBack");
        assertThat(ends("past")).containsExactly("RolledBack");
    }

    @Test
    void aCancellationMayComeTooLateOrPastThePivot() {
        assertThat(flow("none", Ask.CANCEL, "beside").ends())
                .containsExactlyInAnyOrder("Succeeded", "Cancelled", "RolledBack");
        assertThat(flow("none", Ask.CANCEL, "past").ends()).containsExactlyInAnyOrder("Succeeded", "RolledBack");
        assertThat(flow("pivot", Ask.DELETE, "root").ends()).containsExactlyInAnyOrder("Failed", "Cancelled");
        assertThat(flow("none", Ask.DELETE, "").ends()).containsExactly("Succeeded");
    }

    @Test
    void aRollbackIsOfASuccessToo() {
        assertThat(flow("none", Ask.ROLL_BACK, "").ends()).containsExactly("RolledBack");
        assertThat(flow("root", Ask.ROLL_BACK, "").ends()).containsExactly("Failed");
        assertThat(flow("root", Ask.ROLL_BACK, "root").ends()).containsExactlyInAnyOrder("Failed", "RolledBack");
    }

    @Test
    void whatIsDrawnIsAFunctionOfTheSeed() {
        assertThat(RandomFlow.draw(new Random(7))).isEqualTo(RandomFlow.draw(new Random(7)));
    }
}
