package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.IntentState;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepPhase;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What a person asks of a run with {@code spec.desiredState}. */
@WithClew
class DesiredStateTest {
    /** The second step waits until it is let go, or stopped. */
    private static final String TRIP = """
            apiVersion: clew.dev/v1alpha1
            kind: Workflow
            metadata: {name: trip}
            spec:
              pod: {terminationGracePeriodSeconds: 1}
              steps:
              - name: hotel
                container: {image: busybox, command: [sh, -c, 'exit 0']}
                compensation: {container: {image: busybox, command: [sh, -c, 'echo undo']}}
              - name: flight
                container: {image: busybox, command: [sh, -c, 'sleep 120']}
                compensation: {container: {image: busybox, command: [sh, -c, 'echo undo']}}
              - name: pay
                container: {image: busybox, command: [sh, -c, 'exit 0']}
                compensation: {container: {image: busybox, command: [sh, -c, 'echo undo']}}
            """;

    /** All steps succeed at once; the second is the point of no return. */
    private static final String PIVOT = """
            apiVersion: clew.dev/v1alpha1
            kind: Workflow
            metadata: {name: order}
            spec:
              pod: {terminationGracePeriodSeconds: 1}
              steps:
              - name: reserve
                container: {image: busybox, command: [sh, -c, 'exit 0']}
                compensation: {container: {image: busybox, command: [sh, -c, 'echo undo']}}
              - name: charge
                pivot: true
                container: {image: busybox, command: [sh, -c, 'exit 0']}
                compensation: {container: {image: busybox, command: [sh, -c, 'echo undo']}}
              - name: ship
                container: {image: busybox, command: [sh, -c, 'sleep 120']}
            """;

    private static String run(String name, String workflow, String desired) {
        return """
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: %s}
                spec: {workflowRef: {name: %s}, desiredState: %s}
                """.formatted(name, workflow, desired);
    }

    private static void awaitRunning(Scenario scenario, String run, String step) {
        scenario.await(
                run,
                found -> Scenario.phase(found) != null
                        && found.getStatus().steps().stream()
                                .anyMatch(it -> it.name().equals(step) && it.phase() == StepPhase.Running));
        Awaitility.await()
                .until(() -> scenario.pods(run).stream()
                        .anyMatch(
                                pod -> step.equals(pod.getMetadata().getLabels().get("clew.dev/step"))
                                        && "Running".equals(pod.getStatus().getPhase())));
    }

    @Test
    void aRunThatIsCancelledBeforeItBeginsEndsWithoutAPod(Scenario scenario) {
        scenario.apply(TRIP);
        scenario.apply(run("trip-1", "trip", "Cancelled"));
        scenario.awaitEnd("trip-1", RunPhase.Cancelled);
        assertThat(scenario.pods("trip-1")).isEmpty();
        assertThat(scenario.kubectl("get", "wfr", "trip-1")).isEqualTo("""
                NAME     WORKFLOW   STATUS      STEPS   UNDONE   STEP
                trip-1   trip       Cancelled
                """);
    }

    @Test
    void cancelledWhilePodsRunItStopsThemAndUndoesWhatWasStarted(Scenario scenario) {
        scenario.apply(TRIP);
        scenario.apply(Flows.run("trip-1", "trip"));
        awaitRunning(scenario, "trip-1", "flight");
        scenario.patch("trip-1", "desiredState", "Cancelled");

        WorkflowRun ended = scenario.awaitEnd("trip-1", RunPhase.Cancelled);

        assertThat(scenario.kubectl("get", "wfr", "trip-1")).isEqualTo("""
                NAME     WORKFLOW   STATUS      STEPS   UNDONE   STEP
                trip-1   trip       Cancelled   1/3     2/2
                """);
        assertThat(Scenario.claims(ended)).containsExactly("hotel", "flight", "undo flight", "undo hotel");
        assertThat(ended.getStatus().message()).isEqualTo("cancelled; undone: flight, hotel");
        assertThat(Objects.requireNonNull(ended.getStatus().intent()).state()).isEqualTo(IntentState.Cancelled);
    }

    @Test
    void cancelledAfterTheEndItStaysAsItIs(Scenario scenario) {
        scenario.apply(Flows.saga("short", "a", "b", "c", "exit 0", "exit 0", "exit 0"));
        scenario.apply(Flows.run("short-1", "short"));
        scenario.awaitEnd("short-1", RunPhase.Succeeded);
        scenario.patch("short-1", "desiredState", "Cancelled");

        WorkflowRun seen = scenario.await(
                "short-1",
                found -> Objects.equals(
                        found.getStatus().observedGeneration(),
                        found.getMetadata().getGeneration()));

        assertThat(Scenario.phase(seen)).isEqualTo(RunPhase.Succeeded);
        assertThat(seen.getStatus().intent()).isNull();
    }

