package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.DesiredState;
import dev.clew.engine.protocol.Scenario;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Claimed attempts that have no pod when nothing may start any more: their names are taken. */
class FenceTest {
    private static final String ONE = """
            %s
            steps: [{name: a, container: {image: a}, compensation: {container: {image: a}}}]
            """;

    private static Scenario claimed(String more) {
        Scenario scenario =
                new Scenario(ONE.formatted(more)).diesBeforeCreating().look();
        assertThat(scenario.attempts("a").getFirst().state()).hasToString("Claimed");
        assertThat(scenario.created()).isEmpty();
        return scenario;
    }

    private static String outcome(Scenario scenario) {
        Attempt attempt = scenario.attempts("a").getFirst();
        return attempt.state() + "/" + attempt.reason();
    }

    @Test
    void while_the_run_goes_on_the_pod_is_made() {
        assertThat(claimed("").look().created()).containsExactly("a/1");
    }

    @Test
    void once_the_run_is_cancelled_the_name_is_taken_and_nothing_is_owed() {
        Scenario scenario = claimed("").desires(DesiredState.Cancelled).look();
        assertThat(scenario.created()).isEmpty();
        assertThat(outcome(scenario)).isEqualTo("NotStarted/Fenced");
        assertThat(scenario.pods(pod -> pod.reservation() && pod.gated() && pod.tracked()))
                .as("what a former process sent may still be on its way")
                .containsExactly("a/1");
        scenario.rest();
        assertThat(scenario.status().phase()).hasToString("Cancelled");
        assertThat(scenario.status().undone()).isEqualTo("0/0");
        assertThat(scenario.created()).isEmpty();
    }

    @Test
    void the_name_stays_taken_until_nothing_can_be_on_its_way_and_then_it_is_removed() {
        Scenario scenario = claimed("").desires(DesiredState.Cancelled).look();
        scenario.passes(Duration.ofSeconds(4));
        assertThat(scenario.pods(pod -> pod.reservation())).containsExactly("a/1");
        assertThat(scenario.run().orElseThrow().tracked()).isTrue();
        scenario.passes(Duration.ofSeconds(1));
        assertThat(scenario.pods(pod -> true)).isEmpty();
        assertThat(scenario.run().orElseThrow().tracked()).isFalse();
    }

    @Test
    void a_create_that_arrives_after_the_name_was_taken_comes_to_nothing() {
        Scenario scenario = new Scenario(ONE.formatted("")).createsLate().look();
        scenario.desires(DesiredState.Cancelled).look().lateCreateArrives();
        assertThat(scenario.created()).isEmpty();
        assertThat(scenario.rest().status().phase()).hasToString("Cancelled");
    }

    @Test
    void a_create_that_arrived_before_is_stopped_and_waited_for() {
        Scenario scenario =
                new Scenario(ONE.formatted("")).hangs("a/1").createsLate().look();
        scenario.desires(DesiredState.Cancelled).lateCreateArrives().look();
        assertThat(scenario.created()).containsExactly("a/1");
        assertThat(scenario.attempts("a").getFirst().stopping()).isEqualTo("Cancelled");
        assertThat(scenario.attempts("a").getFirst().over()).isFalse();
        scenario.rest();
        assertThat(scenario.status().phase()).hasToString("Cancelled");
    }

    @Test
    void a_create_at_which_the_api_server_failed_may_arrive_and_is_waited_for() {
        Scenario scenario = new Scenario(ONE.formatted(""))
                .hangs("a/1")
                .failCreates("etcdserver: request timed out")
                .createsLate()
                .look();
        scenario.desires(DesiredState.Cancelled)
                .refuseCreates("Forbidden", "exceeded quota: pods")
                .look();
        assertThat(scenario.attempts("a").getFirst().over()).isFalse();
        scenario.allowCreates().lateCreateArrives().rest();
        assertThat(scenario.created()).containsExactly("a/1");
        assertThat(scenario.status().phase()).hasToString("Cancelled");
    }

    @Test
    void a_run_that_is_deleted_takes_the_name_without_an_owner_and_leaves_nothing() {
        Scenario scenario = claimed("").deleteRun().look();
        assertThat(scenario.pods(pod -> pod.reservation() && pod.controllerUid() == null))
                .containsExactly("a/1");
        scenario.rest();
        assertThat(scenario.pods(pod -> true)).isEmpty();
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void a_run_that_is_terminated_takes_the_names_of_compensations_too() {
        Scenario fenced = new Scenario(ONE.formatted(""))
                .hangs("a/1")
                .rest()
                .stopsHanging("a/1")
                .diesBeforeCreating();
        fenced.look();
        assertThat(fenced.undoing("a")).hasSize(1);
        fenced.desires(DesiredState.Terminated).look();
        assertThat(fenced.undoing("a").getFirst().reason()).isEqualTo("Fenced");
        fenced.rest();
        assertThat(fenced.created()).containsExactly("a/1");
        assertThat(fenced.status().phase()).hasToString("Terminated");
        assertThat(fenced.pods(pod -> pod.reservation())).isEmpty();
    }

    @Test
    void a_compensation_claimed_before_a_cancellation_gets_its_pod() {
        Scenario scenario = new Scenario(ONE.formatted(""))
                .hangs("a/1")
                .rest()
                .stopsHanging("a/1")
                .diesBeforeCreating();
        scenario.look().desires(DesiredState.Cancelled).rest();
        assertThat(scenario.created()).containsExactly("a/1", "undo a/1");
    }

    @Test
    void where_the_name_cannot_be_taken_it_is_waited_until_nothing_can_be_on_its_way() {
        Scenario scenario = claimed("").refuseCreates("Forbidden", "exceeded quota: pods");
        scenario.desires(DesiredState.Cancelled).look();
        scenario.passes(Duration.ofSeconds(4));
        assertThat(scenario.attempts("a").getFirst().over()).isFalse();
        scenario.passes(Duration.ofSeconds(6));
        assertThat(outcome(scenario)).isEqualTo("NotStarted/Fenced");
        assertThat(scenario.status().phase()).hasToString("Cancelled");
    }

    @Test
    void a_run_without_its_definition_that_is_terminated_takes_the_name_all_the_same() {
        Scenario scenario =
                claimed("").definitionGone().desires(DesiredState.Terminated).look();
        assertThat(outcome(scenario)).isEqualTo("NotStarted/Fenced");
        scenario.rest();
        assertThat(scenario.status().phase()).hasToString("Terminated");
        assertThat(scenario.pods(pod -> true)).isEmpty();
    }
}
