package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.RunPhase;
import dev.clew.engine.protocol.Scenario;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What others do to a run, and what it must not wait for. */
class TroubleTest {
    private static final String ONE = """
            startTimeoutSeconds: 60
            container: {image: a}
            compensation: {container: {image: a}}
            """;

    private static Scenario one(String more) {
        return new Scenario(
                more + "\nsteps:\n- name: a\n  " + ONE.replace("\n", "\n  ").strip() + "\n");
    }

    private static final String TWO = """
            steps:
            - {name: a, container: {image: a}, compensation: {retry: {limit: 0}, container: {image: a}}}
            - {name: b, container: {image: a}, compensation: {retry: {limit: 0}, container: {image: a}}}
            """;

    @Test
    void a_run_of_one_long_step_is_ended_when_its_time_is_up() {
        Scenario scenario = one("timeoutSeconds: 2").hangs("a/1").passes(Duration.ofSeconds(40));
        assertThat(scenario.status().phase()).isEqualTo(RunPhase.Failed);
        assertThat(scenario.attempts("a").getFirst().stopping()).isEqualTo("RunTimeout");
    }

    @Test
    void a_long_step_is_shown_as_running_after_five_seconds_with_the_uid_of_its_pod() {
        Attempt attempt =
                one("").hangs("a/1").passes(Duration.ofSeconds(6)).attempts("a").getFirst();
        assertThat(attempt.state()).isEqualTo(AttemptState.Running);
        assertThat(Objects.requireNonNull(attempt.pod()).uid()).isNotNull();
    }

    @Test
    void a_pod_that_no_node_has_room_for_is_given_up_after_the_start_limit() {
        Scenario scenario = one("").unschedulable("a/1").passes(Duration.ofSeconds(70));
        Attempt attempt = scenario.attempts("a").getFirst();
        assertThat(attempt.state()).isEqualTo(AttemptState.NotStarted);
        assertThat(attempt.reason()).isEqualTo("StartTimeout");
        assertThat(scenario.status().undone()).isEqualTo("0/0");
    }

    @Test
    void a_refused_pod_is_tried_until_the_start_limit_and_owes_nothing() {
        Scenario scenario =
                one("").refuseCreates("Forbidden", "exceeded quota: pods").passes(Duration.ofSeconds(70));
        assertThat(scenario.status().phase()).isEqualTo(RunPhase.Failed);
        assertThat(scenario.status().message())
                .isEqualTo("a failed: its pod could not be created: exceeded quota: pods; there was nothing to undo");
    }

