package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.DesiredState;
import dev.clew.engine.protocol.Scenario;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a run is deleted after its end, and when it is not. */
class TtlTest {
    private static final String ONE = """
            %s
            steps: [{name: a, container: {image: a}, compensation: {retry: {limit: 0}, container: {image: a}}}]
            """;

    private static Scenario one(String more) {
        return new Scenario(ONE.formatted(more));
    }

    /** A run that has just ended. */
    private static Scenario ended(Scenario scenario) {
        return scenario.hangs("a/1").passes(Duration.ofSeconds(30)).ends("a/1").look();
    }

    /** Looks at a run just before and at a time after its end. */
    private static boolean isDeletedAfter(Scenario scenario, int seconds) {
        scenario.passes(Duration.ofSeconds(seconds).minusMillis(1));
        assertThat(scenario.run()).as("not before").isPresent();
        scenario.passes(Duration.ofMillis(1));
        return scenario.run().isEmpty();
    }

    @Test
    void a_run_is_deleted_when_its_time_after_the_end_is_up() {
        assertThat(isDeletedAfter(ended(one("").ttl(60)), 60)).isTrue();
        assertThat(isDeletedAfter(ended(one("ttlSecondsAfterFinished: 60")), 60))
                .isTrue();
    }

    @Test
    void the_value_of_the_run_wins_over_that_of_the_workflow() {
        assertThat(isDeletedAfter(ended(one("ttlSecondsAfterFinished: 10").ttl(60)), 60))
                .isTrue();
        assertThat(isDeletedAfter(ended(one("ttlSecondsAfterFinished: 60").ttl(10)), 10))
                .isTrue();
    }

    @Test
    void without_any_a_run_stays() {
        assertThat(isDeletedAfter(ended(one("")), 1_000_000)).isFalse();
    }

    @Test
    void it_can_be_given_after_the_end() {
        Scenario scenario = ended(one("")).passes(Duration.ofHours(1));
        scenario.ttl(60).rest();
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void a_stalled_run_has_not_ended() {
        Scenario scenario =
                one("ttlSecondsAfterFinished: 1").fails("a/1", "undo a/1").rest();
        assertThat(isDeletedAfter(scenario, 1_000_000)).isFalse();
        scenario.types(scenario.lines().getFirst()).rest();
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void a_run_that_never_began_is_deleted_too() {
        Scenario scenario = one("").ttl(60).desires(DesiredState.Cancelled).look();
        assertThat(isDeletedAfter(scenario, 60)).isTrue();
    }

    @Test
    void rolling_back_wins_and_the_time_counts_from_the_last_end() {
        Scenario scenario = ended(one("ttlSecondsAfterFinished: 60")).passes(Duration.ofSeconds(50));
        scenario.desires(DesiredState.RolledBack).hangs("undo a/1").passes(Duration.ofSeconds(100));
        assertThat(scenario.status().phase()).hasToString("Compensating");
        scenario.ends("undo a/1").look();
        assertThat(scenario.status().phase()).hasToString("RolledBack");
        assertThat(isDeletedAfter(scenario, 60)).isTrue();
    }

    @Test
    void a_run_that_is_to_be_rolled_back_is_not_deleted_while_its_definition_cannot_be_read() {
        Scenario scenario = ended(one("").ttl(60)).definitionGone();
        scenario.desires(DesiredState.RolledBack).passes(Duration.ofHours(1));
        assertThat(scenario.run()).isPresent();
        scenario.definitionBack().rest();
        assertThat(scenario.created()).endsWith("undo a/1");
        assertThat(scenario.run()).isEmpty();
    }

    @Test
    void a_run_that_gitops_would_create_again_is_not_deleted_and_says_so() {
        Scenario scenario = new Scenario(ONE.formatted("ttlSecondsAfterFinished: 60"), "Argo CD");
        ended(scenario);
        assertThat(isDeletedAfter(scenario, 1_000_000)).isFalse();
        String refusal = "not deleted after 60 s: Argo CD would create the run again, and so run it again; take the run"
                + " out of Git to delete it, or remove ttlSecondsAfterFinished";
        assertThat(scenario.status().message()).isEqualTo("the step succeeded; " + refusal);
        assertThat(scenario.told()).containsOnlyOnce("TTLRefused: " + refusal);
    }

    @ParameterizedTest
    @CsvSource({
        "argocd.argoproj.io/tracking-id, , , Argo CD",
        ", kustomize.toolkit.fluxcd.io/name, , Flux",
        ", helm.toolkit.fluxcd.io/name, , Flux",
        "argocd.argoproj.io/tracking-id, , argocd.argoproj.io/hook, ",
        "argocd.argoproj.io/tracking-id, , helm.sh/hook, ",
        ", app.kubernetes.io/name, , ",
    })
    void who_would_create_it_again(
            @Nullable String annotation, @Nullable String label, @Nullable String hook, @Nullable String tool) {
        Map<String, String> annotations = new HashMap<>();
        if (annotation != null) {
            annotations.put(annotation, "x");
        }
        if (hook != null) {
            annotations.put(hook, "PreSync");
        }
        assertThat(GitOps.tool(label == null ? Map.of() : Map.of(label, "x"), annotations))
                .isEqualTo(tool);
    }
}
