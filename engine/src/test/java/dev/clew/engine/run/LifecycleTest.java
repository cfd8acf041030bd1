package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.protocol.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LifecycleTest {
    private static final Path PAGE = Path.of("../docs/controller-flow.md");

    static Stream<Arguments> tables() {
        return Stream.of(
                Arguments.of("run", Lifecycle.RUN),
                Arguments.of("step", Lifecycle.STEP),
                Arguments.of("attempt", Lifecycle.ATTEMPT));
    }

    @ParameterizedTest
    @MethodSource("tables")
    void the_documentation_shows_the_table(String name, Lifecycle<?> table) throws IOException {
        String begin = "<!-- lifecycle:" + name + " -->\n";
        String end = "<!-- /lifecycle:" + name + " -->";
        String page = Files.readString(PAGE);
        assertThat(page).contains(begin, end);
        assertThat(page.substring(page.indexOf(begin) + begin.length(), page.indexOf(end)))
                .as("the diagram between %s and %s in docs/controller-flow.md", begin.strip(), end)
                .isEqualTo("```mermaid\n" + table.mermaid() + "```\n");
    }

    @Test
    void every_state_can_be_reached_and_ends_are_never_left() {
        for (RunPhase phase : RunPhase.values()) {
            assertThat(Lifecycle.RUN.rows()).anyMatch(row -> row.to() == phase);
            // what has succeeded can be rolled back
            assertThat(Lifecycle.RUN.rows().stream().noneMatch(row -> row.from() == phase))
                    .as("%s has no way out", phase)
                    .isEqualTo(phase.isEnd() && phase != RunPhase.Succeeded);
        }
        for (AttemptState state : AttemptState.values()) {
            assertThat(Lifecycle.ATTEMPT.rows()).anyMatch(row -> row.to() == state);
            assertThat(Lifecycle.ATTEMPT.rows().stream().noneMatch(row -> row.from() == state))
                    .as("%s has no way out", state)
                    .isEqualTo(state.isOver());
        }
    }

    @Test
    void a_run_that_is_compensating_or_has_ended_never_goes_forward_again() {
        assertThat(EnumSet.allOf(RunPhase.class))
                .allSatisfy(phase -> assertThat(Lifecycle.RUN.allows(phase, RunPhase.Running))
                        .isEqualTo(EnumSet.of(RunPhase.Pending, RunPhase.Running, RunPhase.Paused, RunPhase.Stalled)
                                .contains(phase)));
    }

    @Test
    void what_is_not_in_the_tables_is_not_recorded() {
        Scenario scenario = new Scenario("""
                order: Graph
                steps: [{name: a, container: {image: a}}, {name: b, container: {image: a}}]
                """).hangs("a/1", "b/1").passes(Duration.ofSeconds(10));
        RunView running = scenario.run().orElseThrow();
        RunView ended = running.withStatus(scenario.hangingFails().status());
        assertThatThrownBy(() -> Lifecycle.checked(ended, running.status()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "the run shop/order-42 cannot go from Failed to Running: either somebody else has written its"
                                + " record, or this is a bug in Clew");
        WorkflowRunStatus wrongStep =
                Records.with(ended.status(), running.status().steps());
        assertThatThrownBy(() -> Lifecycle.checked(ended, wrongStep))
                .hasMessageStartingWith(
                        "the run shop/order-42, step a, Step attempt 1 cannot go from Failed to Running: ");
        StepStatus step = running.status().steps().getFirst();
        Attempt open = step.attempts().getFirst();
        Attempt notStarted = Records.closed(open, 1, AttemptState.NotStarted, null);
        WorkflowRunStatus wrongAttempt =
                Records.with(running.status(), step.withAttempts(List.of(notStarted), null, null));
        assertThatThrownBy(() -> Lifecycle.checked(running, wrongAttempt))
                .hasMessageStartingWith(
                        "the run shop/order-42, step a, Step attempt 1 cannot go from Running to NotStarted: ");
    }
}
