package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.DeletionPolicy;
import dev.clew.api.run.DesiredState;
import dev.clew.api.run.Intent;
import dev.clew.api.run.IntentState;
import dev.clew.engine.protocol.Scenario;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a person can want of a run, in each of its states. */
class IntentsTest {
    private static final String TWO = """
            %s
            steps:
            - {name: a, container: {image: a}, compensation: {container: {image: a}}}
            - {name: b, container: {image: a}, compensation: {retry: {limit: 0}, container: {image: a}}}
            """;

    private static Scenario two() {
        return new Scenario(TWO.formatted(""));
    }

    private static String phase(Scenario scenario) {
        return String.valueOf(scenario.status().phase());
    }

    @ParameterizedTest
    @CsvSource({
        // what is wanted of a run whose second step runs, how it ends, what was undone, why the step was stopped
        "Cancelled, Cancelled, 2/2, Cancelled",
        "RolledBack, RolledBack, 2/2, RolledBack",
        "Terminated, Terminated, , Terminated",
    })
    void while_it_runs(DesiredState wanted, String end, String undone, String stopping) {
        Scenario scenario = two().hangs("b/1").rest().desires(wanted).rest();
        assertThat(phase(scenario)).isEqualTo(end);
        assertThat(scenario.status().undone()).isEqualTo(undone);
        assertThat(scenario.attempts("b").getFirst().stopping()).isEqualTo(stopping);
        assertThat(Objects.requireNonNull(scenario.status().intent()).state()).hasToString(wanted.name());
        assertThat(scenario.run().orElseThrow().finalizers()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Running, Succeeded",
        "Paused, Succeeded",
        "Cancelled, Succeeded",
        "RolledBack, RolledBack",
        "Terminated, Succeeded",
    })
    void after_it_succeeded(DesiredState wanted, String end) {
        Scenario scenario = two().rest().desires(wanted).rest();
        assertThat(phase(scenario)).isEqualTo(end);
        if (!end.equals("RolledBack")) {
            assertThat(scenario.status().intent()).isNull();
        }
        assertThat(scenario.status().observedGeneration())
                .isEqualTo(scenario.run().orElseThrow().generation());
    }

    @Test
    void a_run_that_succeeded_is_rolled_back_under_its_finalizer_and_ends_anew() {
        Scenario scenario = two().rest();
        Instant first = Objects.requireNonNull(scenario.status().completionTime());
        assertThat(scenario.run().orElseThrow().tracked()).isFalse();
        scenario.desires(DesiredState.RolledBack).hangs("undo b/1").passes(Duration.ofSeconds(30));
        assertThat(scenario.run().orElseThrow().tracked()).isTrue();
        assertThat(phase(scenario)).isEqualTo("Compensating");
        assertThat(scenario.status().completionTime()).isNull();
        scenario.ends("undo b/1").rest();
        assertThat(scenario.created()).containsExactly("a/1", "b/1", "undo b/1", "undo a/1");
        assertThat(scenario.status().completionTime()).isAfter(first);
        assertThat(scenario.run().orElseThrow().tracked()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"Cancelled", "RolledBack", "Terminated"})
    void a_run_that_is_undone_stays_as_it_ended(DesiredState wanted) {
        Scenario scenario = two().fails("b/1").rest();
        assertThat(phase(scenario)).isEqualTo("Failed");
        scenario.desires(wanted).rest();
        assertThat(phase(scenario)).isEqualTo("Failed");
        assertThat(scenario.status().intent()).isNull();
    }

    @ParameterizedTest
    @EnumSource(names = {"Cancelled", "RolledBack", "Terminated"})
    void before_it_begins_it_ends_at_once_and_makes_no_pod(DesiredState wanted) {
        Scenario scenario = two().desires(wanted).rest();
        assertThat(phase(scenario)).isEqualTo(wanted.name());
        assertThat(scenario.created()).isEmpty();
        assertThat(scenario.status().steps()).isEmpty();
        scenario.desires(DesiredState.Running).rest();
        assertThat(phase(scenario)).as("it has ended for good").isEqualTo(wanted.name());
    }

