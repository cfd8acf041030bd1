package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.Condition;
import dev.clew.api.run.DesiredState;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.protocol.Scenario;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The conditions of a run: the API. The table is that of the reference. */
class ConditionsTest {
    private static Scenario order() {
        return new Scenario(StoryTest.ORDER);
    }

    private static Scenario bare() {
        return new Scenario("steps: [{name: a, container: {image: a}}]");
    }

    private static Scenario stalling() {
        return new Scenario("onFailure: Stall\nsteps: [{name: a, container: {image: a}}]");
    }

    static Stream<Arguments> table() {
        return Stream.of(
                // what happened, phase, Succeeded Finished Compensated Reconciling Stalled ActionRequired Suspended
                row(order().hangs("charge/1").rest(), "Running", "Unknown False Unknown True False False False"),
                row(
                        order().fails("charge/1", "charge/2")
                                .hangs("undo charge/1")
                                .rest(),
                        "Compensating",
                        "False False Unknown True False False False"),
                row(
                        order().fails("charge/1", "charge/2", "undo charge/1", "undo charge/2")
                                .rest(),
                        "Stalled",
                        "False False False False True True False"),
                row(order().rest(), "Succeeded", "True True False False False False False"),
                row(order().fails("charge/1", "charge/2").rest(), "Failed", "False True True False True False False"),
                row(bare().fails("a/1").rest(), "Failed", "False True False False True False False"),
                row(
                        order().hangs("charge/1").rest().deleteRun().rest(),
                        "Cancelled",
                        "False True True False True False False"),
                row(
                        bare().hangs("a/1").rest().deleteRun().hangingFails(),
                        "Cancelled",
                        "False True False False True False False"),
                row(
                        order().hangs("charge/1")
                                .rest()
                                .desires(DesiredState.Paused)
                                .look(),
                        "Paused",
                        "Unknown False Unknown True False False True"),
                row(
                        order().fails("charge/1", "charge/2")
                                .hangs("undo charge/1")
                                .rest()
                                .desires(DesiredState.Paused)
                                .look(),
                        "Paused",
                        "False False Unknown True False False True"),
                row(
                        order().desires(DesiredState.Paused).look(),
                        "Paused",
                        "Unknown False Unknown True False False True"),
                row(stalling().fails("a/1").rest(), "Stalled", "Unknown False Unknown False True True False"),
                row(
                        stalling()
                                .fails("a/1")
                                .rest()
                                .desires(DesiredState.Paused)
                                .rest(),
                        "Stalled",
                        "Unknown False Unknown False True True False"),
                row(
                        order().rest().desires(DesiredState.RolledBack).rest(),
                        "RolledBack",
                        "False True True False True False False"),
                row(
                        bare().rest().desires(DesiredState.RolledBack).rest(),
                        "RolledBack",
                        "False True False False True False False"),
                row(
                        order().desires(DesiredState.Cancelled).rest(),
                        "Cancelled",
                        "False True False False True False False"),
                row(
                        order().hangs("charge/1")
                                .rest()
                                .desires(DesiredState.Terminated)
                                .rest(),
                        "Terminated",
                        "False True False False True False False"),
                row(
                        order().desires(DesiredState.Terminated).rest(),
                        "Terminated",
                        "False True False False True False False"),
                row(
                        order().hangs("charge/1")
                                .fails("charge/2")
                                .rest()
                                .terminateNamespace()
                                .hangingFails(),
                        "Terminated",
                        "False True False False True False False"));
    }

    private static Arguments row(Scenario scenario, String phase, String conditions) {
        return Arguments.of(phase, conditions, scenario);
    }

    @ParameterizedTest
    @MethodSource("table")
    void by_phase(String phase, String conditions, Scenario scenario) {
        assertThat(scenario.status().phase()).hasToString(phase);
        assertThat(scenario.conditions()).isEqualTo(conditions);
        assertThat(scenario.status().conditions())
                .extracting(Condition::type)
                .containsExactly(
                        "Succeeded",
                        "Finished",
                        "Compensated",
                        "Reconciling",
                        "Stalled",
                        "ActionRequired",
                        "Suspended");
        assertThat(scenario.status().conditions())
                .allSatisfy(condition -> assertThat(condition.observedGeneration())
                        .isEqualTo(scenario.status().observedGeneration()));
    }

    @Test
    void reasons_tell_why_nothing_was_undone() {
        assertThat(order().rest().condition("Compensated").reason()).isEqualTo("NotNeeded");
        assertThat(bare().fails("a/1").rest().condition("Compensated").reason()).isEqualTo("NotNeeded");
        Scenario stalled = order().fails("charge/1", "charge/2", "undo charge/1", "undo charge/2")
                .rest();
        assertThat(stalled.condition("Compensated").reason()).isEqualTo("CompensationFailed");
        assertThat(stalled.condition("Stalled").reason()).isEqualTo("CompensationFailed");
        assertThat(stalled.condition("ActionRequired").message())
                .isEqualTo(stalled.status().message());
    }

