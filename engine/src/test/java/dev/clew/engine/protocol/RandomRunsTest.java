package dev.clew.engine.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.container.Container;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.api.workflow.BackoffPolicy;
import dev.clew.api.workflow.Compensation;
import dev.clew.api.workflow.CompensationFailure;
import dev.clew.api.workflow.CompensationPolicy;
import dev.clew.api.workflow.ExitCodes;
import dev.clew.api.workflow.FailureAction;
import dev.clew.api.workflow.FailurePolicy;
import dev.clew.api.workflow.FailureRule;
import dev.clew.api.workflow.OnFailure;
import dev.clew.api.workflow.Order;
import dev.clew.api.workflow.Retry;
import dev.clew.api.workflow.RunningSteps;
import dev.clew.api.workflow.Step;
import dev.clew.api.workflow.When;
import dev.clew.api.workflow.WorkflowSpec;
import dev.clew.engine.run.RunView;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.jspecify.annotations.Nullable;
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
        int pivot = random.nextInt(3) == 0 ? random.nextInt(size) : -1;
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<String> dependsOn = new ArrayList<>();
            for (int j = 0; graph && j < i; j++) {
                if (random.nextInt(3) == 0) {
                    dependsOn.add("s" + j);
                }
            }
            Integer timeout = random.nextInt(3) == 0 ? 60 : null;
            int retries = random.nextInt(4) == 0 ? 8 : random.nextInt(3);
            var retry = new Retry(retries, random.nextInt(5), BackoffPolicy.Constant, null);
            Compensation compensation = random.nextInt(4) == 0
                    ? null
                    : new Compensation(
                            random.nextInt(3) == 0 ? When.Succeeded : When.Started,
                            container(),
                            random.nextBoolean() ? null : new Retry(random.nextInt(2), 1, null, null),
                            60,
                            120);
            steps.add(new Step(
                    "s" + i,
                    dependsOn,
                    List.of(),
                    retry,
                    failurePolicy(random),
                    i == pivot ? true : null,
                    timeout,
                    120,
                    container(),
                    compensation));
        }
        return new WorkflowSpec(
                List.of(),
                graph ? Order.Graph : Order.Sequential,
                random.nextInt(3) == 0 ? 300 : null,
                random.nextInt(4) == 0 ? OnFailure.Stall : null,
                random.nextInt(5) == 0 ? random.nextInt(200) : null,
                random.nextInt(3) == 0 ? RunningSteps.Stop : null,
                random.nextInt(3) == 0 ? 1 + random.nextInt(2) : null,
                random.nextInt(2) == 0
                        ? null
                        : new CompensationPolicy(
                                random.nextBoolean() ? Order.Graph : null,
                                random.nextBoolean() ? CompensationFailure.Continue : null),
                null,
                steps);
    }

    private static @Nullable FailurePolicy failurePolicy(Random random) {
        if (random.nextInt(3) > 0) {
            return null;
        }
        FailureAction[] actions = FailureAction.values();
        return new FailurePolicy(List.of(
                new FailureRule(
                        actions[random.nextInt(actions.length)],
                        new ExitCodes(ExitCodes.Operator.In, List.of(3)),
                        List.of()),
                new FailureRule(
                        actions[random.nextInt(actions.length)],
                        new ExitCodes(ExitCodes.Operator.NotIn, List.of(137)),
                        List.of())));
    }

    private static Container container() {
        return new Container(
                "busybox:1.36", List.of(), List.of(), null, List.of(), List.of(), null, List.of(), null, null, null);
    }

    @Property(tries = 1_000, shrinking = ShrinkingMode.OFF)
    void whatever_happens_what_is_promised_holds(@ForAll("workflows") WorkflowSpec spec, @ForAll long seed) {
        tryHard(spec, Mutation.NONE, seed);
    }

    /** Seeds that are near each other give numbers that are not. */
    static Random random(long seed) {
        return new Random(new SplittableRandom(seed).nextLong());
    }

    /** The oracle fails at the first contradiction. */
    static void tryHard(WorkflowSpec spec, Mutation mutation, long seed) {
        Random random = random(seed);
        var operation = new Operation(spec, mutation, random.nextInt(4) == 0 ? "Argo CD" : null);
        operation.cluster.let(Faults.random(random, 10, random.nextInt(4) == 0 ? 80 : 30));
        operation.anything(random, 400, true);
        operation.calm(random);
        assertEnded(operation);
    }

    private static void assertEnded(Operation operation) {
        SimulatedCluster cluster = operation.cluster;
        WorkflowRunStatus status = operation.status();
        RunPhase phase = status.phase();
        // a run that was deleted before it began has nothing to say
        boolean neverBegan = cluster.stored().isEmpty() && status.steps().isEmpty();
        assertThat(neverBegan || (phase != null && phase.isEnd()))
                .as("the run should have come to an end: %s", operation)
                .isTrue();
        assertThat(cluster.pods.values())
                .as("released: %s", operation)
                .noneMatch(SimulatedPod::tracked)
                .noneMatch(pod -> pod.reservation);
        assertThat(cluster.stored().map(RunView::finalizers).orElse(List.of()))
                .as("let go: %s", operation)
                .isEmpty();
        assertThat(cluster.stored().filter(RunView::deleting)).isEmpty();
        assertThat(cluster.pods.values())
                .as("stopped: %s", operation)
                .noneMatch(pod -> pod.facts().othersRunning());
        if (cluster.stored().filter(run -> run.gitOps() == null).isPresent()) {
            assertThat(cluster.stored().get().spec().ttlSecondsAfterFinished())
                    .as("it should have been deleted: %s", operation)
                    .isNull();
        }
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
        Noticed.by(mutation.noticed, seed -> tryHard(workflow(random(seed)), mutation, seed));
    }
}