    @Test
    void an_intent_only_rises() {
        Scenario scenario = two().hangs("a/1", "undo a/1").rest();
        scenario.desires(DesiredState.Cancelled).passes(Duration.ofMinutes(1));
        Intent cancelled = Objects.requireNonNull(scenario.status().intent());
        assertThat(cancelled.state()).isEqualTo(IntentState.Cancelled);
        assertThat(phase(scenario)).isEqualTo("Compensating");
        scenario.desires(DesiredState.Running).look();
        assertThat(scenario.status().intent())
                .as("running again means only to go on")
                .isEqualTo(cancelled);
        scenario.desires(DesiredState.RolledBack).look();
        assertThat(Objects.requireNonNull(scenario.status().intent()).state()).isEqualTo(IntentState.RolledBack);
        scenario.desires(DesiredState.Cancelled).look();
        assertThat(Objects.requireNonNull(scenario.status().intent()).state()).isEqualTo(IntentState.RolledBack);
        scenario.ends("undo a/1").rest();
        assertThat(phase(scenario)).as("the highest names the end").isEqualTo("RolledBack");
    }

    @Test
    void a_failed_run_that_is_cancelled_while_it_undoes_ends_cancelled_and_keeps_why_it_turned_back() {
        Scenario scenario = two().fails("b/1").hangs("undo b/1").rest();
        scenario.desires(DesiredState.Cancelled).look().ends("undo b/1").rest();
        assertThat(phase(scenario)).isEqualTo("Cancelled");
        assertThat(Objects.requireNonNull(scenario.status().compensation()).reason())
                .isEqualTo("StepFailed");
    }

    @Test
    void terminating_stops_compensations_too_and_starts_none() {
        Scenario scenario = two().fails("b/1").hangs("undo b/1").passes(Duration.ofSeconds(10));
        scenario.desires(DesiredState.Terminated).rest();
        assertThat(phase(scenario)).isEqualTo("Terminated");
        assertThat(scenario.undoing("b").getFirst().stopping()).isEqualTo("Terminated");
        assertThat(scenario.created()).containsExactly("a/1", "b/1", "undo b/1");
        assertThat(scenario.status().message()).isEqualTo("terminated: nothing was undone");
        assertThat(scenario.condition("Compensated").reason()).isEqualTo("Abandoned");
    }

    @Test
    void a_paused_run_starts_nothing_and_what_runs_runs_on() {
        Scenario scenario =
                two().hangs("a/1").rest().desires(DesiredState.Paused).passes(Duration.ofMinutes(1));
        assertThat(phase(scenario)).isEqualTo("Paused");
        assertThat(scenario.attempts("a").getFirst().stopping()).isNull();
        scenario.ends("a/1").passes(Duration.ofMinutes(1));
        assertThat(scenario.created()).containsExactly("a/1");
        assertThat(scenario.status().message())
                .isEqualTo("paused; to go on: kubectl patch workflowrun order-42 -n shop --type=merge -p"
                        + " '{\"spec\":{\"desiredState\":\"Running\"}}'");
        scenario.types(scenario.lines().getFirst()).rest();
        assertThat(phase(scenario)).isEqualTo("Succeeded");
    }

    @Test
    void a_paused_run_whose_last_step_ends_has_succeeded() {
        Scenario scenario =
                two().hangs("b/1").rest().desires(DesiredState.Paused).look();
        scenario.ends("b/1").rest();
        assertThat(phase(scenario)).isEqualTo("Succeeded");
    }

    @Test
    void a_run_is_paused_while_it_undoes() {
        Scenario scenario = two().fails("b/1").hangs("undo b/1").rest();
        scenario.desires(DesiredState.Paused).look().ends("undo b/1").passes(Duration.ofMinutes(1));
        assertThat(phase(scenario)).isEqualTo("Paused");
        assertThat(scenario.created()).containsExactly("a/1", "b/1", "undo b/1");
        scenario.desires(DesiredState.Running).rest();
        assertThat(phase(scenario)).isEqualTo("Failed");
    }

    @Test
    void a_retry_waits_until_the_pause_is_over() {
        Scenario scenario = new Scenario("""
                steps: [{name: a, retry: {limit: 1, backoffSeconds: 5}, container: {image: a}}]
                """)
                .hangs("a/1")
                .rest()
                .desires(DesiredState.Paused)
                .look();
        scenario.hangingFails().passes(Duration.ofMinutes(5));
        assertThat(scenario.created()).containsExactly("a/1");
        scenario.desires(DesiredState.Running).rest();
        assertThat(scenario.created()).containsExactly("a/1", "a/2");
    }

