package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.DesiredState;
import dev.clew.api.run.Doubt;
import dev.clew.engine.protocol.Scenario;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * What is done where nobody can tell whether a process has ended: its node is asked, or a person. A pod is given 30 s to end,
 * and a request of the simulation is on its way for 5 s at most.
 */
class DoubtsTest {
    private static final Duration SETTLED_AFTER = Duration.ofSeconds(35);

    private static final String ONE = """
            steps:
            - name: a
              retry: {limit: 1, backoffSeconds: 0}
              container: {image: a}
              compensation: {container: {image: a}}
            """;

    /** A run whose step has run for a minute, and is known to. */
    private static Scenario running() {
        return new Scenario(ONE).hangs("a/1").passes(Duration.ofMinutes(1));
    }

    private static Attempt first(Scenario scenario) {
        return scenario.attempts("a").getFirst();
    }

    private static String outcome(Scenario scenario) {
        return first(scenario).state() + "/" + first(scenario).reason();
    }

    private static Doubt doubt(Scenario scenario) {
        return Objects.requireNonNull(first(scenario).doubt(), "is not in doubt");
    }

    @Test
    void a_pod_that_vanished_is_in_doubt_at_once_with_all_that_is_needed_to_settle_it() {
        Scenario scenario = running();
        String uid = scenario.podUid("a/1");
        String node = scenario.nodeOf("a/1");
        scenario.podVanishes("a/1").look();
        assertThat(outcome(scenario)).isEqualTo("Running/InDoubt");
        assertThat(doubt(scenario)).isEqualTo(new Doubt(scenario.now(), node, 30, null));
        assertThat(Objects.requireNonNull(first(scenario).pod()).uid()).isEqualTo(uid);
        assertThat(first(scenario).message())
                .contains("; settled at " + scenario.now().plus(SETTLED_AFTER) + " if the node " + node
                        + " stays ready; ");
    }

    @Test
    void a_node_that_stays_ready_for_the_grace_period_and_the_time_of_a_request_settles_it_as_lost() {
        Scenario scenario = running().podVanishes("a/1").look();
        scenario.passes(SETTLED_AFTER.minusMillis(1));
        assertThat(outcome(scenario)).isEqualTo("Running/InDoubt");
        assertThat(scenario.created()).containsExactly("a/1");
        scenario.passes(Duration.ofMillis(1));
        assertThat(outcome(scenario)).isEqualTo("Lost/NodeResolved");
        assertThat(scenario.created())
                .as("it counts as failed, and is tried again")
                .containsExactly("a/1", "a/2");
        assertThat(first(scenario).doubt()).isNull();
    }

    @Test
    void the_grace_period_is_that_of_the_pod_if_somebody_gave_it_another_one() {
        Scenario scenario = new Scenario(ONE).hangs("a/1").grace("a/1", 60).passes(Duration.ofMinutes(1));
        scenario.podVanishes("a/1").look();
        assertThat(doubt(scenario).graceSeconds()).isEqualTo(60);
        scenario.passes(Duration.ofSeconds(64));
        assertThat(outcome(scenario)).isEqualTo("Running/InDoubt");
        scenario.passes(Duration.ofSeconds(1));
        assertThat(outcome(scenario)).isEqualTo("Lost/NodeResolved");
    }

    @Test
    void a_node_that_does_not_report_settles_nothing_until_it_has_been_back_for_as_long() {
        Scenario scenario = running();
        String node = scenario.nodeOf("a/1");
        scenario.nodeLost("a/1").podVanishes("a/1").passes(Duration.ofHours(3));
        assertThat(outcome(scenario)).isEqualTo("Running/InDoubt");
        assertThat(first(scenario).message()).contains("; the node " + node + " does not report; ");
        Instant back = scenario.nodeBack(node).now().truncatedTo(ChronoUnit.SECONDS);
        // conditions carry whole seconds
        Instant settled = back.plusSeconds(1).plus(SETTLED_AFTER);
        scenario.passes(Duration.between(scenario.now(), settled).minusMillis(1));
        assertThat(outcome(scenario)).isEqualTo("Running/InDoubt");
        scenario.passes(Duration.ofSeconds(30));
        assertThat(outcome(scenario)).isEqualTo("Lost/NodeResolved");
    }

    @Test
    void a_node_that_was_away_in_between_is_counted_from_its_return() {
        Scenario scenario = running();
        String node = scenario.nodeOf("a/1");
        scenario.podVanishes("a/1").passes(Duration.ofSeconds(10));
        scenario.nodeIsLost(node).passes(Duration.ofSeconds(10));
        scenario.nodeBack(node).passes(Duration.ofSeconds(34));
        assertThat(outcome(scenario)).isEqualTo("Running/InDoubt");
        scenario.passes(Duration.ofSeconds(2));
        assertThat(outcome(scenario)).isEqualTo("Lost/NodeResolved");
    }

