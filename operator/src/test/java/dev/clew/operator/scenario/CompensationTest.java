package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.RunPhase;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

@WithClew
class CompensationTest {
    @Test
    void aFailedStepUndoesWhatWasStartedItselfIncludedInReverse(Scenario scenario) {
        scenario.apply(Flows.saga("trip", "hotel", "flight", "pay", "exit 0", "exit 0", "exit 7"));
        scenario.apply(Flows.run("trip-1", "trip"));

        WorkflowRun run = scenario.awaitEnd("trip-1", RunPhase.Failed);

        assertThat(run.getStatus().message()).isEqualTo("pay failed: exit code 7; undone: pay, flight, hotel");
        assertThat(run.getStatus().undone()).isEqualTo("3/3");
        assertThat(Objects.requireNonNull(run.getStatus().compensation()).plan())
                .containsExactly("pay", "flight", "hotel");
        assertThat(Scenario.claims(run))
                .containsExactly("hotel", "flight", "pay", "undo pay", "undo flight", "undo hotel");
        assertThat(scenario.pods("trip-1"))
                .extracting(pod -> pod.getMetadata().getLabels().get("app.kubernetes.io/component"))
                .containsExactlyInAnyOrder("step", "step", "step", "compensation", "compensation", "compensation");
        assertThat(scenario.pods("trip-1"))
                .allMatch(pod -> pod.getMetadata().getFinalizers().isEmpty());
    }

    @Test
    void nothingIsUndoneThatWasNeverStarted(Scenario scenario) {
        scenario.apply(Flows.saga("trip", "hotel", "flight", "pay", "exit 3", "exit 0", "exit 0"));
        scenario.apply(Flows.run("trip-1", "trip"));

        WorkflowRun run = scenario.awaitEnd("trip-1", RunPhase.Failed);

        assertThat(Objects.requireNonNull(run.getStatus().compensation()).plan())
                .containsExactly("hotel");
        assertThat(run.getStatus().progress()).isEqualTo("0/3");
    }

