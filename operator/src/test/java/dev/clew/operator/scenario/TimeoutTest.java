package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.RunPhase;
import dev.clew.devcluster.kubelet.ScriptedOutcome;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The limits of a step, of its start, and of a run. */
@WithClew
class TimeoutTest {
    private static List<Attempt> undoing(WorkflowRun run, String step) {
        return Objects.requireNonNull(Scenario.step(run, step).compensation()).attempts();
    }

    @Test
    void aStepThatTakesTooLongIsTriedAgainAsOftenAsItMay(Scenario scenario) {
        scenario.apply(Flows.inline("slow", """
                pod: {terminationGracePeriodSeconds: 1}
                steps:
                - name: a
                  timeoutSeconds: 3
                  retry: {limit: 1, backoffSeconds: 0}
                  container: {image: busybox, command: [sh, -c, 'test "$CLEW_ATTEMPT" = 2 || sleep 600']}
                """));
        WorkflowRun ended = scenario.awaitEnd("slow", RunPhase.Succeeded);
        Attempt first = Scenario.step(ended, "a").attempts().getFirst();
        assertThat(first.reason()).isEqualTo("DeadlineExceeded");
        assertThat(first.message()).isEqualTo("did not end within 3 s");
        assertThat(Scenario.step(ended, "a").failures()).isEqualTo(1);
    }

    @Test
    void whatUndoesAStepHasALimitOfItsOwn(Scenario scenario) {
        scenario.apply(Flows.inline("slow", """
                pod: {terminationGracePeriodSeconds: 1}
                steps:
                - name: a
                  container: {image: busybox, command: ['false']}
                  compensation:
                    timeoutSeconds: 3
                    retry: {backoffSeconds: 0}
                    container: {image: busybox, command: [sh, -c, 'test "$CLEW_ATTEMPT" = 2 || sleep 600']}
                """));
        WorkflowRun ended = scenario.awaitEnd("slow", RunPhase.Failed);
        assertThat(undoing(ended, "a"))
                .extracting(Attempt::state)
                .containsExactly(AttemptState.Failed, AttemptState.Succeeded);
        assertThat(undoing(ended, "a").getFirst().reason()).isEqualTo("DeadlineExceeded");
    }

    /** The first attempts of steps, or of what undoes them, do not start. */
    private static void keepFromStarting(Scenario scenario, String component, int attempts) {
        scenario.cluster()
                .kubelet()
                .script(
                        pod -> isIn(scenario, pod)
                                && component.equals(label(pod, "app.kubernetes.io/component"))
                                && Integer.parseInt(label(pod, "clew.dev/attempt")) <= attempts,
                        ScriptedOutcome.neverStarts("ImagePullBackOff"));
    }

    private static boolean isIn(Scenario scenario, Pod pod) {
        return scenario.namespace().equals(pod.getMetadata().getNamespace());
    }

    private static String label(Pod pod, String key) {
        return Objects.requireNonNullElse(pod.getMetadata().getLabels().get(key), "");
    }

    @Test
    void aStepThatDoesNotStartInTimeUsesUpARetryAndOwesNothing(Scenario scenario) {
        keepFromStarting(scenario, "step", 2);
        scenario.apply(Flows.inline("stuck", """
                pod: {terminationGracePeriodSeconds: 1}
                steps:
                - name: a
                  startTimeoutSeconds: 2
                  retry: {limit: 1, backoffSeconds: 0}
                  container: {image: busybox, command: ['true']}
                  compensation: {container: {image: busybox, command: ['true']}}
                """));
        WorkflowRun ended = scenario.awaitEnd("stuck", RunPhase.Failed);
        assertThat(Scenario.step(ended, "a").attempts())
                .hasSize(2)
                .allMatch(attempt ->
                        attempt.state() == AttemptState.NotStarted && Objects.equals(attempt.reason(), "StartTimeout"));
        assertThat(ended.getStatus().message())
                .isEqualTo(
                        "a failed: did not start in time: ImagePullBackOff after 2 attempts; there was nothing to undo");
    }

    @Test
    void whatUndoesAStepAndDoesNotStartInTimeWaitsForAPersonInTheEnd(Scenario scenario) {
        keepFromStarting(scenario, "compensation", 1);
        scenario.apply(Flows.inline("stuck", """
                pod: {terminationGracePeriodSeconds: 1}
                steps:
                - name: a
                  container: {image: busybox, command: ['false']}
                  compensation:
                    startTimeoutSeconds: 5
                    retry: {limit: 0}
                    container: {image: busybox, command: ['true']}
                """));
        WorkflowRun stalled = scenario.await("stuck", found -> Scenario.phase(found) == RunPhase.Stalled);
        assertThat(undoing(stalled, "a").getFirst().reason()).isEqualTo("StartTimeout");
        assertThat(stalled.getStatus().message()).startsWith("the compensation of a failed: did not start in time: ");
        scenario.typeWhatIsSaid("stuck", "to try again:");
        WorkflowRun ended = scenario.awaitEnd("stuck", RunPhase.Failed);
        assertThat(undoing(ended, "a"))
                .extracting(Attempt::state)
                .containsExactly(AttemptState.NotStarted, AttemptState.Succeeded);
    }

