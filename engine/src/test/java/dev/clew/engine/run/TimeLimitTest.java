package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.DesiredState;
import dev.clew.api.run.InterventionAction;
import dev.clew.engine.protocol.Scenario;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The time that the forward part of a run may take, and when its clock stands still. */
class TimeLimitTest {
    private static final String LIMITED = """
            timeoutSeconds: 100
            %s
            steps:
            - {name: a, container: {image: a}, compensation: {container: {image: a}}}
            - {name: b, container: {image: a}, compensation: {container: {image: a}}}
            """;

    private static Scenario limited(String more) {
        return new Scenario(LIMITED.formatted(more));
    }

    private static String phase(Scenario scenario) {
        return String.valueOf(scenario.status().phase());
    }

    private static Instant began(Scenario scenario) {
        return Objects.requireNonNull(scenario.status().startTime());
    }

    @Test
    void the_time_is_up_so_long_after_the_begin() {
        Scenario scenario = limited("").hangs("a/1").rest();
        assertThat(phase(scenario)).isEqualTo("Failed");
        assertThat(Objects.requireNonNull(scenario.status().compensation()).reason())
                .isEqualTo("RunTimeout");
        assertThat(Objects.requireNonNull(scenario.status().compensation()).startTime())
                .isEqualTo(began(scenario).plusSeconds(100));
        assertThat(scenario.status().deadline()).isNull();
    }

    @Test
    void the_clock_stands_still_while_the_run_is_paused() {
        Scenario scenario = limited("").hangs("a/1").passes(Duration.ofSeconds(40));
        assertThat(scenario.status().deadline()).isEqualTo(began(scenario).plusSeconds(100));
        scenario.desires(DesiredState.Paused).passes(Duration.ofHours(1));
        assertThat(phase(scenario)).isEqualTo("Paused");
        assertThat(scenario.status().remainingSeconds()).isEqualTo(60);
        assertThat(scenario.status().deadline()).isNull();
        scenario.desires(DesiredState.Running).look();
        assertThat(scenario.status().deadline()).isEqualTo(scenario.now().plusSeconds(60));
        assertThat(scenario.status().remainingSeconds()).isNull();
        scenario.passes(Duration.ofSeconds(59));
        assertThat(phase(scenario)).isEqualTo("Running");
        scenario.passes(Duration.ofSeconds(1));
        assertThat(phase(scenario)).isNotEqualTo("Running");
    }

    @Test
    void the_clock_stands_still_while_the_run_is_stalled() {
        Scenario scenario = limited("onFailure: Stall").hangs("a/1").passes(Duration.ofSeconds(40));
        scenario.hangingFails().passes(Duration.ofHours(1));
        assertThat(phase(scenario)).isEqualTo("Stalled");
        assertThat(scenario.status().remainingSeconds()).isEqualTo(60);
        scenario.hangs("a/2").intervenes(InterventionAction.RetryStep, "a").look();
        assertThat(scenario.status().deadline())
                .as("what was left of it")
                .isEqualTo(scenario.now().plusSeconds(60));
    }

    @Test
    void a_run_out_of_time_that_stalls_gets_its_time_anew_when_a_person_has_it_go_on() {
        Scenario scenario = limited("onFailure: Stall").hangs("a/1").rest();
        assertThat(phase(scenario)).isEqualTo("Stalled");
        assertThat(scenario.condition("Stalled").reason()).isEqualTo("RunTimeout");
        assertThat(scenario.attempts("a").getFirst().stopping()).isEqualTo("RunTimeout");
        assertThat(scenario.status().remainingSeconds()).isZero();
        assertThat(scenario.status().message()).startsWith("the run took longer than 100 s; waits for a person; ");
        scenario.passes(Duration.ofHours(1));
        scenario.types(scenario.lines().getFirst()).look();
        assertThat(scenario.intervened()).isEqualTo("Done: the step a is tried again");
        assertThat(scenario.status().deadline()).isEqualTo(scenario.now().plusSeconds(100));
        scenario.rest();
        assertThat(phase(scenario)).isEqualTo("Succeeded");
        assertThat(scenario.created()).containsExactly("a/1", "a/2", "b/1");
    }

    @Test
    void skipping_a_step_grants_the_time_anew_too() {
        Scenario scenario = limited("onFailure: Stall").hangs("a/1").rest();
        scenario.intervenes(InterventionAction.SkipStep, "a").hangs("b/1").look();
        assertThat(scenario.status().deadline()).isEqualTo(scenario.now().plusSeconds(100));
    }

    @Test
    void a_limit_that_passes_stops_what_runs_even_where_siblings_may_finish() {
        Scenario scenario = new Scenario("""
                timeoutSeconds: 100
                order: Graph
                runningSteps: Finish
                steps: [{name: a, container: {image: a}}, {name: b, container: {image: a}}]
                """).hangs("a/1", "b/1").rest();
        assertThat(scenario.attempts("a").getFirst().stopping()).isEqualTo("RunTimeout");
        assertThat(scenario.attempts("b").getFirst().stopping()).isEqualTo("RunTimeout");
        assertThat(phase(scenario)).isEqualTo("Failed");
    }

    @Test
    void a_run_that_waits_in_vain_for_a_stopped_step_does_not_look_all_the_time() {
        Scenario scenario = limited("").hangs("a/1").passes(Duration.ofSeconds(10));
        scenario.nodeLost("a/1").desires(DesiredState.Terminated).look();
        scenario.passes(Duration.ofMinutes(10));
        assertThat(phase(scenario)).isEqualTo("Terminated");
    }

    @Test
    void a_claim_without_a_pod_gets_none_once_the_time_is_up() {
        Scenario scenario = limited("onFailure: Stall").diesBeforeCreating().look();
        scenario.timePasses(Duration.ofSeconds(100)).rest();
        assertThat(scenario.created()).isEmpty();
        assertThat(scenario.attempts("a").getFirst().reason()).isEqualTo("Fenced");
        assertThat(phase(scenario)).isEqualTo("Stalled");
        scenario.intervenes(InterventionAction.RetryStep, "a").rest();
        assertThat(scenario.created()).containsExactly("a/2", "b/1");
        assertThat(phase(scenario)).isEqualTo("Succeeded");
    }
}