    @Test
    void a_node_that_came_back_in_the_second_of_the_doubt_may_have_come_back_after_it() {
        Scenario scenario = running();
        String node = scenario.nodeOf("a/1");
        scenario.nodeLost("a/1").passes(Duration.ofSeconds(10).plusMillis(100));
        scenario.podVanishes("a/1").look();
        Instant doubted = doubt(scenario).since();
        scenario.timePasses(Duration.ofMillis(500)).nodeBack(node);
        assertThat(scenario.now().truncatedTo(ChronoUnit.SECONDS)).isEqualTo(doubted.truncatedTo(ChronoUnit.SECONDS));
        scenario.passes(SETTLED_AFTER);
        assertThat(outcome(scenario)).isEqualTo("Running/InDoubt");
        scenario.passes(Duration.ofSeconds(1));
        assertThat(outcome(scenario)).isEqualTo("Lost/NodeResolved");
    }

    @Test
    void a_node_that_is_gone_for_five_minutes_counts_as_switched_off() {
        Scenario scenario = running();
        String node = scenario.nodeOf("a/1");
        scenario.podVanishes("a/1").nodeGone(node).look();
        assertThat(doubt(scenario).nodeGoneSince()).isEqualTo(scenario.now());
        assertThat(first(scenario).message())
                .contains("; settled at " + scenario.now().plusSeconds(300) + " if the node " + node + " stays gone; ");
        scenario.passes(Duration.ofSeconds(299));
        assertThat(outcome(scenario)).isEqualTo("Running/InDoubt");
        scenario.passes(Duration.ofSeconds(1));
        assertThat(outcome(scenario)).isEqualTo("Lost/NodeResolved");
        assertThat(first(scenario).message()).endsWith("; its node " + node + " has been gone for 5 min");
    }

    @Test
    void a_node_that_comes_back_within_the_five_minutes_was_not_switched_off() {
        Scenario scenario = running();
        String node = scenario.nodeOf("a/1");
        scenario.podVanishes("a/1").nodeGone(node).passes(Duration.ofMinutes(4));
        scenario.nodeThereAgain(node).nodeIsLost(node).passes(Duration.ofMinutes(2));
        assertThat(doubt(scenario).nodeGoneSince()).isNull();
        assertThat(outcome(scenario)).isEqualTo("Running/InDoubt");
    }

    @Test
    void without_the_right_to_read_nodes_only_a_person_can_tell() {
        Scenario scenario = running().nodesForbidden();
        String uid = scenario.podUid("a/1");
        scenario.podVanishes("a/1").passes(Duration.ofHours(3));
        assertThat(outcome(scenario)).isEqualTo("Running/InDoubt");
        assertThat(first(scenario).message()).contains("; Clew may not read nodes, so that only a person can tell; ");
        assertThat(scenario.condition("ActionRequired").status()).hasToString("True");
        scenario.types(scenario.linesOf("a").getFirst()).rest();
        assertThat(scenario.intervened()).startsWith("Done: ");
        assertThat(Objects.requireNonNull(first(scenario).pod()).uid()).isEqualTo(uid);
        assertThat(outcome(scenario)).isEqualTo("Lost/AssumedStopped");
        assertThat(scenario.status().phase()).hasToString("Succeeded");
        assertThat(scenario.condition("ActionRequired").status()).hasToString("False");
    }

    @Test
    void a_pod_whose_node_was_never_recorded_only_a_person_can_tell_of() {
        Scenario scenario = new Scenario(ONE).unschedulable("a/1").passes(Duration.ofSeconds(10));
        assertThat(Objects.requireNonNull(first(scenario).pod()).uid()).isNotNull();
        scenario.podVanishes("a/1").passes(Duration.ofHours(3));
        assertThat(outcome(scenario)).isEqualTo("Claimed/InDoubt");
        assertThat(first(scenario).message()).contains("; its node is not known, so that only a person can tell; ");
        assertThat(scenario.wakesUp()).as("there is nothing to look for").isEmpty();
    }

    @Test
    void a_phase_that_garbage_collection_wrote_is_a_doubt_and_what_the_kubelet_reports_then_counts() {
        Scenario scenario = running();
        String node = scenario.nodeOf("a/1");
        scenario.nodeLost("a/1").collects("a/1").passes(Duration.ofHours(1));
        assertThat(outcome(scenario)).isEqualTo("Running/InDoubt");
        assertThat(first(scenario).message()).contains(" says Failed, but no kubelet has reported the end ");
        scenario.ends("a/1").nodeBack(node).rest();
        assertThat(first(scenario).state())
                .as("it had ended with 0, but its pod was being deleted")
                .hasToString("Failed");
        assertThat(first(scenario).reason()).isEqualTo("Interrupted");
        assertThat(Objects.requireNonNull(first(scenario).pod()).exitCode()).isZero();
    }

