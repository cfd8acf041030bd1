package dev.clew.engine.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.container.Container;
import dev.clew.api.run.CompensationPhase;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.api.workflow.Compensation;
import dev.clew.api.workflow.Order;
import dev.clew.api.workflow.Retry;
import dev.clew.api.workflow.Step;
import dev.clew.api.workflow.When;
import dev.clew.api.workflow.WorkflowSpec;
import dev.clew.engine.run.RunView;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever happens in whatever order, what is promised holds; and once all is calm, every run comes to its end. */
class RandomRunsTest {
    @Provide
    Arbitrary<WorkflowSpec> workflows() {
        return Arbitraries.randoms().map(RandomRunsTest::workflow);
    }

    static WorkflowSpec workflow(Random random) {
        boolean graph = random.nextBoolean();
        int size = 1 + random.nextInt(5);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<String> dependsOn = new ArrayList<>();
            for (int j = 0; graph && j < i; j++) {
                if (random.nextInt(3) == 0) {
                    dependsOn.add("s" + j);
                }
            }
            Integer timeout = random.nextInt(3) == 0 ? 60 : null;
            var retry = new Retry(random.nextInt(3), random.nextInt(5), null, null);
            Compensation compensation = random.nextInt(4) == 0
                    ? null
                    : new Compensation(
                            random.nextInt(3) == 0 ? When.Succeeded : When.Started, container(), null, 60, 120);
            steps.add(new Step(
                    "s" + i, dependsOn, List.of(), retry, null, null, timeout, 120, container(), compensation));
        }
        Integer timeout = random.nextInt(3) == 0 ? 300 : null;
        return new WorkflowSpec(
                List.of(), graph ? Order.Graph : Order.Sequential, timeout, null, null, null, null, null, null, steps);
    }

    private static Container container() {
        return new Container(
                "busybox:1.36", List.of(), List.of(), null, List.of(), List.of(), null, List.of(), null, null, null);
    }

    @Property(tries = 600, shrinking = ShrinkingMode.OFF)
    void whatever_happens_what_is_promised_holds(@ForAll("workflows") WorkflowSpec spec, @ForAll long seed) {
        var operation = new Operation(spec);
        tryHard(operation, seed);
        assertEnded(operation);
    }

    /** The oracle fails at the first contradiction. */
    private static void tryHard(Operation operation, long seed) {
        var random = new Random(seed);
        operation.cluster.let(Faults.random(random, 10, 30));
        operation.anything(random, 400, true);
        operation.calm();
    }

    private static void assertEnded(Operation operation) {
        WorkflowRunStatus status = operation.status();
        RunPhase phase = status.phase();
        if (phase == RunPhase.Stalled) {
            assertThat(status.steps())
                    .anyMatch(step ->
                            step.compensation() != null && step.compensation().phase() == CompensationPhase.Failed);
            return;
        }
        // a run that was deleted before it began has nothing to say
        boolean neverBegan =
                operation.cluster.stored().isEmpty() && status.steps().isEmpty();
        assertThat(neverBegan || (phase != null && phase.isEnd()))
                .as("the run should have come to an end: %s", operation)
                .isTrue();
        assertThat(operation.cluster.pods.values()).noneMatch(SimulatedPod::tracked);
        assertThat(operation.cluster.stored().map(RunView::finalizers).orElse(List.of()))
                .isEmpty();
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void a_run_that_nothing_disturbs_succeeds_within_its_budget_of_writes(@ForAll("workflows") WorkflowSpec spec) {
        var operation = new Operation(spec);
        operation.calm();
        assertThat(operation.status().phase()).isEqualTo(RunPhase.Succeeded);
        int attempts = spec.steps().size();
        SimulatedCluster cluster = operation.cluster;
        assertThat(cluster.requests("create")).isEqualTo(attempts);
        assertThat(cluster.requests("release")).isEqualTo(attempts);
        assertThat(cluster.requests("status") + cluster.requests("finalizer")).isLessThanOrEqualTo(attempts + 3);
        assertThat(cluster.requests("event")).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void what_is_done_wrong_is_noticed(Mutation mutation) {
        for (int seed = 0; seed < 2_000; seed++) {
            var operation = new Operation(workflow(new Random(seed)), mutation);
            try {
                tryHard(operation, seed);
            } catch (AssertionError e) {
                return;
            }
        }
        throw new AssertionError("nobody noticed " + mutation);
    }
}
