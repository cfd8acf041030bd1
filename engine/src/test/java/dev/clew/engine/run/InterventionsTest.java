package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.CompensationPhase;
import dev.clew.api.run.DesiredState;
import dev.clew.api.run.InterventionAction;
import dev.clew.api.run.InterventionStatus;
import dev.clew.api.run.Output;
import dev.clew.api.run.StepPhase;
import dev.clew.engine.protocol.Scenario;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person can do to a run, and what is refused with which words. */
class InterventionsTest {
    private static final String STALLING = """
            onFailure: Stall
            steps:
            - {name: a, container: {image: a}, compensation: {container: {image: a}}}
            - name: b
              outputs: [x, y]
              retry: {limit: 1, backoffSeconds: 100}
              container: {image: a}
              compensation: {container: {image: a}}
            - {name: c, container: {image: a, args: ["$(steps.b.outputs.x)"]}}
            """;

    private static final String COMPENSATING = """
            steps:
            - {name: a, container: {image: a}, compensation: {retry: {limit: 1, backoffSeconds: 0}, container: {image: a}}}
            - {name: b, container: {image: a}, compensation: {retry: {limit: 1, backoffSeconds: 0}, container: {image: a}}}
            - {name: c, container: {image: a}}
            """;

    private static Scenario stalled() {
        return new Scenario(STALLING).write("x=1\ny=2\n").fails("b/1", "b/2").rest();
    }

    private static Scenario stuck() {
        return new Scenario(COMPENSATING).fails("c/1", "undo b/1", "undo b/2").rest();
    }

    private static String phase(Scenario scenario) {
        return String.valueOf(scenario.status().phase());
    }

    @Test
    void a_failed_step_is_tried_again_at_once_with_fresh_retries_and_its_numbers_go_on() {
        Scenario scenario = stalled();
        assertThat(phase(scenario)).isEqualTo("Stalled");
        scenario.fails("b/3").intervenes(InterventionAction.RetryStep, "b").look();
        assertThat(scenario.intervened()).isEqualTo("Done: the step b is tried again");
        assertThat(scenario.attempts("b")).extracting(Attempt::number).containsExactly(1, 2, 3);
        scenario.rest();
        assertThat(phase(scenario)).isEqualTo("Succeeded");
        assertThat(scenario.created()).containsExactly("a/1", "b/1", "b/2", "b/3", "b/4", "c/1");
    }

    @Test
    void a_failed_step_is_skipped_and_still_owes_its_compensation() {
        Scenario scenario = stalled();
        scenario.fails("c/1").intervenes(InterventionAction.SkipStep, "b", new Output("x", "7"));
        scenario.rest();
        assertThat(scenario.intervened()).isEqualTo("Done: the step b is skipped");
        assertThat(scenario.step("b").phase()).isEqualTo(StepPhase.Skipped);
        assertThat(scenario.step("b").outputs()).containsExactly(new Output("x", "7"), new Output("y", "2"));
        assertThat(phase(scenario)).isEqualTo("Stalled");
        scenario.desires(DesiredState.Cancelled).rest();
        assertThat(scenario.created()).endsWith("c/1", "undo b/1", "undo a/1");
    }

    @Test
    void a_step_is_skipped_before_its_turn_and_is_done_when_its_turn_comes() {
        Scenario scenario = new Scenario(STALLING).hangs("a/1").rest();
        scenario.intervenes(InterventionAction.SkipStep, "b", new Output("x", "7"))
                .look();
        assertThat(scenario.step("b").phase()).isEqualTo(StepPhase.Skipped);
        assertThat(scenario.created()).as("its turn has not come").containsExactly("a/1");
        scenario.ends("a/1").rest();
        assertThat(scenario.created()).containsExactly("a/1", "c/1");
        assertThat(phase(scenario)).isEqualTo("Succeeded");
        assertThat(scenario.status().message()).isEqualTo("all steps succeeded but b, skipped by a person");
        assertThat(scenario.status().progress()).isEqualTo("3/3");
    }

    @Test
    void a_run_of_which_everything_is_skipped_succeeds_without_a_pod() {
        Scenario scenario = new Scenario("steps: [{name: a, container: {image: a}}]")
                .intervenes(InterventionAction.SkipStep, "a")
                .rest();
        assertThat(phase(scenario)).isEqualTo("Succeeded");
        assertThat(scenario.created()).isEmpty();
        assertThat(scenario.run().orElseThrow().finalizers()).isEmpty();
    }

