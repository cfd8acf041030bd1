package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.DesiredState;
import dev.clew.api.workflow.FailureAction;
import dev.clew.engine.protocol.Scenario;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a failed attempt means, by the first rule of its step's policy that matches. */
class FailurePolicyTest {
    private static final String POLICY = """
            steps:
            - name: a
              retry: {limit: 1, backoffSeconds: 0}
              failurePolicy: {rules: [%s]}
              container: {image: a}
              compensation: {container: {image: a}}
            """;

    private static Scenario with(String rules) {
        return new Scenario(POLICY.formatted(rules));
    }

    private static @Nullable FailureAction policy(Scenario scenario) {
        return scenario.attempts("a").getFirst().policy();
    }

    @ParameterizedTest
    @CsvSource({
        // the action for exit code 7, the attempts of a step that always fails with it, what is undone
        "Count, 2, 1/1",
        "Fail, 1, 1/1",
        "FailWithoutEffect, 1, 0/0",
    })
    void by_exit_code(FailureAction action, int attempts, String undone) {
        Scenario scenario = with("{action: " + action + ", onExitCodes: {operator: In, values: [7]}}")
                .fails("a/1", "a/2", "a/3")
                .rest();
        assertThat(scenario.attempts("a")).hasSize(attempts);
        assertThat(scenario.status().phase()).hasToString("Failed");
        assertThat(scenario.status().undone()).isEqualTo(undone);
        assertThat(policy(scenario)).isEqualTo(action == FailureAction.Count ? null : action);
    }

    @Test
    void what_is_ignored_is_tried_again_and_uses_up_nothing() {
        Scenario scenario = with("{action: Ignore, onExitCodes: {operator: In, values: [7]}}")
                .fails("a/1", "a/2", "a/3", "a/5")
                .failsOtherwise("a/4", "a/6")
                .rest();
        assertThat(scenario.attempts("a").getLast().number()).isEqualTo(6);
        assertThat(scenario.step("a").failures()).isEqualTo(2);
        assertThat(scenario.status().phase()).hasToString("Failed");
    }

    @Test
    void what_is_ignored_ends_after_fifty_attempts() {
        Scenario scenario = with("{action: Ignore, onExitCodes: {operator: In, values: [7]}}");
        for (int i = 1; i <= 60; i++) {
            scenario.fails("a/" + i);
        }
        scenario.rest();
        assertThat(scenario.attempts("a").getLast().number()).isEqualTo(50);
        assertThat(scenario.condition("Succeeded").reason()).isEqualTo("TooManyAttempts");
        assertThat(scenario.status().undone()).isEqualTo("1/1");
    }

    @Test
    void the_first_rule_that_matches_decides() {
        String rules = "{action: Fail, onExitCodes: {operator: In, values: [7]}},"
                + " {action: Ignore, onExitCodes: {operator: NotIn, values: [9]}}";
        assertThat(policy(with(rules).fails("a/1").rest())).isEqualTo(FailureAction.Fail);
        assertThat(policy(with(rules).failsOtherwise("a/1").rest())).isEqualTo(FailureAction.Ignore);
    }

    @Test
    void what_no_rule_is_about_counts() {
        Scenario scenario = with("{action: Fail, onExitCodes: {operator: NotIn, values: [7]}}")
                .fails("a/1")
                .rest();
        assertThat(policy(scenario)).isNull();
        assertThat(scenario.attempts("a")).hasSize(2);
    }

    @Test
    void success_is_no_concern_of_a_policy() {
        Scenario scenario = with("{action: Fail, onExitCodes: {operator: NotIn, values: [7]}}")
                .rest();
        assertThat(policy(scenario)).isNull();
        assertThat(scenario.status().phase()).hasToString("Succeeded");
    }

    @Test
    void a_condition_of_the_pod_is_matched_by_its_type_and_status() {
        String rule = "{action: Ignore, onPodConditions: [{type: DisruptionTarget%s}]}";
        assertThat(policy(disrupted(rule.formatted("")))).isEqualTo(FailureAction.Ignore);
        assertThat(policy(disrupted(rule.formatted(", status: \"True\"")))).isEqualTo(FailureAction.Ignore);
        assertThat(policy(disrupted(rule.formatted(", status: \"False\"")))).isNull();
    }

    private static Scenario disrupted(String rule) {
        return with(rule).hangs("a/1").rest().collects("a/1").rest();
    }

    @Test
    void an_attempt_without_effect_says_nothing_about_the_others() {
        Scenario scenario = with("{action: FailWithoutEffect, onExitCodes: {operator: In, values: [3]}}")
                .fails("a/1")
                .failsOtherwise("a/2")
                .rest();
        assertThat(scenario.attempts("a"))
                .extracting(Attempt::policy)
                .containsExactly(null, FailureAction.FailWithoutEffect);
        assertThat(scenario.status().undone()).as("the first may have had one").isEqualTo("1/1");
    }

    @Test
    void a_step_that_was_told_to_stop_shows_no_policy_whatever_its_exit_code() {
        Scenario scenario = with("{action: FailWithoutEffect, onExitCodes: {operator: In, values: [137]}}")
                .hangs("a/1")
                .rest()
                .desires(DesiredState.Cancelled)
                .rest();
        assertThat(policy(scenario)).isNull();
        assertThat(scenario.status().undone()).isEqualTo("1/1");
    }

    @Test
    void a_person_may_want_a_step_again_that_was_not_to_be_tried_again() {
        Scenario scenario = new Scenario("onFailure: Stall\n"
                        + POLICY.formatted("{action: Fail, onExitCodes: {operator: In, values: [7]}}"))
                .fails("a/1")
                .rest();
        assertThat(scenario.status().phase()).hasToString("Stalled");
        scenario.types(scenario.lines().getFirst()).rest();
        assertThat(scenario.status().phase()).hasToString("Succeeded");
    }
}
