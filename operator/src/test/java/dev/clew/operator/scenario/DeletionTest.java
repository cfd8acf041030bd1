package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.clew.api.ConditionStatus;
import dev.clew.api.Names;
import dev.clew.api.Workflow;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
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

    /** Its second step fails; what undoes that waits for a sign, and has no retry. */
    private static final String TURNED_BACK = """
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
                  container: {image: busybox, command: [sh, -c, 'exit 1']}
                  compensation:
                    retry: {limit: 0, backoffSeconds: 0}
                    container:
                      image: busybox
                      command:
                      - sh
                      - -c
                      - 'echo undoing b >> $0; until test -e $0.go; do sleep 0.1; done; echo undo b >> $0'
                      - $(params.ledger)
            """;

    /** Its second step is the point of no return, its third one waits. */
    private static final String PAST_PIVOT = """
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
                - name: pivot
                  pivot: true
                  container: {image: busybox, command: [sh, -c, 'echo pivot >> $0', $(params.ledger)]}
                  compensation: {container: {image: busybox, command: [sh, -c, 'echo undo pivot >> $0', $(params.ledger)]}}
                - name: b
                  container: {image: busybox, command: [sh, -c, 'echo b >> $0; sleep 600', $(params.ledger)]}
            """;

    private static Path ledger(Scenario scenario) {
        return scenario.cluster().stateDirectory().resolve(scenario.namespace());
    }

    private static List<String> written(Scenario scenario) throws IOException {
        Path ledger = ledger(scenario);
        return Files.exists(ledger) ? Files.readAllLines(ledger) : List.of();
    }

    /** Starts a run that keeps a ledger, and waits until the given line is in the ledger. */
    private static void start(Scenario scenario, String run, String line) {
        scenario.apply(run.formatted(ledger(scenario)));
        awaitWritten(scenario, line, 1);
    }

    private static void awaitWritten(Scenario scenario, String line, int times) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(150))
                .until(() -> Collections.frequency(written(scenario), line) == times);
    }

    private static void goOn(Scenario scenario) throws IOException {
        Files.createFile(Path.of(ledger(scenario) + ".go"));
    }

    private static boolean isReleased(Pod pod) {
        return pod.getMetadata().getFinalizers().isEmpty();
    }

    /** In the foreground the garbage collector deletes a run's pods at once; but not those that it has not heard of yet. */
    private static void delete(DeletionPropagation how, Scenario scenario) {
        List<Pod> pods = scenario.pods("deleted");
        scenario.resource("deleted").withPropagationPolicy(how).delete();
        if (how == DeletionPropagation.FOREGROUND) {
            pods.forEach(pod -> scenario.client()
                    .pods()
                    .inNamespace(scenario.namespace())
                    .withName(pod.getMetadata().getName())
                    .delete());
        }
    }

    private static void awaitNoPods(Scenario scenario) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(150))
                .until(() -> scenario.pods("deleted").isEmpty());
    }

    @ParameterizedTest
    @EnumSource(DeletionPropagation.class)
    void aRunningRunThatIsDeletedIsUndoneAndThenGoes(DeletionPropagation how, Scenario scenario) throws Exception {
        start(scenario, LEDGER_RUN, "b");

        scenario.resource("deleted").withPropagationPolicy(how).delete();

        scenario.awaitGone("deleted");
        assertThat(written(scenario)).isEqualTo(List.of("a", "b", "undo b", "undo a"));
        // what an owner had is removed by the garbage collector; what had none, Clew removed; orphans may stay
        if (how != DeletionPropagation.ORPHAN) {
            awaitNoPods(scenario);
        }
        assertThat(scenario.pods("deleted"))
                .allMatch(DeletionTest::isReleased)
                .allMatch(pod -> pod.getMetadata().getOwnerReferences().isEmpty())
                .extracting(pod -> pod.getMetadata().getLabels().get("clew.dev/step"))
                .isSubsetOf("a", "b");
    }

    @ParameterizedTest
    @EnumSource(DeletionPropagation.class)
    void aCompensatingRunThatIsDeletedGoesOnToTheEndAndThenGoes(DeletionPropagation how, Scenario scenario)
            throws Exception {
        start(scenario, TURNED_BACK, "undoing b");

        delete(how, scenario);

        scenario.await("deleted", found -> found.getStatus().intent() != null);
        if (how == DeletionPropagation.FOREGROUND) {
            // its pods are deleted at once; what undoes b has no retry, and is begun again all the same
            awaitWritten(scenario, "undoing b", 2);
        }
        goOn(scenario);
        scenario.awaitGone("deleted");
        assertThat(written(scenario))
                .filteredOn(line -> !line.equals("undoing b"))
                .isEqualTo(List.of("a", "undo b", "undo a"));
        if (how != DeletionPropagation.ORPHAN) {
            awaitNoPods(scenario);
        }
        assertThat(scenario.pods("deleted")).allMatch(DeletionTest::isReleased);
    }

    @Test
    void aRunThatStalledOnItsWayForwardWaitsForAPersonWhenItIsDeleted(Scenario scenario) throws Exception {
        scenario.apply(LEDGER_RUN
                .formatted(ledger(scenario))
                .replace("pod:", "onFailure: Stall\n    pod:")
                .replace("sleep 600", "exit 1"));
        scenario.await("deleted", found -> Scenario.phase(found) == RunPhase.Stalled);
        scenario.resource("deleted").delete();
        WorkflowRun waiting = scenario.await(
                "deleted", found -> found.getStatus().message().contains("to let it go as it is: kubectl patch"));
        assertThat(waiting.getStatus().message()).doesNotContain("RetryStep");
        scenario.typeWhatIsSaid("deleted", "to undo it:");
        scenario.awaitGone("deleted");
        assertThat(written(scenario)).isEqualTo(List.of("a", "b", "undo b", "undo a"));
    }

    @ParameterizedTest
    @EnumSource(DeletionPropagation.class)
    void aFinishedRunThatIsDeletedGoesAtOnceWithItsPods(DeletionPropagation how, Scenario scenario) throws Exception {
        scenario.apply(LEDGER_RUN.formatted(ledger(scenario)).replace("sleep 600", "exit 0"));
        scenario.awaitEnd("deleted", RunPhase.Succeeded);
        scenario.resource("deleted").withPropagationPolicy(how).delete();
        scenario.awaitGone("deleted");
        if (how == DeletionPropagation.ORPHAN) {
            assertThat(scenario.pods("deleted")).hasSize(3).allMatch(DeletionTest::isReleased);
        } else {
            awaitNoPods(scenario);
        }
        assertThat(written(scenario)).isEqualTo(List.of("a", "b", "c"));
    }

    @Test
    void aRunThatNeverBeganGoesAtOnce(Scenario scenario) {
        scenario.apply(Flows.run("waiting", "nothing"));
        scenario.await("waiting", found -> Scenario.phase(found) == RunPhase.Pending);
        scenario.resource("waiting").delete();
        scenario.awaitGone("waiting");
    }

    @Test
    void whoeverDeletesARunAgainAndByForceHurriesNothing(Scenario scenario) throws Exception {
        start(scenario, TURNED_BACK, "undoing b");
        scenario.resource("deleted").delete();
        scenario.await("deleted", found -> found.getStatus().intent() != null);
        scenario.kubectl("delete", "wfr", "deleted", "--force", "--grace-period=0", "--wait=false");
        assertThat(Scenario.phase(scenario.run("deleted"))).isEqualTo(RunPhase.Compensating);
        goOn(scenario);
        scenario.awaitGone("deleted");
        assertThat(written(scenario)).isEqualTo(List.of("a", "undoing b", "undo b", "undo a"));
    }

    @Test
    void anotherRunOfItsNameIsRefusedUntilItIsUndoneAndThenRunsAfresh(Scenario scenario) throws Exception {
        start(scenario, TURNED_BACK, "undoing b");
        String uid = scenario.run("deleted").getMetadata().getUid();
        scenario.resource("deleted").delete();
        WorkflowRun again = scenario.client()
                .getKubernetesSerialization()
                .unmarshal(LEDGER_RUN.formatted(ledger(scenario)).replace("sleep 600", "exit 0"), WorkflowRun.class);
        var resource = scenario.client().resource(again).inNamespace(scenario.namespace());
        assertThatThrownBy(resource::create)
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("object is being deleted")
                .hasMessageContaining("already exists");
        goOn(scenario);
        Awaitility.await()
                .atMost(Duration.ofSeconds(150))
                .ignoreException(KubernetesClientException.class)
                .until(() -> resource.create() != null);

        WorkflowRun ended = scenario.awaitEnd("deleted", RunPhase.Succeeded);

        assertThat(ended.getMetadata().getUid()).isNotEqualTo(uid);
        assertThat(Scenario.claims(ended)).isEqualTo(List.of("a", "b", "c"));
        assertThat(written(scenario)).isEqualTo(List.of("a", "undoing b", "undo b", "undo a", "a", "b", "c"));
    }

    @Test
    void aRunWhoseWorkflowIsDeletedMeanwhileIsUndoneAllTheSame(Scenario scenario) {
        scenario.apply(Flows.saga("trip", "a", "b", "c", "exit 0", "sleep 2", "exit 1"));
        scenario.apply(Flows.run("trip-1", "trip"));
        scenario.await("trip-1", found -> Scenario.claims(found).contains("b"));
        scenario.client()
                .resources(Workflow.class)
                .inNamespace(scenario.namespace())
                .withName("trip")
                .delete();
        WorkflowRun ended = scenario.awaitEnd("trip-1", RunPhase.Failed);
        assertThat(Scenario.claims(ended)).isEqualTo(List.of("a", "b", "c", "undo c", "undo b", "undo a"));
    }

    @Test
    void aRunningRunThatIsAbandonedIsStoppedAndGoesAndNothingIsUndone(Scenario scenario) throws Exception {
        start(scenario, LEDGER_RUN.replace("spec:", "spec:\n  deletionPolicy: Abandon"), "b");
        try (History history = History.of("deleted", scenario)) {
            scenario.resource("deleted").delete();
            scenario.awaitGone("deleted");
            WorkflowRun last = history.awaitDeleted();
            assertThat(Scenario.phase(last)).isEqualTo(RunPhase.Terminated);
            assertThat(last.getStatus().message()).isEqualTo("terminated: nothing was undone");
            assertThat(Scenario.claims(last)).isEqualTo(List.of("a", "b"));
        }
        awaitNoPods(scenario);
        assertThat(written(scenario)).isEqualTo(List.of("a", "b"));
    }

    @Test
    void aCompensatingRunThatIsAbandonedStopsToUndoAndGoes(Scenario scenario) throws Exception {
        start(scenario, TURNED_BACK, "undoing b");
        scenario.patch("deleted", "deletionPolicy", "Abandon");
        try (History history = History.of("deleted", scenario)) {
            scenario.resource("deleted").delete();
            scenario.awaitGone("deleted");
            WorkflowRun last = history.awaitDeleted();
            assertThat(Scenario.phase(last)).isEqualTo(RunPhase.Terminated);
            assertThat(Scenario.claims(last)).isEqualTo(List.of("a", "b", "undo b"));
        }
        awaitNoPods(scenario);
        assertThat(written(scenario)).isEqualTo(List.of("a", "undoing b"));
    }

    @Test
    void deletedPastItsPivotItStopsAndWaitsForAPersonWhoRollsItBack(Scenario scenario) throws Exception {
        start(scenario, PAST_PIVOT, "b");
        scenario.resource("deleted").delete();
        awaitWaitsForAPerson(scenario);
        scenario.typeWhatIsSaid("deleted", "to undo it all:");
        scenario.awaitGone("deleted");
        assertThat(written(scenario)).isEqualTo(List.of("a", "pivot", "b", "undo pivot", "undo a"));
    }

    @Test
    void deletedPastItsPivotItStopsAndWaitsForAPersonWhoLetsItGo(Scenario scenario) throws Exception {
        start(scenario, PAST_PIVOT, "b");
        scenario.resource("deleted").delete();
        awaitWaitsForAPerson(scenario);
        scenario.typeWhatIsSaid("deleted", "to let it go as it is:");
        scenario.awaitGone("deleted");
        assertThat(written(scenario)).isEqualTo(List.of("a", "pivot", "b"));
    }

    private static void awaitWaitsForAPerson(Scenario scenario) {
        WorkflowRun waiting = scenario.await(
                "deleted",
                found -> Scenario.phase(found) == RunPhase.Stalled
                        && Scenario.step(found, "b").attempts().getFirst().over());
        assertThat(waiting.getStatus().message()).startsWith("cancelled: the run was deleted, past its pivot");
        assertThat(waiting.getStatus().conditions())
                .filteredOn(condition -> condition.type().equals("ActionRequired"))
                .allMatch(condition ->
                        condition.status() == ConditionStatus.True && Objects.equals(condition.reason(), "PastPivot"))
                .hasSize(1);
    }

    /** In the foreground the pod that undoes b is made during the deletion: it has no owner, and nobody deletes it. */
    @ParameterizedTest
    @EnumSource(names = {"BACKGROUND", "FOREGROUND"})
    void aRunThatIsForcedToGoLeavesNoPodThatClewHolds(DeletionPropagation how, Scenario scenario) throws Exception {
        start(scenario, TURNED_BACK, "undoing b");
        delete(how, scenario);
        if (how == DeletionPropagation.FOREGROUND) {
            awaitWritten(scenario, "undoing b", 2);
        }
        scenario.resource("deleted").patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":[]}}");
        scenario.awaitGone("deleted");

        Awaitility.await()
                .atMost(Duration.ofSeconds(150))
                .until(() -> scenario.pods("deleted").stream().allMatch(DeletionTest::isReleased));
        if (how == DeletionPropagation.BACKGROUND) {
            awaitNoPods(scenario);
        }
        goOn(scenario);
        assertThat(written(scenario)).doesNotContain("undo a");
    }

    @Test
    void theFinalizerOfAnotherIsLeftAloneAndHoldsTheRunOnlyForThatOther(Scenario scenario) throws Exception {
        start(scenario, LEDGER_RUN.replace("{name: deleted}", "{name: deleted, finalizers: [example.com/audit]}"), "b");
        assertThat(scenario.run("deleted").getMetadata().getFinalizers())
                .containsExactlyInAnyOrder("example.com/audit", Names.RUN_FINALIZER);
        scenario.resource("deleted").delete();
        WorkflowRun held = scenario.await(
                "deleted", found -> found.getMetadata().getFinalizers().equals(List.of("example.com/audit")));
        assertThat(Scenario.phase(held)).isEqualTo(RunPhase.Cancelled);
        assertThat(written(scenario)).isEqualTo(List.of("a", "b", "undo b", "undo a"));
        assertThat(scenario.pods("deleted")).allMatch(DeletionTest::isReleased);

        scenario.resource("deleted").patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":[]}}");
        scenario.awaitGone("deleted");
        awaitNoPods(scenario);
    }

    @Test
    void aNamespaceThatIsDeletedIsNotHeldUp(Scenario scenario) {
        start(scenario, LEDGER_RUN, "b");
        awaitNamespaceGoes(scenario);
    }

    @Test
    void aNamespaceThatIsDeletedIsNotHeldUpByWhatIsStillToBeUndone(Scenario scenario) {
        start(scenario, TURNED_BACK, "undoing b");
        scenario.resource("deleted").delete();
        awaitNamespaceGoes(scenario);
    }

    private static void awaitNamespaceGoes(Scenario scenario) {
        var namespace = scenario.client().namespaces().withName(scenario.namespace());
        namespace.delete();
        Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> namespace.get() == null);
    }
}
