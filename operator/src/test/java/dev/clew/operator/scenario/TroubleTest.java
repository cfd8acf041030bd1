package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.Names;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.RunPhase;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What others do to runs. */
@WithClew
class TroubleTest {
    private static final String ONE = """
            apiVersion: clew.dev/v1alpha1
            kind: WorkflowRun
            metadata: {name: one}
            spec:
              workflow:
                pod: {terminationGracePeriodSeconds: 1}
                steps:
                - name: a
                  container: {image: busybox, command: [sh, -c, '%s']}
                  compensation: {container: {image: busybox, command: ['true']}}
                - name: b
                  container: {image: busybox, command: [sleep, '2']}
            """;

    /** A run that stalls: neither its step nor what undoes it works. */
    private static final String STUCK = """
            apiVersion: clew.dev/v1alpha1
            kind: WorkflowRun
            metadata: {name: stuck}
            spec:
              workflow:
                steps:
                - name: a
                  container: {image: busybox, command: ['false']}
                  compensation: {retry: {limit: 0}, container: {image: busybox, command: ['false']}}
            """;

    private static String message(WorkflowRun run) {
        return run.getStatus() == null
                ? ""
                : Objects.requireNonNullElse(run.getStatus().message(), "");
    }

    @Test
    void aPodThatTheQuotaRefusesIsShownAndMadeOnceThereIsRoom(Scenario scenario) {
        var quota = new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("none")
                .endMetadata()
                .withNewSpec()
                .withHard(Map.of("pods", new Quantity("0")))
                .endSpec()
                .build();
        scenario.client().resource(quota).inNamespace(scenario.namespace()).create();
        var stored = scenario.client()
                .resourceQuotas()
                .inNamespace(scenario.namespace())
                .withName("none");
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> stored.get().getStatus() != null
                        && !stored.get().getStatus().getHard().isEmpty());
        scenario.apply(ONE.formatted("exit 0"));
        scenario.await(
                "one",
                found -> message(found).contains("a waits: CreateRefused: pods")
                        && message(found).contains("exceeded quota: none"));
        stored.delete();
        scenario.awaitEnd("one", RunPhase.Succeeded);
    }

    @Test
    void aLongStepIsShownAsRunningWithTheUidOfItsPod(Scenario scenario) {
        scenario.apply(ONE.formatted("sleep 7"));
        WorkflowRun run = scenario.await(
                "one",
                found -> found.getStatus() != null
                        && !found.getStatus().steps().isEmpty()
                        && Scenario.step(found, "a").attempts().getFirst().state() == AttemptState.Running);
        var pod = Objects.requireNonNull(
                Scenario.step(run, "a").attempts().getFirst().pod());
        assertThat(pod.uid())
                .isEqualTo(scenario.pods("one").getFirst().getMetadata().getUid());
        scenario.awaitEnd("one", RunPhase.Succeeded);
    }

    @Test
    void aRunOfOneLongStepEndsWhenItsTimeIsUp(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: late}
                spec:
                  workflow:
                    timeoutSeconds: 2
                    pod: {terminationGracePeriodSeconds: 1}
                    steps: [{name: a, container: {image: busybox, command: [sleep, '600']}}]
                """);
        assertThat(message(scenario.awaitEnd("late", RunPhase.Failed)))
                .isEqualTo("the run took longer than 2 s; there was nothing to undo");
    }

    @Test
    void aFinalizerThatSomebodyTookOffIsPutBack(Scenario scenario) {
        scenario.apply(ONE.formatted("sleep 3"));
        scenario.await(
                "one", found -> found.getStatus() != null && found.getStatus().workflow() != null);
        scenario.resource("one").patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":[]}}");
        scenario.await(
                "one",
                found -> "b".equals(found.getStatus().current())
                        && found.getMetadata().getFinalizers().contains(Names.RUN_FINALIZER));
        scenario.awaitEnd("one", RunPhase.Succeeded);
    }

    @Test
    void theSnapshotThatARunWorksOnHasNoOwner(Scenario scenario) {
        scenario.apply(Flows.saga("trip", "a", "b", "c", "exit 0", "exit 0", "exit 0"));
        scenario.apply(Flows.run("trip-1", "trip"));
        WorkflowRun run = scenario.awaitEnd("trip-1", RunPhase.Succeeded);
        var revision = scenario.client()
                .apps()
                .controllerRevisions()
                .inNamespace(scenario.namespace())
                .withName(Objects.requireNonNull(run.getStatus().workflow()).revision())
                .get();
        assertThat(revision.getMetadata().getOwnerReferences()).isEmpty();
    }

    @Test
    void runsThatAreReplacedUnderTheSameNameAgainAndAgainAllRun(Scenario scenario) {
        scenario.apply(Flows.saga("trip", "a", "b", "c", "exit 0", "exit 0", "exit 0"));
        for (int i = 0; i < 25; i++) {
            scenario.apply(Flows.run("trip-1", "trip"));
            WorkflowRun run = scenario.awaitEnd("trip-1", RunPhase.Succeeded);
            String uid = run.getMetadata().getUid();
            scenario.await(
                    "trip-1", found -> found.getMetadata().getFinalizers().isEmpty());
            scenario.resource("trip-1").delete();
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> {
                WorkflowRun found = scenario.resource("trip-1").get();
                return found == null || !found.getMetadata().getUid().equals(uid);
            });
        }
    }

    @Test
    void aStalledRunDoesNotHoldUpItsNamespace(Scenario scenario) {
        scenario.apply(STUCK);
        scenario.await("stuck", found -> Scenario.phase(found) == RunPhase.Stalled);
        scenario.client().namespaces().withName(scenario.namespace()).delete();
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> scenario.resource("stuck").get() == null);
    }

    @Test
    void aDeletedRunThatIsStalledSaysHowToLetItGo(Scenario scenario) throws Exception {
        scenario.apply(STUCK);
        scenario.await("stuck", found -> Scenario.phase(found) == RunPhase.Stalled);
        scenario.resource("stuck").delete();
        WorkflowRun run = scenario.await("stuck", found -> message(found).contains("to let it go as it is: kubectl "));
        String line = message(run)
                .replaceFirst(".*to let it go as it is: kubectl ", "")
                .replaceFirst("; .*", "");
        var kubectl = new ProcessBuilder(List.of("sh", "-c", scenario.cluster().kubectl() + " " + line));
        kubectl.environment().put("KUBECONFIG", scenario.cluster().kubeconfig().toString());
        assertThat(kubectl.start().waitFor()).isZero();
        Awaitility.await().until(() -> scenario.resource("stuck").get() == null);
    }
}
