package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.RunPhase;
import java.util.Objects;
import org.junit.jupiter.api.Test;

@WithClew
class LimitsTest {
    @Test
    void anAttemptThatTakesTooLongIsEndedAndTheStepUndone(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: slow}
                spec:
                  workflow:
                    pod: {terminationGracePeriodSeconds: 1}
                    steps:
                    - name: a
                      timeoutSeconds: 1
                      container: {image: busybox, command: [sleep, '60']}
                      compensation: {container: {image: busybox, command: ['true']}}
                """);
        WorkflowRun run = scenario.awaitEnd("slow", RunPhase.Failed);
        Attempt attempt = Scenario.step(run, "a").attempts().getFirst();
        assertThat(attempt.state()).isEqualTo(AttemptState.Failed);
        assertThat(attempt.reason()).isEqualTo("DeadlineExceeded");
        assertThat(run.getStatus().message()).isEqualTo("a failed: did not end within 1 s; undone: a");
    }

    @Test
    void anImageThatCannotBePulledIsShownAndThenGivenUpAndNothingIsOwed(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: noimage}
                spec:
                  workflow:
                    pod: {terminationGracePeriodSeconds: 1}
                    steps:
                    - name: a
                      startTimeoutSeconds: 8
                      container: {image: missing/image:1, command: ['true']}
                      compensation: {container: {image: busybox, command: ['true']}}
                """);
        scenario.await(
                "noimage",
                found -> found.getStatus() != null
                        && Objects.requireNonNullElse(found.getStatus().message(), "")
                                .contains("a waits: ImagePullBackOff"));
        WorkflowRun run = scenario.awaitEnd("noimage", RunPhase.Failed);
        Attempt attempt = Scenario.step(run, "a").attempts().getFirst();
        assertThat(attempt.state()).isEqualTo(AttemptState.NotStarted);
        assertThat(attempt.reason()).isEqualTo("StartTimeout");
        assertThat(run.getStatus().undone()).isEqualTo("0/0");
    }

    @Test
    void aRunThatTakesTooLongStopsItsStepsAndTurnsBack(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: toolong}
                spec:
                  workflow:
                    timeoutSeconds: 6
                    pod: {terminationGracePeriodSeconds: 1}
                    steps:
                    - name: a
                      container: {image: busybox, command: ['true']}
                      compensation: {container: {image: busybox, command: ['true']}}
                    - name: b
                      container: {image: busybox, command: [sleep, '600']}
                      compensation: {container: {image: busybox, command: ['true']}}
                """);
        WorkflowRun run = scenario.awaitEnd("toolong", RunPhase.Failed);
        assertThat(run.getStatus().message()).isEqualTo("the run took longer than 6 s; undone: b, a");
        assertThat(Scenario.step(run, "b").attempts().getFirst().stopping()).isEqualTo("RunTimeout");
    }
}