    @Test
    void a_claim_that_was_made_before_the_pause_gets_its_pod() {
        Scenario scenario = two().diesBeforeCreating().look();
        assertThat(scenario.attempts("a")).hasSize(1);
        assertThat(scenario.created()).isEmpty();
        scenario.desires(DesiredState.Paused).look();
        assertThat(scenario.created()).containsExactly("a/1");
    }

    @Test
    void a_run_that_is_paused_from_the_start_begins_when_it_is_resumed() {
        Scenario scenario = two().desires(DesiredState.Paused).rest();
        assertThat(phase(scenario)).isEqualTo("Paused");
        assertThat(scenario.status().steps()).isEmpty();
        assertThat(scenario.run().orElseThrow().finalizers()).isEmpty();
        scenario.types(scenario.lines().getFirst()).rest();
        assertThat(phase(scenario)).isEqualTo("Succeeded");
    }

    @Test
    void deleting_a_run_outweighs_a_pause() {
        Scenario scenario =
                two().hangs("b/1").rest().desires(DesiredState.Paused).look();
        scenario.deleteRun().rest();
        assertThat(phase(scenario)).isEqualTo("Cancelled");
        assertThat(scenario.created()).containsExactly("a/1", "b/1", "undo b/1", "undo a/1");
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void deleting_a_run_is_cancelling_it_first() {
        Scenario scenario = two().hangs("b/1").rest().deleteRun().rest();
        assertThat(phase(scenario)).isEqualTo("Cancelled");
        assertThat(Objects.requireNonNull(scenario.status().intent()).reason()).isEqualTo("Deleted");
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void deleting_a_run_whose_policy_is_to_abandon_it_undoes_nothing() {
        Scenario scenario = two().deletionPolicy(DeletionPolicy.Abandon)
                .hangs("b/1")
                .rest()
                .deleteRun()
                .rest();
        assertThat(phase(scenario)).isEqualTo("Terminated");
        assertThat(scenario.created()).containsExactly("a/1", "b/1");
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void the_policy_can_be_changed_after_the_deletion() {
        Scenario scenario = two().hangs("b/1", "undo b/1").rest().deleteRun().passes(Duration.ofMinutes(1));
        assertThat(phase(scenario)).isEqualTo("Compensating");
        scenario.deletionPolicy(DeletionPolicy.Abandon).rest();
        assertThat(phase(scenario)).isEqualTo("Terminated");
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void a_run_that_is_to_be_rolled_back_and_is_deleted_ends_rolled_back() {
        Scenario scenario = two().hangs("b/1")
                .rest()
                .desires(DesiredState.RolledBack)
                .deleteRun()
                .rest();
        assertThat(phase(scenario)).isEqualTo("RolledBack");
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void a_step_that_was_stopped_for_the_sake_of_the_run_uses_up_no_retry_and_shows_why() {
        Scenario scenario =
                two().hangs("b/1").rest().desires(DesiredState.Cancelled).rest();
        Attempt stopped = scenario.attempts("b").getFirst();
        assertThat(stopped.stopping()).isEqualTo("Cancelled");
        assertThat(scenario.step("b").failures()).isNull();
    }

    @Test
    void rolling_back_does_not_try_a_failed_compensation_again() {
        Scenario scenario = two().fails("b/1", "undo b/1").rest();
        assertThat(phase(scenario)).isEqualTo("Stalled");
        scenario.desires(DesiredState.RolledBack).rest();
        assertThat(phase(scenario)).isEqualTo("Stalled");
        assertThat(scenario.undoing("b")).hasSize(1);
        scenario.types(scenario.lines().getFirst()).rest();
        assertThat(phase(scenario)).isEqualTo("RolledBack");
    }

    @Test
    void a_change_that_means_nothing_is_seen_and_changes_nothing() {
        Scenario scenario = two().hangs("a/1").rest();
        scenario.ttl(5).look();
        assertThat(scenario.status().observedGeneration()).isEqualTo(2);
        assertThat(phase(scenario)).isEqualTo("Running");
        assertThat(scenario.created()).containsExactly("a/1");
    }
}