    @Test
    void a_failed_compensation_is_tried_again_with_fresh_retries_and_its_numbers_go_on() {
        Scenario scenario = stuck();
        assertThat(phase(scenario)).isEqualTo("Stalled");
        scenario.fails("undo b/3")
                .intervenes(InterventionAction.RetryCompensation, "b")
                .rest();
        assertThat(scenario.intervened()).isEqualTo("Done: the compensation of b is tried again");
        assertThat(scenario.undoing("b")).extracting(Attempt::number).containsExactly(1, 2, 3, 4);
        assertThat(phase(scenario)).isEqualTo("Failed");
        assertThat(scenario.created()).endsWith("undo b/3", "undo b/4", "undo a/1");
    }

    @Test
    void a_failed_compensation_is_skipped_and_the_run_ends_as_undone() {
        Scenario scenario =
                stuck().intervenes(InterventionAction.SkipCompensation, "b").rest();
        assertThat(scenario.intervened()).isEqualTo("Done: the compensation of b is skipped");
        assertThat(phase(scenario)).isEqualTo("Failed");
        assertThat(scenario.status().undone()).isEqualTo("2/2");
        assertThat(scenario.status().message()).endsWith("; undone: b, a; skipped by a person: b");
        assertThat(scenario.condition("Compensated").status()).hasToString("True");
    }