    @Test
    void a_deleted_run_does_not_wait_for_a_refused_pod() {
        Scenario scenario =
                one("").refuseCreates("Forbidden", "exceeded quota: pods").passes(Duration.ofSeconds(10));
        scenario.deleteRun().passes(Duration.ofSeconds(10));
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void a_claim_without_a_pod_of_a_run_that_is_deleted_gets_none_and_its_name_is_taken() {
        Scenario scenario = one("").refuseCreates("Forbidden", "quota").look();
        assertThat(scenario.attempts("a").getFirst().state()).isEqualTo(AttemptState.Claimed);
        scenario.allowCreates().deleteRun().look();
        assertThat(scenario.created()).isEmpty();
        assertThat(scenario.attempts("a").getFirst().reason()).isEqualTo("Fenced");
        scenario.rest();
        assertThat(scenario.pods(pod -> true)).isEmpty();
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void a_run_that_was_invalid_has_ended_for_good() {
        Scenario scenario = one("").definitionWrong("spec.params: the parameter x has no default")
                .rest();
        assertThat(scenario.status().phase()).isEqualTo(RunPhase.Failed);
        scenario.definitionBack().look();
        assertThat(scenario.status().phase()).isEqualTo(RunPhase.Failed);
        scenario.deleteRun().look();
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void a_run_that_ended_lets_go_even_if_its_definition_is_gone() {
        Scenario scenario = one("").hangs("a/1").rest();
        scenario.hangs("undo a/1").hangingFails().definitionGone().deleteRun().look();
        assertThat(scenario.status().phase()).isEqualTo(RunPhase.Stalled);
        scenario.definitionBack().hangingFails();
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void a_run_without_definition_in_a_namespace_that_goes_lets_go() {
        Scenario scenario = one("").hangs("a/1").passes(Duration.ofMinutes(1));
        scenario.definitionGone()
                .terminateNamespace()
                .deleteRun()
                .deletePod("a/1")
                .rest();
        assertThat(scenario.status().phase()).isEqualTo(RunPhase.Terminated);
        assertThat(scenario.run()).isEmpty();
        assertThat(scenario.pods(pod -> true)).isEmpty();
    }

    @Test
    void a_stalled_run_in_a_namespace_that_goes_lets_go() {
        Scenario scenario = new Scenario(TWO).fails("b/1", "undo b/1").rest();
        assertThat(scenario.status().phase()).isEqualTo(RunPhase.Stalled);
        scenario.terminateNamespace().deleteRun().rest();
        assertThat(scenario.status().phase()).isEqualTo(RunPhase.Terminated);
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void a_deleted_run_that_is_stalled_says_how_to_let_it_go() {
        Scenario scenario =
                new Scenario(TWO).fails("b/1", "undo b/1").rest().deleteRun().rest();
        assertThat(scenario.status().message())
                .contains("; to let it go as it is: kubectl patch workflowrun order-42 -n shop --type=merge -p"
                        + " '{\"spec\":{\"deletionPolicy\":\"Abandon\"}}'; ");
    }

    @Test
    void a_stripped_finalizer_is_put_back_before_anything_is_claimed() {
        Scenario scenario = new Scenario(TWO).hangs("a/1").rest().stripRun();
        assertThat(scenario.run().orElseThrow().tracked()).isFalse();
        scenario.look();
        assertThat(scenario.run().orElseThrow().tracked()).isTrue();
    }

    @Test
    void while_the_definition_is_gone_no_outcome_is_taken_for_its_outputs_could_not_be_told() {
        Scenario scenario = one("").hangs("a/1").passes(Duration.ofMinutes(1)).definitionGone();
        scenario.look().hangingFails();
        assertThat(scenario.attempts("a").getFirst().over()).isFalse();
        assertThat(scenario.pods(pod -> pod.tracked())).containsExactly("a/1");
        scenario.definitionBack().look().rest();
        assertThat(scenario.status().phase()).isEqualTo(RunPhase.Failed);
        assertThat(scenario.status().undone()).isEqualTo("1/1");
    }

    // -- what others put beside a step, or hold it with

    @Test
    void a_container_that_runs_on_for_ten_seconds_after_the_step_is_stopped_once_the_outcome_is_recorded() {
        Scenario scenario = new Scenario(TWO).sidecar("a/1").hangs("b/1").passes(Duration.ofSeconds(9));
        assertThat(scenario.attempts("a").getFirst().state()).isEqualTo(AttemptState.Succeeded);
        assertThat(scenario.created()).as("nobody waits for it").containsExactly("a/1", "b/1");
        assertThat(scenario.pods(pod -> pod.othersRunning() && !pod.deleting())).containsExactly("a/1");
        scenario.passes(Duration.ofSeconds(1));
        assertThat(scenario.pods(pod -> pod.othersRunning())).isEmpty();
        assertThat(scenario.attempts("a").getFirst().state()).isEqualTo(AttemptState.Succeeded);
    }

    @Test
    void it_is_stopped_also_after_the_run_has_ended() {
        Scenario scenario = one("").sidecar("a/1").passes(Duration.ofSeconds(1));
        assertThat(scenario.status().phase()).isEqualTo(RunPhase.Succeeded);
        assertThat(scenario.run().orElseThrow().tracked()).isFalse();
        assertThat(scenario.pods(pod -> pod.othersRunning())).containsExactly("a/1");
        scenario.passes(Duration.ofSeconds(10));
        assertThat(scenario.pods(pod -> pod.othersRunning())).isEmpty();
    }

    @Test
    void the_start_limit_does_not_count_while_somebody_elses_gate_holds_the_pod() {
        Scenario scenario = one("").gated("a/1").passes(Duration.ofHours(3));
        assertThat(scenario.attempts("a").getFirst().reason()).isEqualTo("SchedulingGated");
        assertThat(scenario.status().message()).isEqualTo("a waits: SchedulingGated");
        assertThat(scenario.wakesUp()).as("the gate is an event").isEmpty();
        scenario.liftGate("a/1").rest();
        assertThat(scenario.status().phase()).isEqualTo(RunPhase.Succeeded);
    }

    @Test
    void it_counts_from_when_the_gate_was_lifted() {
        Scenario scenario = one("").gated("a/1").unschedulable("a/1").passes(Duration.ofHours(3));
        scenario.liftGate("a/1").look();
        Instant lifted = scenario.now();
        assertThat(scenario.attempts("a").getFirst().ungatedTime()).isEqualTo(lifted);
        scenario.passes(Duration.ofSeconds(59));
        assertThat(scenario.attempts("a").getFirst().over()).isFalse();
        scenario.passes(Duration.ofSeconds(1));
        assertThat(scenario.attempts("a").getFirst().reason()).isEqualTo("StartTimeout");
    }

    @Test
    void a_pod_that_was_never_gated_has_its_start_limit_from_its_creation() {
        Scenario scenario = one("").unschedulable("a/1").passes(Duration.ofSeconds(59));
        assertThat(scenario.attempts("a").getFirst().over()).isFalse();
        scenario.passes(Duration.ofSeconds(1));
        assertThat(scenario.attempts("a").getFirst().reason()).isEqualTo("StartTimeout");
        assertThat(scenario.attempts("a").getFirst().ungatedTime()).isNull();
    }
}
