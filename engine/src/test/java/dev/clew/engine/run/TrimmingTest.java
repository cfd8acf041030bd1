package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.Output;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.protocol.Scenario;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The record of a step that was tried often: the first attempt and the last three, and what must not be forgotten. */
class TrimmingTest {
    private static final String ONE = """
            steps:
            - name: a
              outputs: [x]
              retry: {limit: 20, backoffSeconds: 0}
              startTimeoutSeconds: 10
              failurePolicy: {rules: [{action: Ignore, onExitCodes: {operator: In, values: [3]}}]}
              container: {image: a}
              compensation: {container: {image: a, args: ["$(steps.a.outputs.x)"]}}
            """;

    private static String[] attempts(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(number -> "a/" + number).toArray(String[]::new);
    }

    @Test
    void up_to_four_attempts_are_all_listed() {
        Scenario scenario =
                new Scenario(ONE).write("x=1\n").fails(attempts(1, 3)).rest();
        assertThat(scenario.attempts("a")).extracting(Attempt::number).containsExactly(1, 2, 3, 4);
        assertThat(scenario.step("a").attemptsOmitted()).isNull();
        assertThat(scenario.step("a").mayHaveEffect()).isNull();
    }

    @Test
    void of_more_the_first_and_the_last_three_are_listed_and_the_others_counted() {
        Scenario scenario =
                new Scenario(ONE).write("x=1\n").fails(attempts(1, 8)).rest();
        assertThat(scenario.attempts("a")).extracting(Attempt::number).containsExactly(1, 7, 8, 9);
        assertThat(scenario.step("a").attemptsOmitted()).isEqualTo(5);
        assertThat(scenario.step("a").mayHaveEffect()).isTrue();
        assertThat(scenario.step("a").failures()).isEqualTo(8);
        assertThat(scenario.status().phase()).hasToString("Succeeded");
    }

    @Test
    void failures_that_are_no_longer_listed_still_count() {
        Scenario scenario =
                new Scenario(ONE).write("x=1\n").fails(attempts(1, 30)).rest();
        assertThat(scenario.attempts("a").getLast().number()).isEqualTo(21);
        assertThat(scenario.status().message()).startsWith("a failed: exit code 7 after 21 attempts; ");
    }

    @Test
    void an_effect_that_an_omitted_attempt_may_have_had_is_still_owed() {
        Scenario scenario = new Scenario(ONE)
                .write("x=1\n")
                .neverStarts("a/1")
                .failsOtherwise("a/2")
                .neverStarts(attempts(3, 30))
                .rest();
        assertThat(scenario.attempts("a")).noneMatch(Attempt::mayHaveHadAnEffect);
        assertThat(scenario.step("a").mayHaveEffect()).isTrue();
        assertThat(scenario.created()).endsWith("undo a/1");
        assertThat(scenario.step("a").outputs()).as("and so are its outputs").containsExactly(new Output("x", "1"));
    }

    @Test
    void where_no_attempt_can_have_had_an_effect_nothing_is_owed() {
        Scenario scenario = new Scenario(ONE).neverStarts(attempts(1, 30)).rest();
        assertThat(scenario.step("a").attemptsOmitted()).isEqualTo(17);
        assertThat(scenario.step("a").mayHaveEffect()).isNull();
        assertThat(scenario.status().undone()).isEqualTo("0/0");
    }

    @Test
    void compensations_are_listed_in_the_same_way() {
        Scenario scenario = new Scenario("""
                steps: [{name: a, container: {image: a}, compensation: {retry: {backoffSeconds: 0}, container: {image: a}}}]
                """).fails("a/1");
        for (int number = 1; number <= 6; number++) {
            scenario.fails("undo a/" + number);
        }
        scenario.rest();
        assertThat(scenario.undoing("a")).extracting(Attempt::number).containsExactly(1, 5, 6, 7);
        assertThat(scenario.step("a").compensation()).hasFieldOrPropertyWithValue("attemptsOmitted", 3);
        assertThat(scenario.status().phase()).hasToString("Failed");
    }

    @Test
    void every_pod_is_released_also_those_of_attempts_that_are_no_longer_listed() {
        Scenario scenario =
                new Scenario(ONE).write("x=1\n").fails(attempts(1, 30)).rest();
        assertThat(scenario.pods(PodFacts::tracked)).isEmpty();
        assertThat(scenario.run().orElseThrow().finalizers()).isEmpty();
    }
}