    @Test
    void aCompensationThatSaysWhenSucceededIsNotOwedByAFailedStep(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: inline}
                spec:
                  workflow:
                    steps:
                    - name: a
                      container: {image: busybox, command: [sh, -c, 'exit 1']}
                      compensation: {when: Succeeded, container: {image: busybox, command: [sh, -c, 'exit 0']}}
                """);
        WorkflowRun run = scenario.awaitEnd("inline", RunPhase.Failed);
        assertThat(run.getStatus().message()).isEqualTo("a failed: exit code 1; there was nothing to undo");
        assertThat(run.getStatus().undone()).isEqualTo("0/0");
    }

    @Test
    void aRetrySucceedsAtTheThirdAttempt(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: third}
                spec:
                  workflow:
                    steps:
                    - name: flaky
                      retry: {limit: 3, backoffSeconds: 0}
                      container: {image: busybox, command: [sh, -c, 'test "$CLEW_ATTEMPT" = 3']}
                """);
        WorkflowRun run = scenario.awaitEnd("third", RunPhase.Succeeded);
        assertThat(Scenario.step(run, "flaky").attempts())
                .extracting(attempt -> attempt.state())
                .containsExactly(AttemptState.Failed, AttemptState.Failed, AttemptState.Succeeded);
    }

    @Test
    void aCompensationFailsTwiceAndThenWorks(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: stubborn}
                spec:
                  workflow:
                    steps:
                    - name: a
                      container: {image: busybox, command: [sh, -c, 'exit 1']}
                      compensation:
                        retry: {backoffSeconds: 0}
                        container: {image: busybox, command: [sh, -c, 'test "$CLEW_ATTEMPT" = 3']}
                """);
        WorkflowRun run = scenario.awaitEnd("stubborn", RunPhase.Failed);
        assertThat(Objects.requireNonNull(Scenario.step(run, "a").compensation())
                        .attempts())
                .hasSize(3);
    }

    @Test
    void aCompensationThatUsesUpItsRetriesLeavesTheRunStalled(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: stuck}
                spec:
                  workflow:
                    steps:
                    - name: a
                      container: {image: busybox, command: [sh, -c, 'exit 0']}
                      compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
                    - name: b
                      container: {image: busybox, command: [sh, -c, 'exit 1']}
                      compensation:
                        retry: {limit: 1, backoffSeconds: 0}
                        container: {image: busybox, command: [sh, -c, 'exit 9']}
                """);
        WorkflowRun run = scenario.await("stuck", found -> Scenario.phase(found) == RunPhase.Stalled);
        assertThat(run.getStatus().message())
                .isEqualTo(
                        "the compensation of b failed: exit code 9 after 2 attempts; waits for a person; to try again:"
                                + " kubectl patch workflowrun stuck -n " + scenario.namespace()
                                + " --type=json -p '[{\"op\":\"add\",\"path\":\"/spec/interventions\",\"value\":[{\"name\":\"retry-b-1\","
                                + "\"action\":\"RetryCompensation\",\"step\":\"b\"}]}]'; once it is undone by hand:"
                                + " kubectl patch workflowrun stuck -n " + scenario.namespace()
                                + " --type=json -p '[{\"op\":\"add\",\"path\":\"/spec/interventions\",\"value\":[{\"name\":\"skip-b-1\","
                                + "\"action\":\"SkipCompensation\",\"step\":\"b\"}]}]'; to give it up: kubectl patch workflowrun stuck"
                                + " -n " + scenario.namespace()
                                + " --type=merge -p '{\"spec\":{\"desiredState\":\"Terminated\"}}'"
                                + "; turned back because b failed: exit code 1");
        assertThat(run.getStatus().undone()).isEqualTo("0/2");
        assertThat(scenario.pods("stuck")).hasSize(4);
    }

    @Test
    void anOutputReachesALaterStepAndACompensation(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: outputs}
                spec:
                  workflow:
                    steps:
                    - name: make
                      outputs: [id]
                      container: {image: busybox, command: [sh, -c, 'echo id=first >> $CLEW_OUTPUT; echo id=a=b >> $CLEW_OUTPUT']}
                      compensation:
                        container:
                          image: busybox
                          command: [sh, -c, 'echo "undo $ID $CLEW_COMPENSATING"']
                          env: [{name: ID, value: $(steps.make.outputs.id)}]
                    - name: use
                      container:
                        image: busybox
                        command: [sh, -c, 'echo "use $0"; exit 1', $(steps.make.outputs.id)]
                """);
        WorkflowRun run = scenario.awaitEnd("outputs", RunPhase.Failed);
        assertThat(scenario.log(Flows.pod(Scenario.step(run, "use").attempts().getFirst())))
                .isEqualTo("use a=b\n");
        var undo = Objects.requireNonNull(Scenario.step(run, "make").compensation())
                .attempts();
        assertThat(scenario.log(Flows.pod(undo.getFirst()))).isEqualTo("undo a=b true\n");
    }

    @Test
    void theIdempotencyKeyIsTheSameInEveryAttemptAndNamedToTheCompensation(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: keys}
                spec:
                  workflow:
                    steps:
                    - name: a
                      retry: {limit: 1, backoffSeconds: 0}
                      container: {image: busybox, command: [sh, -c, 'echo $CLEW_IDEMPOTENCY_KEY $CLEW_RUN $CLEW_STEP; exit 1']}
                      compensation:
                        container: {image: busybox, command: [sh, -c, 'echo $CLEW_IDEMPOTENCY_KEY $CLEW_FORWARD_IDEMPOTENCY_KEY']}
                """);
        WorkflowRun run = scenario.awaitEnd("keys", RunPhase.Failed);
        String key = run.getMetadata().getUid() + "/a";
        List<String> logs = Scenario.step(run, "a").attempts().stream()
                .map(attempt -> scenario.log(Flows.pod(attempt)))
                .toList();
        assertThat(logs).containsExactly(key + " keys a\n", key + " keys a\n");
        var undo =
                Objects.requireNonNull(Scenario.step(run, "a").compensation()).attempts();
        assertThat(scenario.log(Flows.pod(undo.getFirst()))).isEqualTo(key + "/compensate " + key + "\n");
    }
}
