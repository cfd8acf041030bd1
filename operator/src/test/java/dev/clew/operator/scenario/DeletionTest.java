package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@WithClew
class DeletionTest {
    private static final String LEDGER_RUN = """
            apiVersion: clew.dev/v1alpha1
            kind: WorkflowRun
            metadata: {name: deleted}
            spec:
              params: [{name: ledger, value: %s}]
              workflow:
                params: [{name: ledger}]
                pod: {terminationGracePeriodSeconds: 1}
                steps:
                - name: a
                  container: {image: busybox, command: [sh, -c, 'echo a >> $0', $(params.ledger)]}
                  compensation: {container: {image: busybox, command: [sh, -c, 'echo undo a >> $0', $(params.ledger)]}}
                - name: b
                  container: {image: busybox, command: [sh, -c, 'echo b >> $0; sleep 600', $(params.ledger)]}
                  compensation: {container: {image: busybox, command: [sh, -c, 'echo undo b >> $0', $(params.ledger)]}}
                - name: c
                  container: {image: busybox, command: [sh, -c, 'echo c >> $0', $(params.ledger)]}
            """;

    @ParameterizedTest
    @EnumSource(DeletionPropagation.class)
    void aRunningRunThatIsDeletedIsUndoneAndThenGoes(DeletionPropagation how, Scenario scenario) throws Exception {
        Path ledger = scenario.cluster().stateDirectory().resolve(scenario.namespace());
        scenario.apply(LEDGER_RUN.formatted(ledger));
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> Files.exists(ledger) && Files.readAllLines(ledger).contains("b"));

        scenario.resource("deleted").withPropagationPolicy(how).delete();

        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> scenario.resource("deleted").get() == null);
        assertThat(Files.readAllLines(ledger)).isEqualTo(List.of("a", "b", "undo b", "undo a"));
        // what an owner had is removed by the garbage collector; what had none, Clew removed; orphans may stay
        if (how != DeletionPropagation.ORPHAN) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> scenario.pods("deleted").isEmpty());
        }
        assertThat(scenario.pods("deleted"))
                .allMatch(pod -> pod.getMetadata().getFinalizers().isEmpty());
    }

    @Test
    void aFinishedRunThatIsDeletedGoesAtOnceWithItsPods(Scenario scenario) {
        scenario.apply(Flows.saga("trip", "a", "b", "c", "exit 0", "exit 0", "exit 0"));
        scenario.apply(Flows.run("trip-1", "trip"));
        WorkflowRun run = scenario.awaitEnd("trip-1", RunPhase.Succeeded);
        scenario.await("trip-1", found -> found.getMetadata().getFinalizers().isEmpty());
        scenario.client().resource(run).delete();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> scenario.resource("trip-1").get() == null
                        && scenario.pods("trip-1").isEmpty());
    }

    @Test
    void aRunThatNeverBeganGoesAtOnce(Scenario scenario) {
        scenario.apply(Flows.run("waiting", "nothing"));
        scenario.await("waiting", found -> Scenario.phase(found) == RunPhase.Pending);
        scenario.resource("waiting").delete();
        Awaitility.await().until(() -> scenario.resource("waiting").get() == null);
    }

    @Test
    void aNamespaceThatIsDeletedIsNotHeldUp(Scenario scenario) {
        scenario.apply(LEDGER_RUN.formatted("/dev/null"));
        scenario.await(
                "deleted",
                found -> found.getStatus() != null
                        && "1/3".equals(found.getStatus().progress()));
        scenario.client().namespaces().withName(scenario.namespace()).delete();
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> scenario.client()
                                .namespaces()
                                .withName(scenario.namespace())
                                .get()
                        == null);
    }
}
