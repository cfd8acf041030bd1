package dev.clew.engine.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.clew.api.run.Intent;
import dev.clew.api.run.IntentState;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.pod.AttemptId;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.workflow.Definition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What no saga may do is told as a contradiction; what looks like it and is right is not. */
class EffectLedgerTest {
    private static final Saga SEQUENTIAL = Saga.sequential("of three steps");
    private static final Saga DIAMOND = Saga.diamond("that is a diamond");
    private static final Saga WITH_PIVOT = Saga.withPivot("with a pivot");

    // -- attempts

    @Test
    void a_second_pod_of_the_same_attempt() {
        Story story = new Story(SEQUENTIAL).starts("a/1");
        contradicts(() -> story.starts("a/1"), "a second pod started for the same attempt");
        story.starts("a/2").starts("undo a/1").starts("undo a/2");
    }

    @Test
    void an_attempt_beside_another_one_of_its_step() {
        Story story = new Story(DIAMOND).does("a/1").starts("b/1");
        contradicts(() -> story.starts("b/2", "b/1"), "an attempt started beside another one");
        story.starts("c/1", "b/1").does("undo c/1").starts("undo b/1");
        contradicts(() -> story.starts("undo b/2", "undo b/1"), "an attempt started beside another one");
    }

    @Test
    void a_start_after_the_end_of_the_run() {
        Story story = new Story(SEQUENTIAL).recorded(RunPhase.Failed);
        contradicts(() -> story.starts("a/1"), "started after the end of the run");
        story.recorded(RunPhase.Running).starts("a/1");
    }

    @Test
    void a_start_before_the_run_has_begun() {
        Story story = new Story(SEQUENTIAL).recorded(null);
        contradicts(() -> story.starts("a/1"), "started after the end of the run");
    }

    // -- forward

    @Test
    void a_forward_step_after_compensation_has_begun() {
        Story story = new Story(DIAMOND).does("a/1", "b/1").starts("undo b/1");
        contradicts(() -> story.starts("c/1"), "a forward step started after compensation had begun");
    }

    @Test
    void a_step_before_what_it_depends_on_has_succeeded() {
        Story story = new Story(DIAMOND).does("a/1", "b/1").starts("c/1");
        contradicts(() -> story.starts("d/1"), "started before what it depends on had succeeded");
        story.does("c/2").starts("d/1");
    }

    // -- back

    @Test
    void a_compensation_while_a_forward_step_may_run() {
        Story story = new Story(DIAMOND).does("a/1").starts("b/1").starts("c/1");
        contradicts(() -> story.starts("undo c/1", "b/1"), "a compensation started before every forward step was over");
        story.starts("undo c/1").starts("undo b/1", "undo c/1");
    }

    @Test
    void a_compensation_before_that_of_a_dependent_has_begun() {
        Story story = new Story(DIAMOND).does("a/1", "b/1", "c/1").starts("d/1");
        contradicts(() -> story.starts("undo b/1"), "b was undone before d");
        story.does("undo d/1", "undo b/1");
        contradicts(() -> story.starts("undo a/1"), "a was undone before c");
        story.does("undo c/1").starts("undo a/1");
    }

    @Test
    void a_compensation_before_that_of_a_dependent_is_done() {
        Story story = new Story(SEQUENTIAL).does("a/1").starts("b/1").starts("undo b/1");
        contradicts(() -> story.starts("undo a/1"), "a was undone before b");
        story.does("undo b/2").starts("undo a/1");
    }

    @Test
    void a_dependent_that_never_started_is_not_waited_for() {
        new Story(SEQUENTIAL).does("a/1").starts("undo a/1");
    }

    // -- pivot

    @Test
    void a_compensation_past_the_pivot() {
        Story story = new Story(WITH_PIVOT).does("a/1", "b/1").starts("c/1").recordedSucceeded("a", "b");
        contradicts(() -> story.starts("undo c/1"), "c was undone past the pivot");
        story.wanted(IntentState.Cancelled);
        contradicts(() -> story.starts("undo c/1"), "c was undone past the pivot");
        story.wanted(IntentState.RolledBack).starts("undo c/1");
    }

    @Test
    void a_pivot_whose_success_is_not_recorded_may_be_undone() {
        new Story(WITH_PIVOT).does("a/1", "b/1").recordedSucceeded("a").starts("undo b/1");
    }

    // -- the end

