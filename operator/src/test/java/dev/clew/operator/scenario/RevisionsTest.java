package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.WorkflowSnapshot;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The snapshots that runs work on. */
@WithClew
class RevisionsTest {
    private static List<String> revisions(Scenario scenario) {
        return scenario
                .client()
                .apps()
                .controllerRevisions()
                .inNamespace(scenario.namespace())
                .list()
                .getItems()
                .stream()
                .map(revision -> revision.getMetadata().getName())
                .toList();
    }

    private static WorkflowSnapshot snapshot(Scenario scenario, String run) {
        WorkflowRun ended = scenario.awaitEnd(run, RunPhase.Succeeded);
        return Objects.requireNonNull(ended.getStatus().workflow());
    }

    private static void apply(Scenario scenario, String script, long generation) {
        scenario.apply(Flows.saga("trip", "a", "b", "c", script, "exit 0", "exit 0"));
        Awaitility.await()
                .until(() ->
                        Objects.equals(scenario.workflow("trip").getStatus().observedGeneration(), generation));
    }

    @Test
    void runsOfTheSameContentShareARevisionAndAChangedContentHasAnother(Scenario scenario) {
        apply(scenario, "exit 0", 1);
        scenario.apply(Flows.run("trip-1", "trip"));
        scenario.apply(Flows.run("trip-2", "trip"));
        WorkflowSnapshot first = snapshot(scenario, "trip-1");
        assertThat(snapshot(scenario, "trip-2")).isEqualTo(first);
        assertThat(revisions(scenario)).containsExactly(first.revision());
        assertThat(first.generation()).isEqualTo(1);

        apply(scenario, "echo changed", 2);
        scenario.apply(Flows.run("trip-3", "trip"));
        WorkflowSnapshot second = snapshot(scenario, "trip-3");
        assertThat(second.revision()).isNotEqualTo(first.revision());
        assertThat(second.generation()).isEqualTo(2);
        assertThat(revisions(scenario)).containsExactlyInAnyOrder(first.revision(), second.revision());

        apply(scenario, "exit 0", 3);
        scenario.apply(Flows.run("trip-4", "trip"));
        assertThat(snapshot(scenario, "trip-4").revision()).isEqualTo(first.revision());
        assertThat(revisions(scenario)).hasSize(2);
    }

    @Test
    void aWorkflowOfAnotherNameHasItsOwnAndAnInlineOneNone(Scenario scenario) {
        scenario.apply(Flows.saga("trip", "a", "b", "c", "exit 0", "exit 0", "exit 0"));
        scenario.apply(Flows.saga("tour", "a", "b", "c", "exit 0", "exit 0", "exit 0"));
        scenario.apply(Flows.run("trip-1", "trip"));
        scenario.apply(Flows.run("tour-1", "tour"));
        scenario.apply(Flows.inline("inline", "steps: [{name: a, container: {image: busybox, command: ['true']}}]\n"));
        assertThat(snapshot(scenario, "inline").revision()).isNull();
        assertThat(revisions(scenario))
                .containsExactlyInAnyOrder(
                        snapshot(scenario, "trip-1").revision(),
                        snapshot(scenario, "tour-1").revision());
    }

    @Test
    void aRevisionThatSomebodyDeletedIsMadeAnewForTheNextRun(Scenario scenario) {
        apply(scenario, "exit 0", 1);
        scenario.apply(Flows.run("trip-1", "trip"));
        String name = Objects.requireNonNull(snapshot(scenario, "trip-1").revision());
        var revision = scenario.client()
                .apps()
                .controllerRevisions()
                .inNamespace(scenario.namespace())
                .withName(name);
        ControllerRevision saved = revision.get();
        assertThat(saved.getMetadata().getLabels()).containsEntry("clew.dev/workflow", "trip");
        revision.delete();
        scenario.apply(Flows.run("trip-2", "trip"));
        assertThat(snapshot(scenario, "trip-2").revision()).isEqualTo(name);
        assertThat(revision.get().getMetadata().getUid())
                .isNotEqualTo(saved.getMetadata().getUid());
    }
}
