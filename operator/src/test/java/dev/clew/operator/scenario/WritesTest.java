package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.RunPhase;
import dev.clew.devcluster.kubelet.ScriptedOutcome;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The budget of design: three writes an attempt, three more a run, one event for a run that goes well. */
@Isolated
@WithClew
class WritesTest {
    @Test
    void aRunThatSucceedsCostsThreeWritesAnAttemptAndThreeMoreAndOneEvent(Scenario scenario) {
        scenario.apply(Flows.saga("trip", "a", "b", "c", "exit 0", "exit 0", "exit 0"));
        Awaitility.await().until(() -> scenario.workflow("trip").getStatus().revision() != null);
        scenario.apply(Flows.run("trip-1", "trip"));
        scenario.awaitEnd("trip-1", RunPhase.Succeeded);
        assertThat(settled(scenario, "trip-1"))
                .isEqualTo(Map.of(
                        "create pods", 3,
                        "patch pods", 3,
                        "patch workflowruns/status", 4,
                        "patch workflowruns", 2,
                        "create events", 1,
                        "create controllerrevisions", 1,
                        "patch workflows/status", 1));
    }

    @Test
    void aRunThatIsUndoneCostsThreeWritesForEachCompensationToo(Scenario scenario) {
        scenario.apply(Flows.saga("trip", "a", "b", "c", "exit 0", "exit 0", "exit 1"));
        Awaitility.await().until(() -> scenario.workflow("trip").getStatus().revision() != null);
        scenario.apply(Flows.run("trip-1", "trip"));
        scenario.awaitEnd("trip-1", RunPhase.Failed);
        Map<String, Integer> writes = settled(scenario, "trip-1");
        assertThat(writes)
                .containsEntry("create pods", 6)
                .containsEntry("patch pods", 6)
                .containsEntry("patch workflowruns/status", 7)
                .containsEntry("patch workflowruns", 2)
                .containsEntry("create events", 2)
                .doesNotContainKey("delete pods");
    }

    @Test
    void anAttemptThatIsTriedAgainCostsThreeMore(Scenario scenario) {
        scenario.apply(Flows.inline("trip-1", """
                steps:
                - name: flaky
                  retry: {limit: 2, backoffSeconds: 0}
                  container: {image: busybox, command: [sh, -c, 'test "$CLEW_ATTEMPT" = 3']}
                """));
        scenario.awaitEnd("trip-1", RunPhase.Succeeded);
        assertThat(settled(scenario, "trip-1"))
                .isEqualTo(Map.of(
                        "create pods", 3,
                        "patch pods", 3,
                        "patch workflowruns/status", 4,
                        "patch workflowruns", 2,
                        "create events", 1));
    }

    @Test
    void aRunThatIsRolledBackCostsThreeWritesForEachCompensationAndThreeMore(Scenario scenario) {
        scenario.apply(Flows.saga("trip", "a", "b", "c", "exit 0", "exit 0", "exit 0"));
        Awaitility.await().until(() -> scenario.workflow("trip").getStatus().revision() != null);
        scenario.apply(Flows.run("trip-1", "trip"));
        scenario.awaitEnd("trip-1", RunPhase.Succeeded);
        scenario.patch("trip-1", "desiredState", "RolledBack");
        scenario.awaitEnd("trip-1", RunPhase.RolledBack);
        Map<String, Integer> writes = settled(scenario, "trip-1", 4);
        assertThat(writes)
                .containsEntry("create pods", 6)
                .containsEntry("patch pods", 6)
                .containsEntry("patch workflowruns/status", 8)
                .containsEntry("patch workflowruns", 4)
                .doesNotContainKey("delete pods");
    }

    @Test
    void theStepsOfAFanShareStatusWrites(Scenario scenario) {
        var held = ScriptedOutcome.held();
        scenario.cluster()
                .kubelet()
                .script(pod -> scenario.namespace().equals(pod.getMetadata().getNamespace()), held);
        var steps = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            steps.append("    - {name: s%d, container: {image: busybox, command: ['true']}}\n".formatted(i));
        }
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: fan}
                spec:
                  workflow:
                    order: Graph
                    steps:
                """ + steps);
        Awaitility.await().until(() -> scenario.pods("fan").size() == 20);
        held.complete(0);
        scenario.awaitEnd("fan", RunPhase.Succeeded);
        Map<String, Integer> writes = settled(scenario, "fan");
        assertThat(writes).containsEntry("create pods", 20).containsEntry("patch pods", 20);
        // one for the claims; the ends come in a burst, of which each write takes what has arrived
        assertThat(writes.get("patch workflowruns/status")).isLessThanOrEqualTo(12);
    }

    /** All is written once the finalizer is off; the event, written beside, may still be on its way. */
    private static Map<String, Integer> settled(Scenario scenario, String run) {
        return settled(scenario, run, 2);
    }

    private static Map<String, Integer> settled(Scenario scenario, String run, int finalizers) {
        scenario.await(run, found -> found.getMetadata().getFinalizers().isEmpty());
        var log = scenario.cluster().auditLog().orElseThrow();
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> Audit.writes(log, scenario.namespace()),
                        writes -> writes.containsKey("create events")
                                && writes.getOrDefault("patch workflowruns", 0) == finalizers);
    }
}
