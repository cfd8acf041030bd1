package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import dev.clew.api.workflow.FailureAction;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What failed attempts mean, and which steps owe their compensation. */
@WithClew
class FailurePolicyTest {
    private static String charge(String script, String rule) {
        return """
                steps:
                - name: charge
                  retry: {limit: 1, backoffSeconds: 0}
                  failurePolicy: {rules: [%s]}
                  container: {image: busybox, command: [sh, -c, '%s']}
                  compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
                """.formatted(rule, script);
    }

    @Test
    void anIgnoredFailureUsesUpNoRetry(Scenario scenario) {
        scenario.apply(Flows.inline(
                "order-1",
                charge(
                        "test \"$CLEW_ATTEMPT\" -gt 3 || exit 42",
                        "{action: Ignore, onExitCodes: {operator: In, values: [42]}}")));
        WorkflowRun ended = scenario.awaitEnd("order-1", RunPhase.Succeeded);
        assertThat(Scenario.step(ended, "charge").attempts())
                .extracting(attempt -> attempt.policy())
                .containsExactly(FailureAction.Ignore, FailureAction.Ignore, FailureAction.Ignore, null);
    }

    @Test
    void aFailureThatAllowsNoMoreTriesIsUndone(Scenario scenario) {
        scenario.apply(Flows.inline(
                "order-1", charge("exit 3", "{action: Fail, onExitCodes: {operator: NotIn, values: [1]}}")));
        WorkflowRun ended = scenario.awaitEnd("order-1", RunPhase.Failed);
        assertThat(Scenario.claims(ended)).containsExactly("charge", "undo charge");
    }

    @Test
    void aStepThatFailedWithoutEffectOwesNothing(Scenario scenario) {
        scenario.apply(Flows.inline(
                "order-1", charge("exit 3", "{action: FailWithoutEffect, onExitCodes: {operator: In, values: [3]}}")));
        WorkflowRun ended = scenario.awaitEnd("order-1", RunPhase.Failed);
        assertThat(Scenario.claims(ended)).containsExactly("charge");
        assertThat(ended.getStatus().message()).isEqualTo("charge failed: exit code 3; there was nothing to undo");
    }

    @Test
    void failWithoutEffectSpeaksOnlyForItsAttempt(Scenario scenario) {
        scenario.apply(Flows.inline(
                "order-1",
                charge(
                        "exit $((CLEW_ATTEMPT + 1))",
                        "{action: FailWithoutEffect, onExitCodes: {operator: In, values: [3]}}")));
        WorkflowRun ended = scenario.awaitEnd("order-1", RunPhase.Failed);
        assertThat(Scenario.claims(ended)).containsExactly("charge", "charge", "undo charge");
        assertThat(Objects.requireNonNull(ended.getStatus().compensation()).plan())
                .containsExactly("charge");
    }

    @Test
    void theFirstRuleThatMatchesDecides(Scenario scenario) {
        scenario.apply(Flows.inline(
                "order-1",
                charge(
                        "exit 3",
                        "{action: Count, onExitCodes: {operator: In, values: [3]}},"
                                + " {action: Fail, onExitCodes: {operator: In, values: [3]}}")));
        WorkflowRun ended = scenario.awaitEnd("order-1", RunPhase.Failed);
        assertThat(Scenario.claims(ended)).containsExactly("charge", "charge", "undo charge");
    }
}
