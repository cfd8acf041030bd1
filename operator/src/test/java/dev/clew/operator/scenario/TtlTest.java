package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a run is kept after its end. */
@WithClew
class TtlTest {
    private static String workflow(int seconds) {
        return """
                apiVersion: clew.dev/v1alpha1
                kind: Workflow
                metadata: {name: order}
                spec:
                  ttlSecondsAfterFinished: %d
                  steps:
                  - name: charge
                    container: {image: busybox, command: [sh, -c, 'exit 0']}
                    compensation: {container: {image: busybox, command: [sleep, '2']}}
                """.formatted(seconds);
    }

    /** A run of it; with a part of its metadata and of its spec, each with a comma before it. */
    private static String run(String name, String metadata, String spec) {
        return """
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: %s%s}
                spec: {workflowRef: {name: order}%s}
                """.formatted(name, metadata, spec);
    }

    private static void keep(Scenario scenario, String run, int seconds) {
        scenario.resource(run)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\":{\"ttlSecondsAfterFinished\":" + seconds + "}}");
    }

    private static void assertDeletedAfter(History history, int seconds) throws Exception {
        WorkflowRun last = history.awaitDeleted();
        assertThat(history.deletedAt())
                .isAfterOrEqualTo(Objects.requireNonNull(last.getStatus().completionTime())
                        .plusSeconds(seconds));
    }

    @Test
    void aRunIsDeletedAfterTheTimeThatItsWorkflowGivesIt(Scenario scenario) throws Exception {
        scenario.apply(workflow(2));
        scenario.apply(run("order-1", "", ""));
        try (History history = History.of("order-1", scenario)) {
            assertDeletedAfter(history, 2);
            assertThat(Scenario.phase(history.awaitDeleted())).isEqualTo(RunPhase.Succeeded);
        }
        Awaitility.await().until(() -> scenario.pods("order-1").isEmpty());
    }

    @Test
    void theTimeThatTheRunGivesItselfWins(Scenario scenario) throws Exception {
        scenario.apply(workflow(1));
        scenario.apply(run("long", "", ", ttlSecondsAfterFinished: 3600"));
        scenario.awaitEnd("long", RunPhase.Succeeded);
        scenario.apply(run("order-2", "", ""));
        scenario.awaitGone("order-2");
        assertThat(scenario.resource("long").get()).isNotNull();

        scenario.apply(workflow(3600));
        Awaitility.await()
                .until(() ->
                        Objects.equals(scenario.workflow("order").getStatus().observedGeneration(), 2L));
        scenario.apply(run("short", "", ", ttlSecondsAfterFinished: 0"));
        scenario.awaitGone("short");
    }

    @Test
    void aRunThatWaitsForAPersonIsKeptUntilItHasEnded(Scenario scenario) {
        String yaml = """
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: %s}
                spec:
                  ttlSecondsAfterFinished: 0
                  workflow:
                    onFailure: %s
                    steps: [{name: a, container: {image: busybox, command: [sh, -c, 'test "$CLEW_ATTEMPT" = 2']}}]
                """;
        scenario.apply(yaml.formatted("stalled", "Stall"));
        scenario.await("stalled", found -> Scenario.phase(found) == RunPhase.Stalled);
        scenario.apply(yaml.formatted("failed", "Compensate"));
        scenario.awaitGone("failed");
        assertThat(Scenario.phase(scenario.run("stalled"))).isEqualTo(RunPhase.Stalled);
        scenario.typeWhatIsSaid("stalled", "to try again:");
        scenario.awaitGone("stalled");
    }

    @ParameterizedTest
    @CsvSource({
        "annotations, argocd.argoproj.io/tracking-id, Argo CD",
        "labels, kustomize.toolkit.fluxcd.io/name, Flux",
        "labels, helm.toolkit.fluxcd.io/name, Flux"
    })
    void aRunThatAGitOpsToolWouldCreateAgainIsKeptAndSaysWhy(String where, String key, String tool, Scenario scenario) {
        scenario.apply(workflow(1));
        scenario.apply(run("order-1", ", " + where + ": {" + key + ": shop}", ""));
        WorkflowRun kept = scenario.awaitEnd("order-1", RunPhase.Succeeded);
        String refusal = "not deleted after 1 s: " + tool + " would create the run again, and so run it again; take the"
                + " run out of Git to delete it, or remove ttlSecondsAfterFinished";
        assertThat(kept.getStatus().message()).isEqualTo("the step succeeded; " + refusal);
        Awaitility.await()
                .untilAsserted(() -> assertThat(scenario.kubectl("get", "events"))
                        .containsPattern("Warning +TTLRefused +workflowrun/order-1 +" + refusal));

        keep(scenario, "order-1", 2);
        scenario.await(
                "order-1",
                found -> Objects.requireNonNull(found.getStatus().message())
                        .startsWith("the step succeeded; not deleted after 2 s: " + tool));
        scenario.apply(run("order-2", "", ""));
        scenario.awaitGone("order-2");
        assertThat(scenario.resource("order-1").get()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"argocd.argoproj.io/hook: PreSync", "helm.sh/hook: pre-install"})
    void aHookIsDeletedAllTheSameForItsToolExpectsThat(String hook, Scenario scenario) {
        scenario.apply(workflow(1));
        scenario.apply(run("order-1", ", annotations: {" + hook + ", argocd.argoproj.io/tracking-id: shop}", ""));
        scenario.awaitGone("order-1");
    }

    @Test
    void rolledBackInTimeARunIsKeptAsLongAgain(Scenario scenario) throws Exception {
        scenario.apply(workflow(10));
        scenario.apply(run("order-1", "", ""));
        WorkflowRun succeeded = scenario.awaitEnd("order-1", RunPhase.Succeeded);
        try (History history = History.of("order-1", scenario)) {
            scenario.patch("order-1", "desiredState", "RolledBack");
            WorkflowRun ended = scenario.awaitEnd("order-1", RunPhase.RolledBack);
            assertThat(ended.getStatus().completionTime())
                    .isAfter(Objects.requireNonNull(succeeded.getStatus().completionTime()));
            assertDeletedAfter(history, 10);
            assertThat(Scenario.phase(history.awaitDeleted())).isEqualTo(RunPhase.RolledBack);
        }
    }

    @Test
    void aRunThatHasEndedLongAgoGoesOnceItIsGivenATime(Scenario scenario) throws Exception {
        scenario.apply(workflow(3600));
        scenario.apply(run("order-1", "", ""));
        scenario.awaitEnd("order-1", RunPhase.Succeeded);
        try (History history = History.of("order-1", scenario)) {
            keep(scenario, "order-1", 2);
            assertDeletedAfter(history, 2);
        }
    }

    @Test
    void aRunThatIsGivenMoreTimeIsKept(Scenario scenario) throws Exception {
        scenario.apply(workflow(8));
        scenario.apply(run("order-1", "", ""));
        scenario.apply(run("order-2", "", ""));
        scenario.awaitEnd("order-1", RunPhase.Succeeded);
        keep(scenario, "order-1", 3600);
        scenario.awaitGone("order-2");
        assertThat(scenario.resource("order-1").get()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1    | desiredState: Cancelled",
                "3600 | desiredState: Cancelled, ttlSecondsAfterFinished: 1",
                "1    | params: [{name: superfluous, value: x}]",
                "3600 | params: [{name: superfluous, value: x}], ttlSecondsAfterFinished: 0"
            })
    void aRunThatEndedBeforeItBeganIsDeletedToo(int seconds, String spec, Scenario scenario) {
        scenario.apply(workflow(seconds));
        scenario.apply(run("order-1", "", ", " + spec));
        scenario.awaitGone("order-1");
    }
}
