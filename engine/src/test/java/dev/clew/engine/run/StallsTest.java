package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.DeletionPolicy;
import dev.clew.api.run.DesiredState;
import dev.clew.api.run.InterventionAction;
import dev.clew.engine.protocol.Scenario;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Runs that wait for a person instead of turning back: because they were told to, or because they are past their pivot. */
class StallsTest {
    private static final String STALLING = """
            onFailure: Stall
            steps:
            - {name: a, container: {image: a}, compensation: {container: {image: a}}}
            - {name: b, container: {image: a}, compensation: {container: {image: a}}}
            """;

    private static final String PIVOT = """
            steps:
            - {name: a, container: {image: a}, compensation: {container: {image: a}}}
            - {name: ship, pivot: true, container: {image: a}, compensation: {container: {image: a}}}
            - {name: b, container: {image: a}, compensation: {container: {image: a}}}
            """;

    private static String phase(Scenario scenario) {
        return String.valueOf(scenario.status().phase());
    }

    private static String reason(Scenario scenario) {
        return scenario.condition("Stalled").reason();
    }

    @Test
    void a_failure_stalls_a_run_that_is_to_stall() {
        Scenario scenario = new Scenario(STALLING).fails("b/1").rest();
        assertThat(phase(scenario)).isEqualTo("Stalled");
        assertThat(reason(scenario)).isEqualTo("StepFailed");
        assertThat(scenario.conditions()).isEqualTo("Unknown False Unknown False True True False");
        assertThat(scenario.status().compensation()).isNull();
        assertThat(scenario.status().message())
                .isEqualTo("b failed: exit code 7; waits for a person; to try again: kubectl patch workflowrun order-42"
                        + " -n shop --type=json -p '[{\"op\":\"add\",\"path\":\"/spec/interventions\",\"value\":"
                        + "[{\"name\":\"retry-b-1\",\"action\":\"RetryStep\",\"step\":\"b\"}]}]'; to go on without b:"
                        + " kubectl patch workflowrun order-42 -n shop --type=json -p"
                        + " '[{\"op\":\"add\",\"path\":\"/spec/interventions\",\"value\":"
                        + "[{\"name\":\"skip-b-1\",\"action\":\"SkipStep\",\"step\":\"b\"}]}]'; to undo it:"
                        + " kubectl patch workflowrun order-42 -n shop --type=merge -p"
                        + " '{\"spec\":{\"desiredState\":\"Cancelled\"}}'; to give it up: kubectl patch workflowrun"
                        + " order-42 -n shop --type=merge -p '{\"spec\":{\"desiredState\":\"Terminated\"}}'");
        assertThat(scenario.told()).hasSize(1);
    }

    @Test
    void each_line_that_it_gives_does_what_it_says() {
        assertThat(phase(typing(0))).isEqualTo("Succeeded");
        Scenario skipped = typing(1);
        assertThat(phase(skipped)).isEqualTo("Succeeded");
        assertThat(skipped.attempts("b")).hasSize(1);
        assertThat(phase(typing(3))).isEqualTo("Terminated");
        Scenario undone = typing(2);
        assertThat(phase(undone)).isEqualTo("Cancelled");
        assertThat(undone.status().undone()).isEqualTo("2/2");
    }

    private static Scenario typing(int line) {
        Scenario scenario = new Scenario(STALLING).fails("b/1").rest();
        return scenario.types(scenario.lines().get(line)).rest();
    }

    @Test
    void siblings_of_a_failed_step_run_on_or_are_stopped_while_it_stalls() {
        String graph = """
                onFailure: Stall
                order: Graph
                runningSteps: %s
                steps: [{name: a, container: {image: a}}, {name: b, container: {image: a}}]
                """;
        Scenario finishing = new Scenario(graph.formatted("Finish"))
                .fails("b/1")
                .hangs("a/1")
                .rest();
        assertThat(phase(finishing)).isEqualTo("Stalled");
        assertThat(finishing.attempts("a").getFirst().stopping()).isNull();
        Scenario stopping =
                new Scenario(graph.formatted("Stop")).fails("b/1").hangs("a/1").rest();
        assertThat(stopping.attempts("a").getFirst().stopping()).isEqualTo("SiblingFailed");
        assertThat(phase(stopping)).isEqualTo("Stalled");
        stopping.types(stopping.lines().getFirst()).rest();
        assertThat(phase(stopping)).isEqualTo("Succeeded");
        assertThat(stopping.created()).containsExactlyInAnyOrder("a/1", "b/1", "a/2", "b/2");
    }

    @Test
    void before_its_pivot_a_run_turns_back() {
        Scenario scenario = new Scenario(PIVOT).fails("ship/1").rest();
        assertThat(phase(scenario)).isEqualTo("Failed");
        assertThat(scenario.created()).endsWith("undo ship/1", "undo a/1");
    }

    @Test
    void past_its_pivot_a_failure_stalls() {
        Scenario scenario = new Scenario(PIVOT).fails("b/1").rest();
        assertThat(phase(scenario)).isEqualTo("Stalled");
        assertThat(reason(scenario)).isEqualTo("StepFailed");
        List<String> lines = scenario.lines();
        assertThat(lines).hasSize(4);
        assertThat(lines.get(2)).contains("RolledBack");
        scenario.types(lines.getFirst()).rest();
        assertThat(phase(scenario)).isEqualTo("Succeeded");
    }

