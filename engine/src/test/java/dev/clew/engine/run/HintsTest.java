package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.Intervention;
import dev.clew.api.run.InterventionAction;
import dev.clew.api.run.WorkflowRef;
import dev.clew.api.run.WorkflowRunSpec;
import dev.clew.api.run.WorkflowRunStatus;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lines that people copy and type: each is whole, and says what it is meant to say. */
class HintsTest {
    private static final String LONGEST = "n".repeat(63);
    private static final String LONGEST_STEP = "s".repeat(40);

    private static RunView run(String... interventions) {
        List<Intervention> made = IntStream.range(0, interventions.length)
                .mapToObj(i -> new Intervention(interventions[i], InterventionAction.SkipStep, "a", null, List.of()))
                .toList();
        return new RunView(
                LONGEST,
                LONGEST,
                "uid",
                "1",
                1,
                List.of(),
                null,
                new WorkflowRunSpec(new WorkflowRef("order"), null, List.of(), null, made, null, null, null),
                WorkflowRunStatus.EMPTY,
                null,
                0);
    }

    private static JsonNode patch(String line) throws JsonProcessingException {
        assertThat(line)
                .contains(" workflowrun " + LONGEST + " -n " + LONGEST + " ")
                .endsWith("'");
        return new ObjectMapper().readTree(line.substring(line.indexOf('\'') + 1, line.length() - 1));
    }

    @Test
    void a_field_is_set() throws JsonProcessingException {
        String line = Hints.patch(run(), "desiredState", "RolledBack");
        assertThat(line).contains(" --type=merge ");
        assertThat(patch(line).at("/spec/desiredState").asText()).isEqualTo("RolledBack");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AssumeStopped")
    void the_first_intervention_makes_the_list(InterventionAction action) throws JsonProcessingException {
        String line = Hints.intervene(run(), action, LONGEST_STEP);
        assertThat(line).contains(" --type=json ");
        JsonNode operation = patch(line).get(0);
        assertThat(operation.get("path").asText()).isEqualTo("/spec/interventions");
        JsonNode made = operation.get("value").get(0);
        assertThat(made.get("action").asText()).isEqualTo(action.name());
        assertThat(made.get("step").asText()).isEqualTo(LONGEST_STEP);
        assertThat(made.get("name").asText()).hasSizeLessThanOrEqualTo(63).matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    }

    @Test
    void a_later_one_is_added_under_a_name_that_is_free() throws JsonProcessingException {
        JsonNode operation = patch(
                        Hints.intervene(run("retry-a-1", "other", "retry-a-2"), InterventionAction.RetryStep, "a"))
                .get(0);
        assertThat(operation.get("path").asText()).isEqualTo("/spec/interventions/-");
        assertThat(operation.at("/value/name").asText()).isEqualTo("retry-a-3");
    }

    @Test
    void a_person_vouches_for_a_pod_by_its_uid() throws JsonProcessingException {
        String hint = Hints.assumeStopped(run(), new AttemptPod("pod", "pod-uid", null, null, null));
        assertThat(hint).startsWith("if you know that its process has stopped: kubectl patch ");
        JsonNode made = patch(hint).at("/0/value/0");
        assertThat(made.get("action").asText()).isEqualTo("AssumeStopped");
        assertThat(made.get("podUID").asText()).isEqualTo("pod-uid");
        assertThat(made.has("step")).isFalse();
    }

    @Test
    void the_lines_of_a_stalled_run_fit_into_its_message_with_the_longest_names() {
        String longest = Hints.intervene(run("other"), InterventionAction.RetryCompensation, LONGEST_STEP);
        // what happened and why it turned back take 200 characters each, a stalled run gives up to four lines
        assertThat(400 + 4 * (longest.length() + 40)).isLessThan(2048);
    }
}
