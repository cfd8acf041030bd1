package dev.clew.engine.recorded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.engine.pod.PodFacts;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read from real pods beside the end of the step's container. */
class PodFactsTest {
    private static List<PodFacts> facts(String name) {
        return Recording.of(name).versions().stream()
                .map(Recording.Version::facts)
                .toList();
    }

    private static boolean ever(String name, Predicate<PodFacts> what) {
        return facts(name).stream().anyMatch(what);
    }

    @Test
    void a_sidecar_runs_on_after_the_step_and_a_native_one_is_the_kubelets_concern() {
        assertThat(ever("13-sidecar-keeps-running", pod -> pod.terminated() != null && pod.othersRunning()))
                .isTrue();
        assertThat(facts("13-sidecar-keeps-running").getLast().othersRunning()).isFalse();
        assertThat(ever("13b-native-sidecar", PodFacts::othersRunning)).isFalse();
        assertThat(ever("01-succeeded", PodFacts::othersRunning)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "10-evicted-api, EvictionByEvictionAPI",
        "15-node-lost-running, DeletionByTaintManager",
        "15b-node-deleted-running, DeletionByPodGC",
        "16-preempted, PreemptionByScheduler",
        "01-succeeded, ",
        "02-exit-7, ",
        "09-deleted-pid1-no-handler, ",
    })
    void who_ended_it(String name, String reason) {
        assertThat(facts(name).getLast().disruption().map(PodFacts.PodCondition::reason))
                .isEqualTo(Optional.ofNullable(reason));
    }

    @Test
    void a_pod_on_a_node_that_is_lost_runs_and_is_not_ready() {
        assertThat(ever("15-node-lost-running", PodFacts::unready)).isTrue();
        assertThat(ever("01-succeeded", PodFacts::unready)).isFalse();
        assertThat(ever("02-exit-7", PodFacts::unready)).isFalse();
    }

    @Test
    void a_gate_holds_a_pod_until_it_is_lifted() {
        List<PodFacts> facts = facts("12b-gate-deadline");
        assertThat(facts.getFirst().gated()).isTrue();
        assertThat(facts.getLast().gated()).isFalse();
        assertThat(ever("11-unschedulable-deleted", PodFacts::gated)).isFalse();
    }

    @Test
    void the_grace_period_is_that_of_the_pod() {
        assertThat(facts("10-evicted-api")).allMatch(pod -> Long.valueOf(3).equals(pod.graceSeconds()));
    }
}