    @Test
    void past_its_pivot_cancelling_stops_what_runs_and_stalls() {
        Scenario scenario = new Scenario(PIVOT)
                .hangs("b/1")
                .rest()
                .desires(DesiredState.Cancelled)
                .rest();
        assertThat(phase(scenario)).isEqualTo("Stalled");
        assertThat(reason(scenario)).isEqualTo("PastPivot");
        assertThat(scenario.attempts("b").getFirst().stopping()).isEqualTo("Cancelled");
        assertThat(scenario.created()).containsExactly("a/1", "ship/1", "b/1");
        assertThat(scenario.status().message())
                .startsWith("cancelled, past its pivot, where nothing is undone by itself; waits for a person; ");
        scenario.types(scenario.lines().getFirst()).rest();
        assertThat(phase(scenario)).isEqualTo("RolledBack");
        assertThat(scenario.status().undone()).isEqualTo("3/3");
    }

    @Test
    void past_its_pivot_a_stall_can_be_given_up() {
        Scenario scenario = new Scenario(PIVOT)
                .hangs("b/1")
                .rest()
                .desires(DesiredState.Cancelled)
                .rest();
        scenario.desires(DesiredState.Terminated).rest();
        assertThat(phase(scenario)).isEqualTo("Terminated");
        assertThat(scenario.created()).containsExactly("a/1", "ship/1", "b/1");
    }

    @Test
    void cancelling_while_the_pivot_runs_undoes_it_even_if_it_succeeds() {
        Scenario scenario = new Scenario(PIVOT).hangs("ship/1").passes(Duration.ofSeconds(10));
        scenario.desires(DesiredState.Cancelled).look().ends("ship/1").rest();
        assertThat(phase(scenario)).isEqualTo("Cancelled");
        assertThat(scenario.created()).endsWith("undo ship/1", "undo a/1");
    }

    @Test
    void a_pivot_that_a_person_skipped_is_not_past() {
        Scenario scenario = new Scenario(PIVOT)
                .intervenes(InterventionAction.SkipStep, "ship")
                .fails("b/1")
                .rest();
        assertThat(phase(scenario)).isEqualTo("Failed");
    }

    @Test
    void rolling_back_undoes_past_the_pivot_while_it_goes_on() {
        Scenario scenario = new Scenario(PIVOT)
                .hangs("b/1")
                .rest()
                .desires(DesiredState.RolledBack)
                .rest();
        assertThat(phase(scenario)).isEqualTo("RolledBack");
        assertThat(scenario.created()).endsWith("undo b/1", "undo ship/1", "undo a/1");
    }

    @Test
    void a_deleted_run_past_its_pivot_waits_for_a_person_and_gives_the_lines() {
        Scenario scenario = new Scenario(PIVOT).hangs("b/1").rest().deleteRun().rest();
        assertThat(phase(scenario)).isEqualTo("Stalled");
        assertThat(reason(scenario)).isEqualTo("PastPivot");
        assertThat(scenario.status().message()).startsWith("cancelled: the run was deleted, past its pivot, ");
        assertThat(scenario.run()).isPresent();
        List<String> lines = scenario.lines();
        assertThat(lines).hasSize(2);
        scenario.types(lines.getLast()).rest();
        assertThat(phase(scenario)).isEqualTo("Terminated");
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void a_stalled_run_that_is_deleted_waits_for_a_person() {
        Scenario scenario =
                new Scenario(STALLING).fails("b/1").rest().deleteRun().passes(Duration.ofHours(1));
        assertThat(phase(scenario)).isEqualTo("Stalled");
        assertThat(scenario.run()).isPresent();
        assertThat(scenario.lines()).hasSize(2);
        scenario.types(scenario.lines().getFirst()).rest();
        assertThat(phase(scenario)).isEqualTo("Cancelled");
        assertThat(scenario.created()).endsWith("undo b/1", "undo a/1");
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void a_run_whose_compensation_failed_and_that_is_deleted_waits_for_a_person() {
        Scenario scenario =
                new Scenario("""
                steps: [{name: a, container: {image: a}, compensation: {retry: {limit: 0}, container: {image: a}}}]
                """).fails("a/1", "undo a/1").rest().deleteRun().passes(Duration.ofHours(1));
        assertThat(phase(scenario)).isEqualTo("Stalled");
        assertThat(reason(scenario)).isEqualTo("CompensationFailed");
        assertThat(scenario.lines()).hasSize(3);
        Scenario again = scenario.types(scenario.lines().getFirst()).rest();
        assertThat(phase(again)).isEqualTo("Cancelled");
        assertThat(again.run()).isEmpty();
    }

    @Test
    void a_stalled_run_is_let_go_by_its_policy() {
        Scenario scenario = new Scenario(STALLING).fails("b/1").rest();
        scenario.deletionPolicy(DeletionPolicy.Abandon).deleteRun().rest();
        assertThat(phase(scenario)).isEqualTo("Terminated");
        assertThat(Objects.requireNonNull(scenario.status().intent()).reason()).isEqualTo("Deleted");
        assertThat(scenario.run()).isEmpty();
    }
}
