package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.Attempt;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.protocol.Scenario;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What runs beside what: siblings of a failed step, a bound on steps, the order of undoing, and failures in it. */
class OrderTest {
    /** Two branches from one root: a → b → c and a → d; e stands alone. */
    private static final String BRANCHES = """
            order: Graph
            %s
            steps:
            - {name: a, container: {image: a}, compensation: {retry: {limit: 0}, container: {image: a}}}
            - {name: b, dependsOn: [a], container: {image: a}, compensation: {retry: {limit: 0}, container: {image: a}}}
            - {name: c, dependsOn: [b], container: {image: a}, compensation: {retry: {limit: 0}, container: {image: a}}}
            - {name: d, dependsOn: [a], container: {image: a}, compensation: {retry: {limit: 0}, container: {image: a}}}
            - {name: last, dependsOn: [c, d], container: {image: a}}
            """;

    private static Scenario branches(String more) {
        return new Scenario(BRANCHES.formatted(more)).fails("last/1");
    }

    private static Scenario siblings(String runningSteps) {
        return new Scenario("""
                order: Graph
                runningSteps: %s
                steps:
                - {name: a, container: {image: a}}
                - {name: b, retry: {limit: 3, backoffSeconds: 0}, container: {image: a}}
                - {name: c, dependsOn: [b], container: {image: a}}
                """.formatted(runningSteps))
                .fails("a/1")
                .hangs("b/1")
                .passes(Duration.ofSeconds(30));
    }

    @Test
    void siblings_of_a_failed_step_may_finish_and_nothing_new_begins() {
        Scenario scenario = siblings("Finish");
        assertThat(scenario.attempts("b").getFirst().stopping()).isNull();
        assertThat(scenario.status().phase()).hasToString("Compensating");
        scenario.hangingFails();
        assertThat(scenario.created()).as("retries are new attempts").containsExactlyInAnyOrder("a/1", "b/1");
        assertThat(scenario.status().phase()).hasToString("Failed");
    }

    @Test
    void or_they_are_stopped_if_that_is_wanted() {
        Attempt stopped = siblings("Stop").attempts("b").getFirst();
        assertThat(stopped.stopping()).isEqualTo("SiblingFailed");
        assertThat(stopped.over()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "3, 3", "9, 4"})
    void no_more_steps_run_at_the_same_time_than_is_allowed(int most, int running) {
        Scenario scenario = new Scenario("""
                order: Graph
                maxParallelSteps: %d
                steps:
                - {name: a, container: {image: a}}
                - {name: b, container: {image: a}}
                - {name: c, container: {image: a}}
                - {name: d, container: {image: a}}
                """.formatted(most))
                .hangs("a/1", "b/1", "c/1", "d/1")
                .rest();
        assertThat(scenario.pods(PodFacts::running)).hasSize(running);
        assertThat(scenario.hangingFails().status().phase()).hasToString("Failed");
    }

    @Test
    void the_bound_holds_for_compensations_too() {
        Scenario scenario = branches("maxParallelSteps: 1\ncompensation: {order: Graph}")
                .hangs("undo c/1", "undo d/1")
                .rest();
        assertThat(scenario.pods(PodFacts::running)).hasSize(1);
    }

    @Test
    void what_is_owed_is_undone_one_by_one_in_reverse() {
        Scenario scenario = branches("").rest();
        assertThat(Objects.requireNonNull(scenario.status().compensation()).plan())
                .containsExactly("d", "c", "b", "a");
        assertThat(scenario.created()).endsWith("undo d/1", "undo c/1", "undo b/1", "undo a/1");
    }

    @Test
    void one_by_one_means_that_each_waits_for_the_one_before_it() {
        Scenario scenario = branches("").hangs("undo d/1").rest();
        assertThat(scenario.pods(PodFacts::running)).containsExactly("undo d/1");
        assertThat(scenario.created()).doesNotContain("undo c/1");
    }

    @Test
    void independent_branches_are_undone_at_the_same_time_if_that_is_wanted() {
        Scenario scenario = branches("compensation: {order: Graph}")
                .hangs("undo c/1", "undo d/1")
                .rest();
        assertThat(scenario.pods(PodFacts::running)).containsExactlyInAnyOrder("undo c/1", "undo d/1");
        scenario.ends("undo c/1").rest();
        assertThat(scenario.created()).contains("undo b/1").doesNotContain("undo a/1");
        scenario.ends("undo d/1").rest();
        assertThat(scenario.created()).endsWith("undo a/1");
        assertThat(scenario.status().phase()).hasToString("Failed");
    }

    @Test
    void a_compensation_waits_for_all_transitive_dependents_also_through_a_step_that_owes_nothing() {
        Scenario scenario = new Scenario("""
                order: Graph
                compensation: {order: Graph}
                steps:
                - {name: a, container: {image: a}, compensation: {container: {image: a}}}
                - {name: between, dependsOn: [a], container: {image: a}}
                - {name: c, dependsOn: [between], container: {image: a}, compensation: {container: {image: a}}}
                """).fails("c/1").hangs("undo c/1").rest();
        assertThat(scenario.created()).doesNotContain("undo a/1");
        assertThat(scenario.ends("undo c/1").rest().created()).endsWith("undo a/1");
    }

    @Test
    void a_compensation_that_failed_stops_the_others() {
        Scenario scenario = branches("").fails("undo c/1").rest();
        assertThat(scenario.status().phase()).hasToString("Stalled");
        assertThat(scenario.created()).endsWith("undo d/1", "undo c/1");
        assertThat(scenario.status().undone()).isEqualTo("1/4");
    }

    @Test
    void one_that_failed_lets_those_that_run_beside_it_end() {
        Scenario scenario = branches("compensation: {order: Graph}")
                .fails("undo c/1")
                .hangs("undo d/1")
                .rest();
        assertThat(scenario.status().phase()).hasToString("Compensating");
        scenario.ends("undo d/1").rest();
        assertThat(scenario.status().phase()).hasToString("Stalled");
        assertThat(scenario.created()).doesNotContain("undo b/1", "undo a/1");
    }

    @Test
    void or_the_others_are_undone_all_the_same_and_the_run_waits_for_a_person_at_the_end() {
        Scenario scenario = branches("compensation: {onFailure: Continue}")
                .fails("undo c/1")
                .rest();
        assertThat(scenario.created()).endsWith("undo d/1", "undo c/1", "undo b/1", "undo a/1");
        assertThat(scenario.status().phase()).hasToString("Stalled");
        assertThat(scenario.condition("Stalled").reason()).isEqualTo("CompensationFailed");
        assertThat(scenario.status().undone()).isEqualTo("3/4");
        scenario.types(scenario.lines().getFirst()).rest();
        assertThat(scenario.created()).endsWith("undo c/2");
        assertThat(scenario.status().phase()).hasToString("Failed");
    }
}