    @Test
    void a_run_that_succeeded_without_one_of_its_steps() {
        Story story = new Story(SEQUENTIAL).does("a/1", "b/1").starts("c/1");
        contradicts(() -> story.ends(RunPhase.Succeeded), "the run ended Succeeded, but c was not done");
        story.does("c/2").ends(RunPhase.Succeeded);
    }

    @Test
    void a_run_that_succeeded_and_was_undone() {
        Story story = new Story(SEQUENTIAL).does("a/1", "b/1", "c/1").starts("undo c/1");
        contradicts(() -> story.ends(RunPhase.Succeeded), "the run ended Succeeded, but c was undone");
    }

    @ParameterizedTest
    @EnumSource(names = {"Failed", "Cancelled", "RolledBack"})
    void a_run_that_ended_with_something_not_undone(RunPhase phase) {
        String message = "the run ended " + phase + ", but a was not undone";
        Story story = new Story(SEQUENTIAL);
        story.ends(phase);
        story.starts("a/1");
        contradicts(() -> story.ends(phase), message);
        story.starts("undo a/1");
        contradicts(() -> story.ends(phase), message);
        story.does("undo a/2").ends(phase);
    }

    @Test
    void a_terminated_run_leaves_what_it_did() {
        new Story(SEQUENTIAL).does("a/1").starts("b/1").ends(RunPhase.Terminated);
    }

    @Test
    void a_copy_goes_its_own_way() {
        var ledger = new EffectLedger(Definition.of(SEQUENTIAL.spec(), List.of()));
        ledger.copy().done(Story.pod("a/1"));
        assertThat(ledger.state()).isEmpty();
    }

    private static void contradicts(ThrowingCallable last, String message) {
        assertThatThrownBy(last)
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("effects: ")
                .hasMessageContaining(message);
    }

    /** What containers do one after the other, told like "a/1" or "undo a/1", and what is recorded meanwhile. */
    private static final class Story {
        private final EffectLedger ledger;
        private @Nullable RunPhase phase = RunPhase.Running;
        private @Nullable IntentState intent;
        private List<StepStatus> steps;

        Story(Saga saga) {
            ledger = new EffectLedger(Definition.of(saga.spec(), List.of()));
            steps = saga.spec().steps().stream()
                    .map(step -> StepStatus.pending(step.name()))
                    .toList();
        }

        Story recorded(@Nullable RunPhase other) {
            phase = other;
            return this;
        }

        Story recordedSucceeded(String... names) {
            steps = steps.stream()
                    .map(step ->
                            Arrays.asList(names).contains(step.name()) ? step.withPhase(StepPhase.Succeeded) : step)
                    .toList();
            return this;
        }

        Story wanted(IntentState state) {
            intent = state;
            return this;
        }

        /** The container of an attempt starts while those of others run, or may still start. */
        Story starts(String attempt, String... others) {
            ledger.started(
                    pod(attempt), status(), Stream.of(others).map(Story::pod).toList());
            return this;
        }

        /** The containers of attempts start, and end with 0, one after the other. */
        Story does(String... attempts) {
            for (String attempt : attempts) {
                starts(attempt);
                ledger.done(pod(attempt));
            }
            return this;
        }

        void ends(RunPhase end) {
            ledger.ended(end);
        }

        static SimulatedPod pod(String attempt) {
            Kind kind = attempt.startsWith("undo ") ? Kind.Compensation : Kind.Step;
            String[] parts = attempt.replace("undo ", "").split("/", -1);
            var id = new AttemptId("run-uid", parts[0], kind, Integer.parseInt(parts[1]));
            Pod manifest = new PodBuilder()
                    .withNewMetadata()
                    .withName(id.podName("run"))
                    .addToAnnotations("clew.dev/attempt", id.annotation())
                    .endMetadata()
                    .withNewSpec()
                    .endSpec()
                    .build();
            return new SimulatedPod(
                    manifest, attempt, SimulatedPod.Fate.SUCCEEDS, SimulatedPod.Circumstances.ORDINARY, Instant.EPOCH);
        }

        private WorkflowRunStatus status() {
            return new WorkflowRunStatus(
                    null,
                    phase,
                    null,
                    null,
                    null,
                    null,
                    intent == null ? null : new Intent(intent, "asked", Instant.EPOCH),
                    null,
                    null,
                    null,
                    null,
                    null,
                    steps,
                    null,
                    List.of(),
                    List.of());
        }
    }
}
