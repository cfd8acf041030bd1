package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.RunPhase;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** In which order steps and compensations run, and how many at a time. */
@WithClew
class OrderTest {
    private static final String FOUR = """
            steps:
            - name: a
              container: {image: busybox, command: [sh, -c, 'exit %d']}
              compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
            - name: b
              container: {image: busybox, command: [sh, -c, 'exit 0']}
              compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
            - name: c
              container: {image: busybox, command: [sh, -c, 'exit 0']}
              compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
            - name: d
              container: {image: busybox, command: [sh, -c, 'exit 1']}
              compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
            """;

    @Test
    void aFailureOfTheFirstStepUndoesNothingButItsOwn(Scenario scenario) {
        scenario.apply(Flows.inline("four", FOUR.formatted(1)));
        WorkflowRun ended = scenario.awaitEnd("four", RunPhase.Failed);
        assertThat(Scenario.claims(ended)).containsExactly("a", "undo a");
    }

    @Test
    void aFailureOfTheLastStepUndoesAllFromTheLastToTheFirst(Scenario scenario) {
        scenario.apply(Flows.inline("four", FOUR.formatted(0)));
        WorkflowRun ended = scenario.awaitEnd("four", RunPhase.Failed);
        assertThat(Scenario.claims(ended)).containsExactly("a", "b", "c", "d", "undo d", "undo c", "undo b", "undo a");
        assertThat(scenario.kubectl("get", "wfr", "four")).isEqualTo("""
                NAME   WORKFLOW   STATUS   STEPS   UNDONE   STEP
                four              Failed   3/4     4/4
                """);
    }

    /** Each of the two waits for the other: they end only if they run at the same time. */
    @Test
    void inGraphOrderIndependentBranchesAreUndoneAtTheSameTimeAndBeforeWhatTheyDependOn(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: diamond}
                spec:
                  params: [{name: dir, value: %s}]
                  workflow:
                    params: [{name: dir}]
                    order: Graph
                    compensation: {order: Graph}
                    steps:
                    - name: root
                      container: {image: busybox, command: [mkdir, -p, $(params.dir)]}
                      compensation: {container: {image: busybox, command: [rm, -r, $(params.dir)]}}
                    - name: left
                      dependsOn: [root]
                      container: {image: busybox, command: ['true']}
                      compensation: {container: {image: busybox, command: [sh, -c, 'touch $0/left; until test -e $0/right; do sleep 0.05; done', $(params.dir)]}}
                    - name: right
                      dependsOn: [root]
                      container: {image: busybox, command: ['true']}
                      compensation: {container: {image: busybox, command: [sh, -c, 'touch $0/right; until test -e $0/left; do sleep 0.05; done', $(params.dir)]}}
                    - name: join
                      dependsOn: [left, right]
                      container: {image: busybox, command: ['false']}
                """.formatted(scenario.cluster().stateDirectory().resolve(scenario.namespace())));
        WorkflowRun ended = scenario.awaitEnd("diamond", RunPhase.Failed);
        assertThat(undo(ended, "root").startTime())
                .isAfterOrEqualTo(undo(ended, "left").finishTime())
                .isAfterOrEqualTo(undo(ended, "right").finishTime());
    }

    private static Attempt undo(WorkflowRun run, String step) {
        return Objects.requireNonNull(Scenario.step(run, step).compensation())
                .attempts()
                .getLast();
    }

    @Test
    void noMoreStepsRunAtTheSameTimeThanMay(Scenario scenario) {
        String sleeps = "- {name: s%d, container: {image: busybox, command: [sh, -c, 'sleep 1']}}\n";
        scenario.apply(Flows.inline(
                "narrow", """
                order: Graph
                maxParallelSteps: 2
                steps:
                """ + sleeps.formatted(1) + sleeps.formatted(2) + sleeps.formatted(3) + sleeps.formatted(4)));
        WorkflowRun ended = scenario.awaitEnd("narrow", RunPhase.Succeeded);
        for (var step : ended.getStatus().steps()) {
            Instant begun = Objects.requireNonNull(step.attempts().getFirst().startTime());
            assertThat(ended.getStatus().steps().stream()
                            .map(other -> other.attempts().getFirst())
                            .filter(other ->
                                    !Objects.requireNonNull(other.startTime()).isAfter(begun)
                                            && Objects.requireNonNull(other.finishTime())
                                                    .isAfter(begun))
                            .count())
                    .isLessThanOrEqualTo(2);
        }
    }

    private static String siblings(String runningSteps) {
        return """
                order: Graph
                runningSteps: %s
                pod: {terminationGracePeriodSeconds: 1}
                steps:
                - name: quick
                  container: {image: busybox, command: [sh, -c, 'sleep 1; exit 1']}
                - name: slow
                  container: {image: busybox, command: [sh, -c, 'sleep 4']}
                  compensation: {container: {image: busybox, command: ['true']}}
                - name: waits
                  retry: {limit: 3, backoffSeconds: 60}
                  container: {image: busybox, command: ['false']}
                """.formatted(runningSteps);
    }

    @Test
    void whenASiblingFailsTheOthersMayFinishButNoRetryBegins(Scenario scenario) {
        scenario.apply(Flows.inline("finish", siblings("Finish")));
        WorkflowRun ended = scenario.awaitEnd("finish", RunPhase.Failed);
        assertThat(Scenario.claims(ended)).containsExactlyInAnyOrder("quick", "slow", "waits", "undo slow");
        assertThat(ended.getStatus().progress()).isEqualTo("1/3");
    }

    @Test
    void whenASiblingFailsTheOthersAreStoppedIfThatIsWanted(Scenario scenario) {
        scenario.apply(Flows.inline("stop", siblings("Stop")));
        WorkflowRun ended = scenario.awaitEnd("stop", RunPhase.Failed);
        Attempt slow = Scenario.step(ended, "slow").attempts().getFirst();
        assertThat(slow.stopping()).isEqualTo("SiblingFailed");
        assertThat(ended.getStatus().progress()).isEqualTo("0/3");
        assertThat(Scenario.claims(ended)).contains("undo slow");
    }
}
