package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.RunPhase;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

@WithClew
class GraphTest {
    @Test
    void aGraphRunsWhatItCanAtTheSameTimeAndJoins(Scenario scenario) {
        // left and right each wait for a sign of the other: one after the other they would wait for ever
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: diamond}
                spec:
                  params: [{name: dir, value: %s}]
                  workflow:
                    params: [{name: dir}]
                    order: Graph
                    steps:
                    - name: root
                      container: {image: busybox, command: [mkdir, -p, $(params.dir)]}
                    - name: left
                      dependsOn: [root]
                      container: {image: busybox, command: [sh, -c, 'touch $0/left; until test -e $0/right; do sleep 0.05; done', $(params.dir)]}
                    - name: right
                      dependsOn: [root]
                      container: {image: busybox, command: [sh, -c, 'touch $0/right; until test -e $0/left; do sleep 0.05; done', $(params.dir)]}
                    - name: join
                      dependsOn: [left, right]
                      container: {image: busybox, command: [rm, -r, $(params.dir)]}
                """.formatted(scenario.cluster().stateDirectory().resolve(scenario.namespace())));
        WorkflowRun run = scenario.awaitEnd("diamond", RunPhase.Succeeded);
        Instant join = begun(run, "join");
        assertThat(join).isAfterOrEqualTo(ended(run, "left")).isAfterOrEqualTo(ended(run, "right"));
    }

    @Test
    void aDiamondIsUndoneBothBranchesBeforeTheRoot(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: diamond}
                spec:
                  workflow:
                    order: Graph
                    steps:
                    - name: root
                      container: {image: busybox, command: ['true']}
                      compensation: {container: {image: busybox, command: ['true']}}
                    - name: left
                      dependsOn: [root]
                      container: {image: busybox, command: ['true']}
                      compensation: {container: {image: busybox, command: ['true']}}
                    - name: right
                      dependsOn: [root]
                      container: {image: busybox, command: ['true']}
                      compensation: {container: {image: busybox, command: ['true']}}
                    - name: join
                      dependsOn: [left, right]
                      container: {image: busybox, command: ['false']}
                      compensation: {container: {image: busybox, command: ['true']}}
                """);
        WorkflowRun run = scenario.awaitEnd("diamond", RunPhase.Failed);
        assertThat(Objects.requireNonNull(run.getStatus().compensation()).plan())
                .containsExactly("join", "right", "left", "root");
    }

    @Test
    void aFailedSiblingLetsTheOthersEndBeforeAnythingIsUndone(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: siblings}
                spec:
                  workflow:
                    order: Graph
                    steps:
                    - name: quick
                      container: {image: busybox, command: ['false']}
                      compensation: {container: {image: busybox, command: ['true']}}
                    - name: slow
                      container: {image: busybox, command: [sleep, '10']}
                      compensation: {container: {image: busybox, command: ['true']}}
                """);
        WorkflowRun waiting = scenario.await("siblings", found -> Scenario.phase(found) == RunPhase.Compensating);
        assertThat(waiting.getStatus().message()).isEqualTo("quick failed: exit code 1; waiting for the end of slow");
        WorkflowRun run = scenario.awaitEnd("siblings", RunPhase.Failed);
        assertThat(run.getStatus().progress()).isEqualTo("1/2");
        Attempt firstUndo = Objects.requireNonNull(Scenario.step(run, "slow").compensation())
                .attempts()
                .getFirst();
        assertThat(firstUndo.startTime()).isAfterOrEqualTo(ended(run, "slow"));
    }

    private static Instant begun(WorkflowRun run, String step) {
        return Objects.requireNonNull(
                Scenario.step(run, step).attempts().getFirst().startTime());
    }

    private static Instant ended(WorkflowRun run, String step) {
        return Objects.requireNonNull(
                Scenario.step(run, step).attempts().getLast().finishTime());
    }
}
