package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.clew.api.run.DesiredState;
import dev.clew.api.run.InterventionAction;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.protocol.Scenario;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The record of the largest runs stays below 1 MiB, and a run that would not fit can always be ended. */
class RoomTest {
    private static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);

    private static final int MOST_STEPS = 512;

    private final AtomicInteger largest = new AtomicInteger();

    /** A run of as many steps as there can be, all at the same time. */
    private Scenario fan(String more, String step) {
        String steps = IntStream.range(0, MOST_STEPS)
                .mapToObj(number -> "- {name: " + name(number) + ", container: {image: a}" + step + "}")
                .collect(Collectors.joining("\n"));
        return measured(new Scenario("order: Graph\n" + more + "\nsteps:\n" + steps));
    }

    private Scenario measured(Scenario scenario) {
        return scenario.readBy(status -> largest.accumulateAndGet(size(scenario, status), Math::max));
    }

    /** As long as a name can be. */
    private static String name(int number) {
        return "a-step-whose-name-is-quite-long-of-all-" + number;
    }

    /** As the API server stores it: Go escapes what HTML could take for a tag. */
    private static int size(Scenario scenario, WorkflowRunStatus status) {
        try {
            String json = JSON.writeValueAsString(status)
                    .replace("<", "\\u003c")
                    .replace(">", "\\u003e")
                    .replace("&", "\\u0026");
            return json.getBytes(StandardCharsets.UTF_8).length
                    + scenario.run().orElseThrow().otherBytes();
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private void assertItFitted() {
        assertThat(largest.get()).isBetween(1, 1 << 20);
    }

    @Test
    void steps_that_write_nothing_all_fit_with_their_compensations() {
        Scenario scenario = fan("", ", compensation: {container: {image: a}}");
        scenario.rest();
        assertThat(scenario.status().phase()).hasToString("Succeeded");
        scenario.desires(DesiredState.RolledBack).rest();
        assertThat(scenario.status().phase()).hasToString("RolledBack");
        assertThat(scenario.status().undone()).isEqualTo("512/512");
        assertItFitted();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "é", "語", "<", "\\"})
    void outputs_that_do_not_fit_turn_the_run_back_and_all_is_undone(String filling) {
        int bytes = filling.getBytes(StandardCharsets.UTF_8).length;
        Scenario scenario = fan("", ", outputs: [x], compensation: {container: {image: a}}");
        scenario.write("x=" + filling.repeat(4000 / bytes) + "\n").rest();
        assertThat(Objects.requireNonNull(scenario.status().compensation()).reason())
                .isEqualTo("TooLarge");
        assertThat(scenario.status().phase()).hasToString("Failed");
        assertThat(scenario.status().message())
                .startsWith("the record of the run would not fit into one object with another attempt; undone: ");
        int begun =
                Objects.requireNonNull(scenario.status().compensation().plan()).size();
        assertThat(begun).as("it went as far as it could").isGreaterThan(20);
        assertItFitted();
    }

    @Test
    void attempts_that_are_tried_often_fit() {
        Scenario scenario = fan(
                "compensation: {order: Graph}",
                ", retry: {limit: 5, backoffSeconds: 0}, compensation: {retry: {limit: 5, backoffSeconds: 0},"
                        + " container: {image: a}}");
        for (int number = 0; number < MOST_STEPS; number++) {
            for (int attempt = 1; attempt <= 6; attempt++) {
                scenario.fails(name(number) + "/" + attempt, "undo " + name(number) + "/" + attempt);
            }
        }
        scenario.rest();
        assertThat(scenario.status().phase()).hasToString("Stalled");
        assertItFitted();
        scenario.desires(DesiredState.Terminated).rest();
        assertThat(scenario.status().phase()).hasToString("Terminated");
        assertThat(scenario.run().orElseThrow().finalizers()).isEmpty();
        assertItFitted();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "語", "<", "\""})
    void messages_of_the_api_server_do_not_make_it_too_large(String filling) {
        Scenario scenario = fan("", ", compensation: {container: {image: a}}");
        scenario.refuseCreates("Forbidden", filling.repeat(5_000)).passes(Duration.ofSeconds(30));
        assertThat(scenario.attempts(name(0)).getFirst().state()).hasToString("Claimed");
        assertItFitted();
        scenario.allowCreates().rest();
        assertThat(scenario.status().phase()).hasToString("Succeeded");
        assertItFitted();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "語", "<"})
    void nor_while_all_is_undone_at_the_same_time(String filling) {
        Scenario scenario = fan("compensation: {order: Graph}", ", compensation: {container: {image: a}}");
        scenario.hangs(name(0) + "/1").rest();
        scenario.refuseCreates("Forbidden", filling.repeat(5_000)).desires(DesiredState.Cancelled);
        scenario.passes(Duration.ofSeconds(60));
        assertThat(scenario.status().phase()).hasToString("Compensating");
        assertItFitted();
        scenario.allowCreates().rest();
        assertThat(scenario.status().phase()).hasToString("Cancelled");
        assertItFitted();
    }

    @Test
    void doubts_about_all_of_them_fit() {
        Scenario scenario = fan("", ", compensation: {container: {image: a}}");
        IntStream.range(0, MOST_STEPS).forEach(number -> scenario.hangs(name(number) + "/1"));
        scenario.passes(Duration.ofSeconds(10)).nodesForbidden();
        IntStream.range(0, MOST_STEPS).forEach(number -> scenario.podVanishes(name(number) + "/1"));
        scenario.passes(Duration.ofMinutes(1));
        assertThat(scenario.attempts(name(7)).getFirst().reason()).isEqualTo("InDoubt");
        assertItFitted();
        scenario.desires(DesiredState.Terminated).rest();
        assertThat(scenario.status().phase()).hasToString("Terminated");
        assertItFitted();
    }

    @Test
    void a_run_that_is_to_stall_waits_for_a_person_who_can_skip_what_is_left_or_undo_it() {
        Scenario scenario = fan("onFailure: Stall", ", outputs: [x], compensation: {container: {image: a}}");
        scenario.write("x=" + "x".repeat(4000) + "\n").rest();
        assertThat(scenario.status().phase()).hasToString("Stalled");
        assertThat(scenario.condition("Stalled").reason()).isEqualTo("TooLarge");
        scenario.intervenes(InterventionAction.RetryStep, name(511)).look();
        assertThat(scenario.intervened()).startsWith("Refused: ");
        scenario.desires(DesiredState.Cancelled).rest();
        assertThat(scenario.status().phase()).hasToString("Cancelled");
        assertItFitted();
    }

    @Test
    void what_is_taken_out_to_make_room_is_only_what_informs() {
        Scenario scenario = fan("", ", retry: {limit: 5, backoffSeconds: 0}, outputs: [x]");
        scenario.fails(name(0) + "/1", name(0) + "/2", name(0) + "/3", name(0) + "/4", name(0) + "/5", name(0) + "/6");
        scenario.write("x=" + "x".repeat(2000) + "\n").rest();
        assertThat(scenario.status().phase()).hasToString("Failed");
        assertThat(scenario.attempts(name(0)))
                .hasSizeLessThan(Trimming.LISTED)
                .allSatisfy(attempt -> assertThat(attempt.reason()).isEqualTo("ExitCode"));
        assertThat(scenario.step(name(0)).attemptsOmitted()).isPositive();
        assertThat(scenario.step(name(0)).mayHaveEffect()).isTrue();
        assertThat(scenario.step(name(0)).outputs()).hasSize(1);
        assertItFitted();
    }
}
