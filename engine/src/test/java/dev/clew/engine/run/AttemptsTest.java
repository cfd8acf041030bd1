package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.InterventionAction;
import dev.clew.api.run.Output;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.pod.AttemptId;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.protocol.Scenario;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** How often a step is tried, what counts, and what stops it. */
class AttemptsTest {
    private static final String ONE = """
            steps:
            - name: a
              startTimeoutSeconds: 60
              retry: {limit: %d, backoffSeconds: %d}
              container: {image: a}
              compensation: {container: {image: a}}
            """;

    private static Scenario one(int limit, int backoffSeconds) {
        return new Scenario(ONE.formatted(limit, backoffSeconds));
    }

    private static List<String> outcomes(List<Attempt> attempts) {
        return attempts.stream()
                .map(attempt -> attempt.state() + (attempt.reason() == null ? "" : "/" + attempt.reason()))
                .toList();
    }

    @Test
    void a_step_is_tried_once_more_than_its_retries() {
        Scenario scenario = one(2, 0).fails("a/1", "a/2", "a/3").rest();
        assertThat(outcomes(scenario.attempts("a")))
                .containsExactly("Failed/ExitCode", "Failed/ExitCode", "Failed/ExitCode");
        assertThat(scenario.created()).containsExactly("a/1", "a/2", "a/3", "undo a/1");
    }

    @Test
    void a_step_that_says_nothing_is_tried_once_and_its_compensation_eleven_times() {
        Scenario scenario = new Scenario("""
                steps: [{name: a, container: {image: a}, compensation: {container: {image: a}}}]
                """).fails("a/1");
        for (int i = 1; i <= 11; i++) {
            scenario.fails("undo a/" + i);
        }
        scenario.rest();
        assertThat(scenario.attempts("a")).hasSize(1);
        assertThat(scenario.undoing("a")).extracting(Attempt::number).containsExactly(1, 9, 10, 11);
        assertThat(scenario.status().phase()).hasToString("Stalled");
    }

    @Test
    void the_wait_between_attempts_doubles() {
        Scenario scenario = one(4, 10).fails("a/1", "a/2", "a/3", "a/4").rest();
        List<Long> waits = new ArrayList<>();
        List<Instant> made = scenario.createdAt();
        for (int i = 1; i < made.size(); i++) {
            waits.add(Duration.between(made.get(i - 1), made.get(i)).toSeconds());
        }
        // one second more, for the kubelet's times are whole seconds
        assertThat(waits).containsExactly(11L, 21L, 41L, 81L);
    }

    @Test
    void a_start_that_takes_too_long_is_stopped_and_counts() {
        Scenario scenario = one(1, 0).neverStarts("a/1", "a/2").rest();
        assertThat(outcomes(scenario.attempts("a")))
                .containsExactly("NotStarted/StartTimeout", "NotStarted/StartTimeout");
        assertThat(scenario.attempts("a").getFirst().message()).isEqualTo("did not start in time: ImagePullBackOff");
        assertThat(scenario.attempts("a").getFirst().stopping()).isEqualTo("StartTimeout");
        // it never started, so nothing is owed
        assertThat(scenario.status().message())
                .isEqualTo(
                        "a failed: did not start in time: ImagePullBackOff after 2 attempts; there was nothing to undo");
    }

    @Test
    void a_pod_that_somebody_deletes_before_it_starts_does_not_count() {
        Scenario scenario = one(0, 0)
                .neverStarts("a/1")
                .passes(Duration.ofSeconds(10))
                .deletePod("a/1")
                .rest();
        assertThat(outcomes(scenario.attempts("a"))).containsExactly("NotStarted/ImagePullBackOff", "Succeeded");
    }

    @Test
    void a_pod_that_somebody_deletes_while_it_runs_has_failed() {
        Scenario scenario = one(1, 0).hangs("a/1").rest().deletePod("a/1").rest();
        assertThat(outcomes(scenario.attempts("a"))).containsExactly("Failed/ExitCode", "Succeeded");
    }

