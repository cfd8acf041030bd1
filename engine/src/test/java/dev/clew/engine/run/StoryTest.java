package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.RunPhase;
import dev.clew.engine.protocol.Scenario;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What people read: the phase, the message, the columns. */
class StoryTest {
    static final String ORDER = """
            steps:
            - name: reserve
              container: {image: a}
              compensation: {container: {image: a}}
            - name: charge
              retry: {limit: 1, backoffSeconds: 2}
              container: {image: a}
              compensation: {retry: {limit: 1, backoffSeconds: 2}, container: {image: a}}
            """;

    private static String told(Scenario scenario) {
        return scenario.status().phase() + " " + scenario.status().progress()
                + (scenario.status().undone() == null
                        ? ""
                        : " undone " + scenario.status().undone())
                + (scenario.status().current() == null
                        ? ""
                        : " at " + scenario.status().current()) + ": "
                + scenario.status().message();
    }

    @Test
    void all_goes_well() {
        assertThat(told(new Scenario(ORDER).rest())).isEqualTo("Succeeded 2/2: all 2 steps succeeded");
        assertThat(told(new Scenario("steps: [{name: a, container: {image: a}}]").rest()))
                .isEqualTo("Succeeded 1/1: the step succeeded");
    }

    @Test
    void a_step_runs() {
        assertThat(told(new Scenario(ORDER).hangs("charge/1").rest())).isEqualTo("Running 1/2 at charge: charge");
    }

    @Test
    void a_retry_runs() {
        assertThat(told(new Scenario(ORDER).fails("charge/1").hangs("charge/2").rest()))
                .isEqualTo("Running 1/2 at charge: charge (attempt 2)");
    }

    @Test
    void an_image_cannot_be_pulled() {
        assertThat(told(new Scenario(ORDER).neverStarts("reserve/1").passes(Duration.ofSeconds(10))))
                .startsWith("Running 0/2 at reserve: reserve waits: ImagePullBackOff");
    }

    @Test
    void a_step_fails_and_all_is_undone() {
        assertThat(told(new Scenario(ORDER).fails("charge/1", "charge/2").rest()))
                .isEqualTo(
                        "Failed 1/2 undone 2/2: charge failed: exit code 7 after 2 attempts; undone: charge, reserve");
    }

    @Test
    void a_step_fails_and_there_is_nothing_to_undo() {
        assertThat(told(new Scenario("steps: [{name: a, container: {image: a}}]")
                        .fails("a/1")
                        .rest()))
                .isEqualTo("Failed 0/1 undone 0/0: a failed: exit code 7; there was nothing to undo");
    }

    @Test
    void a_compensation_runs() {
        assertThat(told(new Scenario(ORDER)
                        .fails("charge/1", "charge/2")
                        .hangs("undo charge/1")
                        .rest()))
                .isEqualTo("Compensating 1/2 undone 0/2 at charge: charge failed: exit code 7 after 2 attempts;"
                        + " undoing charge");
    }

    @Test
    void a_compensation_fails_for_good() {
        assertThat(told(new Scenario(ORDER)
                        .fails("charge/1", "charge/2", "undo charge/1", "undo charge/2")
                        .rest()))
                .isEqualTo("Stalled 1/2 undone 0/2 at charge: the compensation of charge failed: exit code 7 after 2"
                        + " attempts; waits for a person; to try again: kubectl patch workflowrun order-42 -n shop"
                        + " --type=json -p '[{\"op\":\"add\",\"path\":\"/spec/interventions\",\"value\":"
                        + "[{\"name\":\"retry-charge-1\",\"action\":\"RetryCompensation\",\"step\":\"charge\"}]}]';"
                        + " once it is undone by hand: kubectl patch workflowrun order-42 -n shop --type=json -p"
                        + " '[{\"op\":\"add\",\"path\":\"/spec/interventions\",\"value\":[{\"name\":\"skip-charge-1\","
                        + "\"action\":\"SkipCompensation\",\"step\":\"charge\"}]}]'; to give it up: kubectl patch"
                        + " workflowrun order-42 -n shop --type=merge -p '{\"spec\":{\"desiredState\":\"Terminated\"}}';"
                        + " turned back because charge failed: exit code 7 after 2 attempts");
    }

    @Test
    void a_run_is_deleted() {
        Scenario scenario =
                new Scenario(ORDER).hangs("charge/1").rest().deleteRun().rest();
        assertThat(told(scenario))
                .isEqualTo("Cancelled 1/2 undone 2/2: cancelled: the run was deleted; undone: charge, reserve");
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void a_turned_back_run_waits_for_what_still_runs() {
        Scenario scenario = new Scenario("""
                order: Graph
                steps:
                - {name: a, container: {image: a}, compensation: {container: {image: a}}}
                - {name: b, container: {image: a}}
                - {name: c, container: {image: a}}
                """).fails("b/1").hangs("a/1", "c/1").rest();
        assertThat(told(scenario))
                .isEqualTo("Compensating 0/3 at a,c: b failed: exit code 7; waiting for the end of a, c");
        assertThat(told(scenario.hangingFails())).startsWith("Failed 0/3 undone 1/1: ");
    }

    @Test
    void the_run_takes_too_long() {
        Scenario scenario =
                new Scenario("timeoutSeconds: 60\n" + ORDER).hangs("charge/1").rest();
        assertThat(told(scenario))
                .isEqualTo("Failed 1/2 undone 2/2: the run took longer than 60 s; undone: charge, reserve");
    }

    @Test
    void creates_are_refused() {
        Scenario scenario = new Scenario(ORDER)
                .refuseCreates("Forbidden", "exceeded quota: pods")
                .passes(Duration.ofSeconds(20));
        assertThat(told(scenario)).isEqualTo("Running 0/2 at reserve: reserve waits: Forbidden: exceeded quota: pods");
        assertThat(told(scenario.allowCreates().rest())).isEqualTo("Succeeded 2/2: all 2 steps succeeded");
    }

    @Test
    void the_api_server_fails_at_creates() {
        Scenario scenario =
                new Scenario(ORDER).failCreates("failed calling webhook").passes(Duration.ofSeconds(30));
        assertThat(told(scenario))
                .isEqualTo("Running 0/2 at reserve: reserve waits: CreateRefused: failed calling webhook");
        assertThat(told(scenario.allowCreates().rest())).isEqualTo("Succeeded 2/2: all 2 steps succeeded");
    }

    @Test
    void the_namespace_goes() {
        Scenario scenario = new Scenario(ORDER)
                .fails("charge/1", "charge/2")
                .hangs("charge/1")
                .rest()
                .terminateNamespace()
                .hangingFails();
        assertThat(scenario.status().phase()).isEqualTo(RunPhase.Terminated);
        assertThat(told(scenario)).endsWith(": the namespace is being deleted: nothing was undone");
    }
}