    @Test
    void theLimitOfARunDoesNotCutShortWhatUndoesIt(Scenario scenario) {
        scenario.apply(Flows.inline("undone", """
                timeoutSeconds: 5
                steps:
                - name: a
                  container: {image: busybox, command: ['false']}
                  compensation: {container: {image: busybox, command: [sleep, '6']}}
                """));
        WorkflowRun undoing =
                scenario.await("undone", found -> Scenario.claims(found).contains("undo a"));
        assertThat(undoing.getStatus().deadline()).isNull();
        WorkflowRun ended = scenario.awaitEnd("undone", RunPhase.Failed);
        assertThat(ended.getStatus().completionTime())
                .isAfter(Objects.requireNonNull(ended.getStatus().startTime()).plusSeconds(5));
        assertThat(ended.getStatus().message()).isEqualTo("a failed: exit code 1; undone: a");
        assertThat(undoing(ended, "a")).hasSize(1);
    }

    /** Its step ends when the file given as its parameter is there. */
    private static String waiting(Scenario scenario) {
        return """
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: slow}
                spec:
                  params: [{name: sign, value: %s}]
                  workflow:
                    params: [{name: sign}]
                    timeoutSeconds: 8
                    pod: {terminationGracePeriodSeconds: 1}
                    steps:
                    - name: a
                      container: {image: busybox, command: [sh, -c, 'until test -e $0; do sleep 0.1; done', $(params.sign)]}
                      compensation: {container: {image: busybox, command: ['true']}}
                """.formatted(sign(scenario));
    }

    private static Path sign(Scenario scenario) {
        return scenario.cluster().stateDirectory().resolve(scenario.namespace());
    }

    /** Pauses the run, and waits until its first limit has passed. */
    private static WorkflowRun pauseBeyondTheLimit(Scenario scenario) {
        scenario.apply(waiting(scenario));
        WorkflowRun begun =
                scenario.await("slow", found -> Scenario.claims(found).contains("a"));
        Instant deadline = Objects.requireNonNull(begun.getStatus().deadline());
        assertThat(deadline)
                .isEqualTo(Objects.requireNonNull(begun.getStatus().startTime()).plusSeconds(8));
        scenario.patch("slow", "desiredState", "Paused");
        WorkflowRun paused = scenario.await("slow", found -> Scenario.phase(found) == RunPhase.Paused);
        assertThat(paused.getStatus().deadline()).isNull();
        assertThat(paused.getStatus().remainingSeconds()).isBetween(1L, 8L);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> Instant.now().isAfter(deadline.plusSeconds(1)));
        assertThat(Scenario.phase(scenario.run("slow"))).isEqualTo(RunPhase.Paused);
        return scenario.run("slow");
    }

    @Test
    void theClockOfAPausedRunStandsStill(Scenario scenario) throws Exception {
        WorkflowRun paused = pauseBeyondTheLimit(scenario);
        Instant resumed = Instant.now();
        scenario.patch("slow", "desiredState", "Running");
        WorkflowRun goesOn = scenario.await("slow", found -> Scenario.phase(found) == RunPhase.Running);
        assertThat(goesOn.getStatus().remainingSeconds()).isNull();
        assertThat(goesOn.getStatus().deadline())
                .isAfterOrEqualTo(resumed.plusSeconds(
                        Objects.requireNonNull(paused.getStatus().remainingSeconds())));
        Files.createFile(sign(scenario));
        scenario.awaitEnd("slow", RunPhase.Succeeded);
    }

    @Test
    void aRunThatIsResumedHasTheRestOfItsTimeAndNoMore(Scenario scenario) {
        pauseBeyondTheLimit(scenario);
        scenario.patch("slow", "desiredState", "Running");
        WorkflowRun ended = scenario.awaitEnd("slow", RunPhase.Failed);
        assertThat(ended.getStatus().message()).isEqualTo("the run took longer than 8 s; undone: a");
        assertThat(Scenario.step(ended, "a").attempts().getFirst().stopping()).isEqualTo("RunTimeout");
    }
}