    @Test
    void after_fifty_attempts_there_is_no_more() {
        Scenario scenario = one(20, 0).look().podVanishes("a/1");
        WorkflowRunStatus status = scenario.status();
        StepStatus step = scenario.step("a");
        Attempt open = step.attempts().getFirst();
        List<Attempt> many = new ArrayList<>();
        for (int number = 1; number <= 50; number++) {
            many.add(Records.closed(open, number, AttemptState.NotStarted, "ImagePullBackOff"));
        }
        scenario.recorded(Records.with(status, step.withPhase(StepPhase.Pending).withAttempts(many, null, null)))
                .rest();
        assertThat(scenario.attempts("a")).hasSize(50);
        assertThat(scenario.status().phase()).hasToString("Failed");
        assertThat(scenario.condition("Succeeded").reason()).isEqualTo("TooManyAttempts");
        assertThat(scenario.status().message())
                .isEqualTo("a failed: ImagePullBackOff after 50 attempts; there was nothing to undo");
    }

    @Test
    void a_step_fails_at_once_if_its_input_does_not_exist() {
        Scenario scenario = new Scenario("""
                order: Graph
                steps:
                - {name: z, container: {image: a}, compensation: {container: {image: a}}}
                - {name: a, dependsOn: [z], outputs: [x], container: {image: a}}
                - {name: b, dependsOn: [a], container: {image: a, args: [$(steps.a.outputs.x)]}}
                - {name: c, dependsOn: [a], container: {image: a}}
                """)
                .hangs("z/1")
                .intervenes(InterventionAction.SkipStep, "a")
                .rest();
        int before = scenario.requests("status");
        scenario.ends("z/1").look();
        assertThat(outcomes(scenario.attempts("b"))).containsExactly("NotStarted/InputMissing");
        assertThat(scenario.attempts("b").getFirst().message()).isEqualTo("refers to outputs that do not exist: a.x");
        // the verdict is in the same write, and with it no forward attempt is claimed any more
        assertThat(scenario.status().phase()).hasToString("Compensating");
        assertThat(scenario.attempts("c")).isEmpty();
        assertThat(scenario.undoing("z")).hasSize(1);
        assertThat(scenario.requests("status")).isEqualTo(before + 1);
        scenario.rest();
        assertThat(scenario.status().message())
                .isEqualTo("b failed: refers to outputs that do not exist: a.x; undone: z");
    }

    @Test
    void outputs_reach_the_next_step_and_the_compensation_also_from_a_failed_attempt() {
        Scenario scenario =
                new Scenario("""
                steps:
                - name: a
                  outputs: [id]
                  retry: {limit: 1, backoffSeconds: 0}
                  container: {image: a}
                  compensation: {container: {image: a, args: [$(steps.a.outputs.id)]}}
                """).write("id=1\n").fails("a/1").hangs("a/2").rest();
        assertThat(scenario.step("a").outputs()).containsExactly(new Output("id", "1"));
        scenario.write("other=2\n").hangingFails();
        assertThat(scenario.step("a").outputs()).containsExactly(new Output("id", "1"));
    }

    @Test
    void a_succeeded_step_without_a_declared_output_fails() {
        Scenario scenario = new Scenario("""
                steps: [{name: a, outputs: [id], container: {image: a}}]
                """).write("ID=1\n").rest();
        assertThat(outcomes(scenario.attempts("a"))).containsExactly("Failed/OutputMissing");
        assertThat(Objects.requireNonNull(scenario.attempts("a").getFirst().pod())
                        .exitCode())
                .isEqualTo(0);
    }

    @Test
    void a_time_limit_of_the_run_stops_what_runs_and_undoes_it() {
        Scenario scenario = new Scenario("timeoutSeconds: 60\n" + ONE.formatted(3, 0))
                .hangs("a/1")
                .rest();
        assertThat(outcomes(scenario.attempts("a"))).containsExactly("Failed/ExitCode");
        assertThat(scenario.attempts("a").getFirst().stopping()).isEqualTo("RunTimeout");
        Instant began = Objects.requireNonNull(scenario.status().startTime());
        assertThat(Objects.requireNonNull(scenario.status().compensation()).startTime())
                .isEqualTo(began.plusSeconds(60));
        assertThat(scenario.created()).containsExactly("a/1", "undo a/1");
        assertThat(scenario.status().phase()).hasToString("Failed");
    }

    @Test
    void a_time_limit_that_passes_while_a_retry_waits_ends_the_step() {
        Scenario scenario = new Scenario("timeoutSeconds: 60\n" + ONE.formatted(3, 100))
                .fails("a/1")
                .rest();
        assertThat(scenario.created()).containsExactly("a/1", "undo a/1");
        assertThat(scenario.step("a").phase()).isEqualTo(StepPhase.Failed);
    }