    @Test
    void a_compensation_is_skipped_before_its_turn() {
        Scenario scenario =
                new Scenario(COMPENSATING).fails("c/1").hangs("undo b/1").rest();
        scenario.intervenes(InterventionAction.SkipCompensation, "a").look();
        assertThat(scenario.intervened()).isEqualTo("Done: the compensation of a is skipped");
        scenario.ends("undo b/1").rest();
        assertThat(scenario.created()).containsExactly("a/1", "b/1", "c/1", "undo b/1");
        assertThat(Objects.requireNonNull(scenario.step("a").compensation()).phase())
                .isEqualTo(CompensationPhase.Skipped);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "RetryStep | b | the run is not stalled",
                "RetryStep | nix | there is no step nix",
                "SkipStep | a | the step a has begun: it can be skipped once it has failed and the run is stalled",
                "RetryCompensation | a | the run has not turned back",
                "SkipCompensation | a | the run has not turned back",
            })
    void refused_while_a_run_goes_forward(InterventionAction action, String step, String message) {
        Scenario scenario = new Scenario(STALLING).hangs("a/1").rest();
        scenario.intervenes(action, step).look();
        assertThat(scenario.intervened()).startsWith("Refused: " + message);
        assertThat(scenario.created()).containsExactly("a/1");
        assertThat(scenario.told())
                .last()
                .asString()
                .startsWith("InterventionRefused: the intervention about-1 was refused: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "RetryStep | a | the step a is done",
                "RetryStep | c | the step c has not failed",
                "SkipStep | a | the step a is done",
                "RetryCompensation | a | the run has not turned back",
            })
    void refused_while_a_run_is_stalled_on_its_way_forward(InterventionAction action, String step, String message) {
        Scenario scenario = stalled().intervenes(action, step).look();
        assertThat(scenario.intervened()).isEqualTo("Refused: " + message);
        assertThat(phase(scenario)).isEqualTo("Stalled");
    }

    @Test
    void an_output_that_a_step_does_not_declare_cannot_be_supplied() {
        Scenario scenario = stalled()
                .intervenes(InterventionAction.SkipStep, "b", new Output("z", "1"))
                .look();
        assertThat(scenario.intervened()).startsWith("Refused: the step b does not declare the output z");
        assertThat(scenario.step("b").phase()).isEqualTo(StepPhase.Failed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "RetryStep | c | the run has turned back: only its compensations can be dealt with",
                "SkipStep | c | the run has turned back: only its compensations can be dealt with",
                "RetryCompensation | a | the compensation of a has not failed",
                "RetryCompensation | c | the step c owes no compensation",
                "SkipCompensation | c | the step c owes no compensation",
            })
    void refused_once_a_run_has_turned_back(InterventionAction action, String step, String message) {
        Scenario scenario = stuck().intervenes(action, step).look();
        assertThat(scenario.intervened()).isEqualTo("Refused: " + message);
        assertThat(phase(scenario)).isEqualTo("Stalled");
    }

    @Test
    void a_compensation_that_runs_or_is_done_is_not_skipped() {
        Scenario scenario =
                new Scenario(COMPENSATING).fails("c/1").hangs("undo a/1").rest();
        scenario.intervenes(InterventionAction.SkipCompensation, "a").look();
        assertThat(scenario.intervened())
                .isEqualTo("Refused: the compensation of a is running: it can be skipped between its attempts");
        scenario.intervenes(InterventionAction.SkipCompensation, "b").look();
        assertThat(scenario.intervened()).isEqualTo("Refused: the compensation of b is done");
    }

    @Test
    void an_intervention_is_carried_out_once_and_its_name_is_spent_also_if_it_was_refused() {
        Scenario scenario = new Scenario(STALLING)
                .write("x=1\ny=2\n")
                .fails("b/1", "b/2")
                .hangs("a/1")
                .rest();
        scenario.intervenes(InterventionAction.RetryStep, "b").look();
        List<InterventionStatus> refused = scenario.status().interventions();
        assertThat(scenario.intervened()).isEqualTo("Refused: the run is not stalled");
        scenario.ends("a/1").rest();
        assertThat(phase(scenario)).as("it would apply now, but is spent").isEqualTo("Stalled");
        assertThat(scenario.status().interventions()).isEqualTo(refused);
        assertThat(scenario.created()).containsExactly("a/1", "b/1", "b/2");
    }

    @Test
    void interventions_are_carried_out_in_the_order_of_the_list() {
        Scenario scenario = stalled()
                .intervenes(InterventionAction.RetryStep, "b")
                .intervenes(InterventionAction.SkipStep, "b", new Output("x", "7"))
                .intervenes(InterventionAction.RetryStep, "b")
                .rest();
        assertThat(scenario.status().interventions())
                .extracting(InterventionStatus::result)
                .containsExactly(
                        InterventionStatus.Result.Done,
                        InterventionStatus.Result.Done,
                        InterventionStatus.Result.Refused);
        assertThat(scenario.step("b").phase()).isEqualTo(StepPhase.Skipped);
        assertThat(phase(scenario)).isEqualTo("Succeeded");
    }

    @Test
    void of_two_failed_steps_both_must_be_dealt_with() {
        Scenario scenario = new Scenario("""
                order: Graph
                onFailure: Stall
                steps: [{name: a, container: {image: a}}, {name: b, container: {image: a}}]
                """).fails("a/1", "b/1").rest();
        scenario.intervenes(InterventionAction.RetryStep, "a").rest();
        assertThat(phase(scenario)).isEqualTo("Stalled");
        assertThat(scenario.created()).containsExactly("a/1", "b/1");
        scenario.intervenes(InterventionAction.RetryStep, "b").rest();
        assertThat(phase(scenario)).isEqualTo("Succeeded");
        assertThat(scenario.created()).containsExactlyInAnyOrder("a/1", "b/1", "a/2", "b/2");
    }

    @Test
    void what_comes_too_late_is_refused_also_after_the_end() {
        Scenario scenario = new Scenario(STALLING).write("x=1\ny=2\n").rest();
        assertThat(phase(scenario)).isEqualTo("Succeeded");
        scenario.intervenes(InterventionAction.SkipStep, "c").rest();
        assertThat(scenario.intervened()).isEqualTo("Refused: the run has ended");
        assertThat(phase(scenario)).isEqualTo("Succeeded");
    }

    @Test
    void a_run_that_is_terminated_takes_none() {
        Scenario scenario = new Scenario(STALLING).hangs("a/1").rest().nodeLost("a/1");
        scenario.desires(DesiredState.Terminated)
                .intervenes(InterventionAction.SkipStep, "c")
                .look();
        assertThat(scenario.intervened()).isEqualTo("Refused: the run is being terminated");
    }

    @Test
    void a_stalled_run_that_goes_on_while_it_is_paused_waits_for_the_end_of_the_pause() {
        Scenario scenario = stalled().desires(DesiredState.Paused).look();
        assertThat(phase(scenario)).as("it needs a person, paused or not").isEqualTo("Stalled");
        scenario.intervenes(InterventionAction.RetryStep, "b").rest();
        assertThat(phase(scenario)).isEqualTo("Paused");
        assertThat(scenario.created()).containsExactly("a/1", "b/1", "b/2");
        scenario.desires(DesiredState.Running).rest();
        assertThat(phase(scenario)).isEqualTo("Succeeded");
    }

    @Test
    void a_person_vouches_for_a_pod_that_is_in_doubt() {
        Scenario scenario = new Scenario(COMPENSATING).hangs("b/1").passes(Duration.ofSeconds(10));
        String uid = scenario.podUid("b/1");
        scenario.nodesForbidden().vouches("another").look();
        assertThat(scenario.intervened())
                .isEqualTo("Refused: no attempt that is not over has a pod with the UID another");
        scenario.nodeLost("b/1").podVanishes("b/1").passes(Duration.ofHours(1));
        assertThat(scenario.attempts("b").getFirst().over()).isFalse();
        scenario.processEnds(uid).vouches(uid).look();
        assertThat(scenario.intervened()).matches("Done: the pod order-42-b-\\w+ counts as stopped");
        Attempt lost = scenario.attempts("b").getFirst();
        assertThat(lost.state()).hasToString("Lost");
        assertThat(lost.reason()).isEqualTo("AssumedStopped");
        scenario.rest();
        assertThat(scenario.status().message())
                .isEqualTo(
                        "b failed: a person vouched that its process has stopped; how it ended is unknown; undone: b, a");
    }
}