    @Test
    void reasons_tell_who_ended_it() {
        Scenario terminated = order().hangs("charge/1")
                .rest()
                .desires(DesiredState.Terminated)
                .rest();
        assertThat(terminated.condition("Succeeded").reason()).isEqualTo("Terminated");
        assertThat(terminated.condition("Compensated").reason()).isEqualTo("Abandoned");
        Scenario cancelled =
                order().hangs("charge/1").rest().desires(DesiredState.Cancelled).rest();
        assertThat(cancelled.condition("Succeeded").reason()).isEqualTo("Cancelled");
        assertThat(cancelled.condition("Compensated").reason()).isEqualTo("Compensated");
        Scenario paused =
                order().hangs("charge/1").rest().desires(DesiredState.Paused).look();
        assertThat(paused.condition("Suspended").reason()).isEqualTo("Paused");
    }

    @Test
    void a_condition_keeps_its_time_while_its_status_stays() {
        Scenario scenario = order().hangs("charge/1").rest();
        Instant since = scenario.condition("Finished").lastTransitionTime();
        scenario.fails("charge/2").passes(Duration.ofMinutes(5)).hangingFails();
        assertThat(scenario.condition("Finished").lastTransitionTime()).isAfter(since);
        assertThat(scenario.condition("ActionRequired").lastTransitionTime()).isEqualTo(since);
    }

    @Test
    void a_doubt_asks_for_a_person_in_any_phase() {
        Scenario scenario = order().hangs("charge/1").passes(Duration.ofMinutes(1));
        scenario.nodesForbidden().podVanishes("charge/1").rest();
        assertThat(scenario.conditions()).isEqualTo("Unknown False Unknown True False True False");
        assertThat(scenario.condition("ActionRequired").reason()).isEqualTo("InDoubt");
        assertThat(scenario.condition("ActionRequired").message())
                .matches("the pod order-42-charge-\\w+ is gone, and its end was not seen: its process may still be"
                        + " running; Clew may not read nodes, so that only a person can tell; if you know that its"
                        + " process has stopped: kubectl patch workflowrun order-42 -n shop --type=json -p '.*'");
    }

    private static RunView waiting(WorkflowRunStatus status) {
        RunView run = bare().run().orElseThrow();
        return run.withStatus(status);
    }

    private static WorkflowRunStatus decide(RunView run, DefinitionSeen definition, Instant now) {
        var observed =
                new Observed(definition, false, Map.of(), Map.of(), Map.of(), Duration.ofSeconds(70), null, false);
        return ((Decision.Proceed) Engine.decide(run, observed, now)).status();
    }

    private static String values(WorkflowRunStatus status) {
        return status.phase() + ": "
                + status.conditions().stream()
                        .map(condition -> condition.status().name())
                        .collect(Collectors.joining(" "));
    }

    @Test
    void a_run_without_a_workflow_waits_and_after_a_minute_looks_stalled() {
        Instant now = Instant.parse("2026-11-24T10:00:00Z");
        var missing = new DefinitionSeen.NotYet("WorkflowMissing", "there is no Workflow order");
        WorkflowRunStatus first = decide(waiting(WorkflowRunStatus.EMPTY), missing, now);
        assertThat(values(first)).isEqualTo("Pending: Unknown False Unknown True False False False");
        assertThat(first.message()).isEqualTo("there is no Workflow order");
        assertThat(decide(waiting(first), missing, now.plusSeconds(59))).isEqualTo(first);
        WorkflowRunStatus later = decide(waiting(first), missing, now.plusSeconds(60));
        assertThat(values(later)).isEqualTo("Pending: Unknown False Unknown False True True False");
        assertThat(later.conditions())
                .filteredOn(condition -> condition.type().equals("Stalled"))
                .extracting(Condition::reason)
                .containsExactly("WorkflowMissing");
    }

    @Test
    void a_run_whose_own_spec_is_wrong_ends_at_once() {
        WorkflowRunStatus status = decide(
                waiting(WorkflowRunStatus.EMPTY),
                new DefinitionSeen.Wrong("spec.params: the parameter id has no default"),
                Instant.parse("2026-11-24T10:00:00Z"));
        assertThat(values(status)).isEqualTo("Failed: False True False False True False False");
        assertThat(status.message()).isEqualTo("spec.params: the parameter id has no default");
        assertThat(status.conditions())
                .filteredOn(condition -> condition.type().equals("Succeeded"))
                .extracting(Condition::reason)
                .containsExactly("InvalidSpec");
    }

    @Test
    void a_run_whose_definition_is_gone_stalls_and_goes_on_when_it_is_back() {
        Scenario scenario = order().hangs("charge/1")
                .passes(Duration.ofMinutes(1))
                .definitionGone()
                .look();
        assertThat(values(scenario.status())).isEqualTo("Stalled: Unknown False Unknown False True True False");
        scenario.definitionBack().hangingFails();
        assertThat(scenario.status().phase()).hasToString("Succeeded");
    }
}