    @Test
    void a_time_limit_does_not_cut_compensation_short() {
        Scenario scenario = new Scenario("timeoutSeconds: 60\n" + ONE.formatted(0, 0))
                .fails("a/1")
                .hangs("undo a/1")
                .passes(Duration.ofHours(1));
        assertThat(scenario.status().phase()).hasToString("Compensating");
        assertThat(scenario.undoing("a").getFirst().stopping()).isNull();
    }

    @Test
    void the_limit_is_no_concern_of_a_run_whose_steps_are_all_done() {
        Scenario scenario = new Scenario("timeoutSeconds: 60\n" + ONE.formatted(0, 0)).rest();
        scenario.passes(Duration.ofHours(1));
        assertThat(scenario.status().phase()).hasToString("Succeeded");
    }

    @Test
    void pods_are_kept_after_the_run_but_not_held() {
        Scenario scenario = one(0, 0).fails("a/1").rest();
        assertThat(scenario.pods(pod -> true)).containsExactlyInAnyOrder("a/1", "undo a/1");
        assertThat(scenario.pods(PodFacts::tracked)).isEmpty();
        assertThat(scenario.run().orElseThrow().finalizers()).isEmpty();
    }

    @Test
    void a_pod_made_while_the_run_is_deleted_has_no_owner_and_is_cleaned_up() {
        Scenario scenario = one(0, 0).hangs("a/1").rest().deleteRun().rest();
        assertThat(scenario.created()).containsExactly("a/1", "undo a/1");
        assertThat(scenario.run()).isEmpty();
        assertThat(scenario.pods(pod -> !pod.deleting())).isEmpty();
    }

    @Test
    void nobody_looks_again_at_a_step_that_runs_and_has_nothing_new_to_tell() {
        Scenario scenario = one(0, 0).hangs("a/1").passes(Duration.ofSeconds(5));
        assertThat(scenario.attempts("a").getFirst().state()).isEqualTo(AttemptState.Running);
        assertThat(scenario.wakesUp()).isEmpty();
    }

    @Test
    void what_only_informs_is_written_after_five_seconds_and_not_for_a_quick_step() {
        Scenario scenario = one(0, 0).hangs("a/1").passes(Duration.ofMillis(4_999));
        assertThat(scenario.attempts("a").getFirst().state()).isEqualTo(AttemptState.Claimed);
        assertThat(scenario.requests("status")).isEqualTo(1);
        scenario.passes(Duration.ofMillis(1));
        assertThat(scenario.attempts("a").getFirst().state()).isEqualTo(AttemptState.Running);
        assertThat(scenario.requests("status")).isEqualTo(2);
    }

    @Test
    void a_pod_that_vanishes_after_it_was_recorded_is_in_doubt_and_no_second_one_is_made() {
        Scenario scenario = one(3, 0)
                .hangs("a/1")
                .passes(Duration.ofSeconds(10))
                .nodesForbidden()
                .podVanishes("a/1")
                .passes(Duration.ofHours(1));
        assertThat(outcomes(scenario.attempts("a"))).containsExactly("Running/InDoubt");
        assertThat(scenario.created()).containsExactly("a/1");
    }

    @Test
    void a_run_waits_for_a_doubt_before_it_undoes_anything() {
        Scenario scenario = one(0, 0).hangs("a/1").passes(Duration.ofSeconds(10));
        scenario.nodesForbidden().podVanishes("a/1").deleteRun().passes(Duration.ofHours(1));
        assertThat(scenario.status().phase()).hasToString("Compensating");
        assertThat(scenario.created()).containsExactly("a/1");
        assertThat(scenario.run()).isPresent();
    }

    @Test
    void a_foreign_pod_of_the_same_name_is_not_touched() {
        Scenario scenario = one(0, 0).foreignPod(new AttemptId("run-uid", "a", Kind.Step, 1).podName("order-42"));
        scenario.rest();
        assertThat(outcomes(scenario.attempts("a"))).containsExactly("Failed/NameConflict");
        assertThat(scenario.requests("delete") + scenario.requests("release"))
                .as("only the compensation's own pod is released")
                .isEqualTo(1);
        assertThat(scenario.status().phase()).hasToString("Failed");
    }
}
