package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import dev.clew.devcluster.kubelet.ScriptedOutcome;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated
@WithClew
class ManyRunsTest {
    private static final int RUNS = 200;

    @Test
    void twoHundredRunsAtOnceAllEnd(Scenario scenario) {
        scenario.cluster()
                .kubelet()
                .script(
                        pod -> scenario.namespace().equals(pod.getMetadata().getNamespace()),
                        ScriptedOutcome.exit(0).after(Duration.ofMillis(20)));
        scenario.apply(Flows.saga("trip", "a", "b", "c", "exit 0", "exit 0", "exit 0"));
        for (int i = 0; i < RUNS; i++) {
            scenario.apply(Flows.run("trip-" + i, "trip"));
        }
        Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .untilAsserted(() -> assertThat(runs(scenario))
                        .hasSize(RUNS)
                        .allMatch(run -> Scenario.phase(run) == RunPhase.Succeeded
                                && run.getMetadata().getFinalizers().isEmpty()));
        assertThat(scenario.client()
                        .pods()
                        .inNamespace(scenario.namespace())
                        .list()
                        .getItems())
                .hasSize(3 * RUNS)
                .allMatch(pod -> pod.getMetadata().getFinalizers().isEmpty());
    }

    @Test
    void aRunOfAsManyStepsAsThereMayBeRunsThemBesideEachOther(Scenario scenario) {
        scenario.cluster()
                .kubelet()
                .script(
                        pod -> scenario.namespace().equals(pod.getMetadata().getNamespace()),
                        ScriptedOutcome.exit(0).after(Duration.ofMillis(20)));
        var steps = new StringBuilder();
        for (int i = 0; i < 511; i++) {
            steps.append("    - {name: s%d, container: {image: busybox}}\n".formatted(i));
        }
        steps.append("    - {name: last, dependsOn: [s0, s510], container: {image: busybox}}\n");
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: fan}
                spec:
                  workflow:
                    order: Graph
                    steps:
                """ + steps);
        WorkflowRun run = scenario.awaitEnd("fan", RunPhase.Succeeded);
        assertThat(run.getStatus().progress()).isEqualTo("512/512");
        assertThat(run.getStatus().steps()).allMatch(step -> step.attempts().size() == 1);
    }

    private static List<WorkflowRun> runs(Scenario scenario) {
        return scenario.client()
                .resources(WorkflowRun.class)
                .inNamespace(scenario.namespace())
                .list()
                .getItems();
    }
}