    @Test
    void nothing_is_undone_before_a_doubt_is_settled() {
        Scenario scenario = running().podVanishes("a/1").look();
        scenario.desires(DesiredState.Cancelled).passes(Duration.ofSeconds(34));
        assertThat(scenario.status().phase()).hasToString("Compensating");
        assertThat(scenario.status().message()).startsWith("cancelled; waiting for the end of a; a waits: InDoubt: ");
        assertThat(scenario.created()).containsExactly("a/1");
        scenario.passes(Duration.ofSeconds(1)).rest();
        assertThat(scenario.created()).containsExactly("a/1", "undo a/1");
        assertThat(scenario.status().phase()).hasToString("Cancelled");
    }

    @Test
    void a_compensation_in_doubt_is_settled_the_same_way() {
        Scenario scenario =
                new Scenario(ONE).fails("a/1", "a/2").hangs("undo a/1").rest().passes(Duration.ofSeconds(10));
        scenario.podVanishes("undo a/1").look().passes(SETTLED_AFTER);
        assertThat(scenario.undoing("a").getFirst().reason()).isEqualTo("NodeResolved");
        scenario.rest();
        assertThat(scenario.created()).endsWith("undo a/1", "undo a/2");
        assertThat(scenario.status().phase()).hasToString("Failed");
    }

    // -- nodes that do not answer while the pod is still there

    @Test
    void a_step_on_a_node_that_does_not_report_waits_visibly_and_is_not_over() {
        Scenario scenario = running();
        String node = scenario.nodeOf("a/1");
        scenario.nodeLost("a/1").passes(Duration.ofSeconds(5));
        assertThat(outcome(scenario)).isEqualTo("Running/NodeUnreachable");
        assertThat(scenario.condition("ActionRequired").reason()).isEqualTo("NodeUnreachable");
        assertThat(scenario.condition("ActionRequired").status()).hasToString("True");
        scenario.passes(Duration.ofHours(3));
        assertThat(outcome(scenario)).isEqualTo("Running/NodeUnreachable");
        scenario.nodeBack(node).ends("a/1").rest();
        assertThat(first(scenario).state()).hasToString("Succeeded");
        assertThat(scenario.condition("ActionRequired").status()).hasToString("False");
    }

    @Test
    void a_pod_that_was_to_end_on_such_a_node_is_not_over_either() {
        Scenario scenario = running();
        String node = scenario.nodeOf("a/1");
        scenario.nodeLost("a/1").desires(DesiredState.Cancelled).passes(Duration.ofHours(3));
        assertThat(outcome(scenario)).isEqualTo("Running/NodeUnreachable");
        assertThat(first(scenario).message())
                .startsWith("its pod was to end by ")
                .contains(", and its node " + node + " has not reported that it did; ");
        assertThat(scenario.created()).containsExactly("a/1");
        scenario.nodeBack(node).rest();
        assertThat(scenario.created()).containsExactly("a/1", "undo a/1");
        assertThat(scenario.status().phase()).hasToString("Cancelled");
    }

    @Test
    void a_person_can_vouch_for_it() {
        Scenario scenario = running();
        scenario.nodeLost("a/1").desires(DesiredState.Cancelled).passes(Duration.ofHours(3));
        scenario.processEnds(scenario.podUid("a/1"))
                .types(scenario.lines().getFirst())
                .rest();
        assertThat(outcome(scenario)).isEqualTo("Lost/AssumedStopped");
        assertThat(scenario.status().phase()).hasToString("Cancelled");
    }

    @Test
    void a_run_that_is_given_up_waits_for_it_no_longer_than_its_grace_period_and_30_s() {
        Scenario scenario =
                running().nodeLost("a/1").desires(DesiredState.Terminated).look();
        scenario.passes(Duration.ofSeconds(59));
        assertThat(first(scenario).over()).isFalse();
        assertThat(scenario.status().phase()).hasToString("Running");
        assertThat(scenario.status().message()).startsWith("terminating: waits for the end of a");
        scenario.passes(Duration.ofSeconds(1));
        assertThat(outcome(scenario)).isEqualTo("Lost/NodeUnreachable");
        assertThat(scenario.status().phase()).hasToString("Terminated");
        scenario.rest();
        assertThat(scenario.pods(pod -> pod.tracked())).isEmpty();
        assertThat(scenario.run().orElseThrow().finalizers()).isEmpty();
    }

    @Test
    void a_run_that_is_given_up_waits_for_a_doubt_no_longer_either() {
        Scenario scenario = running().nodesForbidden().podVanishes("a/1").look();
        scenario.desires(DesiredState.Terminated).passes(Duration.ofSeconds(59));
        assertThat(outcome(scenario)).isEqualTo("Running/InDoubt");
        scenario.passes(Duration.ofSeconds(1));
        assertThat(outcome(scenario)).isEqualTo("Lost/Terminated");
        assertThat(scenario.status().phase()).hasToString("Terminated");
    }

    @Test
    void a_namespace_that_goes_is_not_held_up_by_a_doubt() {
        Scenario scenario = running().nodesForbidden().podVanishes("a/1").look();
        scenario.terminateNamespace().deleteRun().passes(Duration.ofMinutes(1));
        assertThat(scenario.status().phase()).hasToString("Terminated");
        assertThat(scenario.run()).isEmpty();
    }
}
