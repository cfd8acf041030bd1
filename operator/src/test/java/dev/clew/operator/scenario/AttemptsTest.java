package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.devcluster.kubelet.ScriptedOutcome;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many attempts, and what they have in common. */
@WithClew
class AttemptsTest {
    /** Attempts 2 to 9 fail and may have had an effect; those that stay listed had none. */
    private static ScriptedOutcome outcome(Pod pod) {
        int attempt = Integer.parseInt(pod.getMetadata().getLabels().get("clew.dev/attempt"));
        if (attempt == 12) {
            return ScriptedOutcome.exit(3);
        }
        return attempt > 1 && attempt < 10
                ? ScriptedOutcome.exit(1)
                : ScriptedOutcome.neverStarts("CreateContainerConfigError");
    }

    @Test
    void ofManyAttemptsFourAreListedAndWhatTheOthersDidIsUndoneAllTheSame(Scenario scenario) {
        scenario.cluster()
                .kubelet()
                .script(pod -> scenario.namespace().equals(pod.getMetadata().getNamespace())
                                && "step".equals(pod.getMetadata().getLabels().get("app.kubernetes.io/component"))
                        ? Optional.of(outcome(pod))
                        : Optional.empty());
        scenario.apply(Flows.inline("stubborn", """
                pod: {terminationGracePeriodSeconds: 1}
                steps:
                - name: charge
                  startTimeoutSeconds: 4
                  retry: {limit: 11, backoffSeconds: 0}
                  failurePolicy: {rules: [{action: FailWithoutEffect, onExitCodes: {operator: In, values: [3]}}]}
                  container: {image: busybox, command: ['true']}
                  compensation: {container: {image: busybox, command: ['true']}}
                """));
        WorkflowRun ended = scenario.awaitEnd("stubborn", RunPhase.Failed);
        StepStatus charge = Scenario.step(ended, "charge");
        assertThat(charge.attempts()).extracting(Attempt::number).containsExactly(1, 10, 11, 12);
        assertThat(charge.attempts())
                .extracting(Attempt::state)
                .containsExactly(
                        AttemptState.NotStarted, AttemptState.NotStarted, AttemptState.NotStarted, AttemptState.Failed);
        assertThat(charge.attemptsOmitted()).isEqualTo(8);
        assertThat(charge.mayHaveEffect()).isTrue();
        assertThat(Objects.requireNonNull(ended.getStatus().compensation()).plan())
                .containsExactly("charge");
        assertThat(ended.getStatus().message())
                .isEqualTo("charge failed: exit code 3 after 12 attempts; undone: charge");
        List<String> stopped = charge.attempts().stream()
                .filter(attempt -> attempt.state() == AttemptState.NotStarted)
                .map(Flows::pod)
                .toList();
        assertThat(scenario.pods("stubborn"))
                .isNotEmpty()
                .allSatisfy(pod -> assertThat(pod.getMetadata().getFinalizers()).isEmpty())
                .extracting(pod -> pod.getMetadata().getName())
                .as("those that were stopped are gone")
                .doesNotContainAnyElementsOf(stopped);
    }

    private static String keyed(String name, String key) {
        return """
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: %s}
                spec:
                  idempotencyKey: '%s'
                  workflow:
                    steps:
                    - name: charge
                      container: {image: busybox, command: [sh, -c, 'echo "$CLEW_IDEMPOTENCY_KEY"; exit 1']}
                      compensation:
                        container: {image: busybox, command: [sh, -c, 'echo "$CLEW_IDEMPOTENCY_KEY $CLEW_FORWARD_IDEMPOTENCY_KEY"']}
                """.formatted(name, key);
    }

    /** What the step and its compensation were told. */
    private static List<String> keys(Scenario scenario, String run) {
        StepStatus charge = Scenario.step(scenario.awaitEnd(run, RunPhase.Failed), "charge");
        Attempt undo = Objects.requireNonNull(charge.compensation()).attempts().getFirst();
        return List.of(scenario.log(Flows.pod(charge.attempts().getFirst())), scenario.log(Flows.pod(undo)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"order:42", "$(CLEW_RUN)-$$1"})
    void aRunThatIsCreatedAnewWithItsKeyMeansTheSame(String key, Scenario scenario) {
        List<String> expected = List.of(key + "/charge\n", key + "/charge/compensate " + key + "/charge\n");
        scenario.apply(keyed("pay", key));
        assertThat(keys(scenario, "pay")).isEqualTo(expected);

        scenario.resource("pay").delete();
        scenario.awaitGone("pay");
        scenario.apply(keyed("pay", key));

        assertThat(keys(scenario, "pay")).isEqualTo(expected);
        scenario.apply(keyed("pay-by-another-name", key));
        assertThat(keys(scenario, "pay-by-another-name")).isEqualTo(expected);
    }
}