    @Test
    void cancelledWhileCompensatingItEndsCancelled(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: back}
                spec:
                  workflow:
                    steps:
                    - name: a
                      container: {image: busybox, command: [sh, -c, 'exit 1']}
                      compensation: {container: {image: busybox, command: [sh, -c, 'sleep 2']}}
                """);
        scenario.await(
                "back",
                found -> found.getStatus() != null
                        && "0/1".equals(found.getStatus().undone()));
        scenario.patch("back", "desiredState", "Cancelled");
        WorkflowRun ended = scenario.awaitEnd("back", RunPhase.Cancelled);
        assertThat(Scenario.claims(ended)).containsExactly("a", "undo a");
    }

    @Test
    void aRunThatSucceededLongAgoIsRolledBack(Scenario scenario) {
        scenario.apply(Flows.saga("short", "a", "b", "c", "exit 0", "exit 0", "exit 0"));
        scenario.apply(Flows.run("short-1", "short"));
        scenario.awaitEnd("short-1", RunPhase.Succeeded);
        // its pods and its Workflow are gone by then
        scenario.client().pods().inNamespace(scenario.namespace()).delete();
        scenario.client()
                .resources(dev.clew.api.Workflow.class)
                .inNamespace(scenario.namespace())
                .withName("short")
                .delete();
        scenario.patch("short-1", "desiredState", "RolledBack");

        WorkflowRun ended = scenario.awaitEnd("short-1", RunPhase.RolledBack);

        assertThat(Scenario.claims(ended)).containsExactly("a", "b", "c", "undo c", "undo b", "undo a");
        assertThat(scenario.kubectl("get", "wfr", "short-1")).isEqualTo("""
                NAME      WORKFLOW   STATUS       STEPS   UNDONE   STEP
                short-1   short      RolledBack   3/3     3/3
                """);
    }

    @Test
    void aRunIsRolledBackOnlyOnce(Scenario scenario) {
        scenario.apply(Flows.saga("short", "a", "b", "c", "exit 0", "exit 0", "exit 0"));
        scenario.apply(run("short-1", "short", "Running"));
        scenario.awaitEnd("short-1", RunPhase.Succeeded);
        scenario.patch("short-1", "desiredState", "RolledBack");
        scenario.awaitEnd("short-1", RunPhase.RolledBack);
        scenario.patch("short-1", "desiredState", "Running");
        scenario.patch("short-1", "desiredState", "RolledBack");
        WorkflowRun seen = scenario.await(
                "short-1",
                found -> Objects.equals(
                        found.getStatus().observedGeneration(),
                        found.getMetadata().getGeneration()));
        assertThat(Scenario.phase(seen)).isEqualTo(RunPhase.RolledBack);
        assertThat(scenario.pods("short-1")).hasSize(6);
    }

    @Test
    void cancelledPastItsPivotItStopsAndWaitsForAPersonWhoRollsItBack(Scenario scenario) {
        scenario.apply(PIVOT);
        scenario.apply(Flows.run("order-1", "order"));
        awaitRunning(scenario, "order-1", "ship");
        scenario.patch("order-1", "desiredState", "Cancelled");

        WorkflowRun stalled = scenario.await(
                "order-1",
                found -> Scenario.phase(found) == RunPhase.Stalled
                        && Scenario.step(found, "ship").attempts().getFirst().over());
        assertThat(Scenario.claims(stalled)).containsExactly("reserve", "charge", "ship");
        assertThat(stalled.getStatus().message()).startsWith("cancelled, past its pivot");

        scenario.typeWhatIsSaid("order-1", "to undo it all:");
        WorkflowRun ended = scenario.awaitEnd("order-1", RunPhase.RolledBack);
        assertThat(Scenario.claims(ended)).containsExactly("reserve", "charge", "ship", "undo charge", "undo reserve");
    }

    @Test
    void terminatedItStopsWhatRunsAndUndoesNothing(Scenario scenario) {
        scenario.apply(TRIP);
        scenario.apply(Flows.run("trip-1", "trip"));
        awaitRunning(scenario, "trip-1", "flight");
        scenario.patch("trip-1", "desiredState", "Terminated");

        WorkflowRun ended = scenario.awaitEnd("trip-1", RunPhase.Terminated);

        assertThat(Scenario.claims(ended)).containsExactly("hotel", "flight");
        assertThat(Scenario.step(ended, "flight").attempts().getFirst().state()).isEqualTo(AttemptState.Failed);
        assertThat(scenario.pods("trip-1")).allSatisfy(pod -> {
            assertThat(pod.getMetadata().getFinalizers()).isEmpty();
            assertThat(pod.getStatus().getPhase()).isNotEqualTo("Running");
        });
    }

    @Test
    void anIntentNeverFalls(Scenario scenario) {
        scenario.apply(TRIP);
        scenario.apply(Flows.run("trip-1", "trip"));
        awaitRunning(scenario, "trip-1", "flight");
        scenario.patch("trip-1", "desiredState", "RolledBack");
        scenario.await("trip-1", found -> found.getStatus().intent() != null);
        scenario.patch("trip-1", "desiredState", "Cancelled");
        scenario.patch("trip-1", "desiredState", "Running");
        scenario.awaitEnd("trip-1", RunPhase.RolledBack);
    }

    @Test
    void pausedItHoldsBetweenStepsAndGoesOnWhenItIsResumed(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: careful}
                spec:
                  workflow:
                    steps:
                    - {name: a, container: {image: busybox, command: [sh, -c, 'sleep 2']}}
                    - {name: b, container: {image: busybox, command: [sh, -c, 'exit 0']}}
                """);
        awaitRunning(scenario, "careful", "a");
        scenario.patch("careful", "desiredState", "Paused");
        WorkflowRun held =
                scenario.await("careful", found -> Scenario.step(found, "a").phase() == StepPhase.Succeeded);
        assertThat(Scenario.phase(held)).isEqualTo(RunPhase.Paused);
        assertThat(Scenario.claims(held)).containsExactly("a");
        scenario.typeWhatIsSaid("careful", "to go on:");
        WorkflowRun ended = scenario.awaitEnd("careful", RunPhase.Succeeded);
        assertThat(Scenario.claims(ended)).containsExactly("a", "b");
    }

    @Test
    void pausedItHoldsBetweenCompensationsToo(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: careful}
                spec:
                  workflow:
                    steps:
                    - name: a
                      container: {image: busybox, command: [sh, -c, 'exit 0']}
                      compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
                    - name: b
                      container: {image: busybox, command: [sh, -c, 'exit 1']}
                      compensation: {container: {image: busybox, command: [sh, -c, 'sleep 2']}}
                """);
        scenario.await("careful", found -> Scenario.claims(found).contains("undo b"));
        scenario.patch("careful", "desiredState", "Paused");
        WorkflowRun held = scenario.await(
                "careful", found -> "1/2".equals(found.getStatus().undone()));
        assertThat(Scenario.phase(held)).isEqualTo(RunPhase.Paused);
        assertThat(Scenario.claims(held)).isEqualTo(List.of("a", "b", "undo b"));
        scenario.patch("careful", "desiredState", "Running");
        scenario.awaitEnd("careful", RunPhase.Failed);
    }

    @Test
    void pausedAndDeletedItGoesOnToUndoWhatItDid(Scenario scenario) throws Exception {
        scenario.apply(TRIP);
        scenario.apply(Flows.run("trip-1", "trip"));
        awaitRunning(scenario, "trip-1", "flight");
        scenario.patch("trip-1", "desiredState", "Paused");
        scenario.await("trip-1", found -> Scenario.phase(found) == RunPhase.Paused);
        try (History history = History.of("trip-1", scenario)) {
            scenario.resource("trip-1").delete();
            WorkflowRun last = history.awaitDeleted();
            assertThat(Scenario.phase(last)).isEqualTo(RunPhase.Cancelled);
            assertThat(Scenario.claims(last)).containsExactly("hotel", "flight", "undo flight", "undo hotel");
        }
    }

    @Test
    void aRunThatSucceededPastItsPivotIsRolledBackAllTheSame(Scenario scenario) {
        scenario.apply(PIVOT.replace("sleep 120", "exit 0"));
        scenario.apply(Flows.run("order-1", "order"));
        scenario.awaitEnd("order-1", RunPhase.Succeeded);
        scenario.patch("order-1", "desiredState", "RolledBack");
        WorkflowRun ended = scenario.awaitEnd("order-1", RunPhase.RolledBack);
        assertThat(Scenario.claims(ended)).containsExactly("reserve", "charge", "ship", "undo charge", "undo reserve");
    }

    @Test
    void rolledBackWhileItIsBeingUndoneItEndsRolledBackAndUndoesNothingTwice(Scenario scenario) {
        scenario.apply(slowUndo("back"));
        scenario.await(
                "back",
                found -> found.getStatus() != null
                        && "0/1".equals(found.getStatus().undone()));
        scenario.patch("back", "desiredState", "RolledBack");
        WorkflowRun ended = scenario.awaitEnd("back", RunPhase.RolledBack);
        assertThat(Scenario.claims(ended)).containsExactly("a", "undo a");
    }

    @Test
    void terminatedWhileItIsBeingUndoneItStopsTheCompensation(Scenario scenario) {
        scenario.apply(slowUndo("back"));
        awaitPod(scenario, "back", "compensation");
        scenario.patch("back", "desiredState", "Terminated");
        WorkflowRun ended = scenario.awaitEnd("back", RunPhase.Terminated);
        assertThat(Scenario.claims(ended)).containsExactly("a", "undo a");
        assertNothingRuns(scenario, "back");
    }

    @Test
    void terminatedBetweenTwoAttemptsItMakesNoOtherOne(Scenario scenario) {
        scenario.apply(Flows.inline("waits", """
                steps:
                - name: a
                  retry: {limit: 3, backoffSeconds: 600, maxBackoffSeconds: 600}
                  container: {image: busybox, command: ['false']}
                """));
        scenario.await(
                "waits",
                found -> found.getStatus() != null
                        && !found.getStatus().steps().isEmpty()
                        && found.getStatus().steps().getFirst().failuresOrZero() == 1);
        scenario.patch("waits", "desiredState", "Terminated");
        WorkflowRun ended = scenario.awaitEnd("waits", RunPhase.Terminated);
        assertThat(Scenario.claims(ended)).containsExactly("a");
        assertNothingRuns(scenario, "waits");
    }

    @Test
    void terminatedWhilePausedItEnds(Scenario scenario) {
        scenario.apply(TRIP);
        scenario.apply(Flows.run("trip-1", "trip"));
        awaitRunning(scenario, "trip-1", "flight");
        scenario.patch("trip-1", "desiredState", "Paused");
        scenario.await("trip-1", found -> Scenario.phase(found) == RunPhase.Paused);
        scenario.patch("trip-1", "desiredState", "Terminated");
        scenario.awaitEnd("trip-1", RunPhase.Terminated);
        assertNothingRuns(scenario, "trip-1");
    }

    @Test
    void terminatedBeforeItsFirstPodCanBeMadeItMakesNone(Scenario scenario) {
        scenario.client()
                .resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("none")
                        .endMetadata()
                        .withNewSpec()
                        .addToHard("pods", new Quantity("0"))
                        .endSpec()
                        .build())
                .inNamespace(scenario.namespace())
                .create();
        scenario.apply(TRIP);
        scenario.apply(Flows.run("trip-1", "trip"));
        scenario.await(
                "trip-1",
                found -> found.getStatus() != null
                        && Objects.requireNonNullElse(found.getStatus().message(), "")
                                .contains("exceeded quota"));
        scenario.patch("trip-1", "desiredState", "Terminated");
        WorkflowRun ended = scenario.awaitEnd("trip-1", RunPhase.Terminated);
        Attempt attempt = Scenario.step(ended, "hotel").attempts().getFirst();
        assertThat(attempt.state()).isEqualTo(AttemptState.NotStarted);
        assertThat(attempt.reason()).isEqualTo("Fenced");
        assertThat(scenario.pods("trip-1")).isEmpty();
    }

    private static String slowUndo(String run) {
        return Flows.inline(run, """
                pod: {terminationGracePeriodSeconds: 1}
                steps:
                - name: a
                  container: {image: busybox, command: [sh, -c, 'exit 1']}
                  compensation: {container: {image: busybox, command: [sh, -c, 'sleep 5']}}
                """);
    }

    private static void awaitPod(Scenario scenario, String run, String component) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(150))
                .until(() -> scenario.pods(run).stream()
                        .anyMatch(pod ->
                                component.equals(pod.getMetadata().getLabels().get("app.kubernetes.io/component"))
                                        && "Running".equals(pod.getStatus().getPhase())));
    }

    private static void assertNothingRuns(Scenario scenario, String run) {
        assertThat(scenario.pods(run)).allSatisfy(pod -> {
            assertThat(pod.getMetadata().getFinalizers()).isEmpty();
            assertThat(pod.getStatus().getPhase()).isNotEqualTo("Running");
        });
    }
}
