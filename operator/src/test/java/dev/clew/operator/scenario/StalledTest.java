package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.InterventionStatus;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepPhase;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Runs that wait for a person, and what the person does. */
@WithClew
class StalledTest {
    /** Fails at its first attempt, and stalls. */
    private static final String STALLS = """
            onFailure: Stall
            steps:
            - name: reserve
              container: {image: busybox, command: [sh, -c, 'exit 0']}
              compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
            - name: charge
              outputs: [receipt]
              container: {image: busybox, command: [sh, -c, 'test "$CLEW_ATTEMPT" != 1 && echo receipt=r1 >> "$CLEW_OUTPUT"']}
              compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
            - name: ship
              container: {image: busybox, command: [sh, -c, 'echo "shipped with $0"', $(steps.charge.outputs.receipt)]}
            """;

    /** Its compensation fails at its first two attempts, and has one retry. */
    private static final String STUCK = """
            compensation: {onFailure: %s}
            steps:
            - name: reserve
              container: {image: busybox, command: [sh, -c, 'exit 0']}
              compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
            - name: charge
              container: {image: busybox, command: [sh, -c, 'exit 1']}
              compensation:
                retry: {limit: 1, backoffSeconds: 0}
                container: {image: busybox, command: [sh, -c, 'test "$CLEW_ATTEMPT" -gt 2']}
            """;

    private static WorkflowRun awaitStalled(Scenario scenario, String run) {
        return scenario.await(run, found -> Scenario.phase(found) == RunPhase.Stalled);
    }

    private static InterventionStatus only(WorkflowRun run) {
        assertThat(run.getStatus().interventions()).hasSize(1);
        return run.getStatus().interventions().getFirst();
    }

    @Test
    void aRunThatShallStallWaitsForAPersonAndSaysHowToTryAgain(Scenario scenario) {
        scenario.apply(Flows.inline("order-1", STALLS));
        WorkflowRun stalled = awaitStalled(scenario, "order-1");
        assertThat(scenario.kubectl("get", "wfr", "order-1")).isEqualTo("""
                NAME      WORKFLOW   STATUS    STEPS   UNDONE   STEP
                order-1              Stalled   1/3              charge
                """);
        assertThat(stalled.getStatus().compensation()).isNull();

        scenario.typeWhatIsSaid("order-1", "to try again:");
        WorkflowRun ended = scenario.awaitEnd("order-1", RunPhase.Succeeded);
        assertThat(Scenario.claims(ended)).containsExactly("reserve", "charge", "charge", "ship");
        assertThat(only(ended).message()).isEqualTo("the step charge is tried again");
        assertThat(only(ended).result()).isEqualTo(InterventionStatus.Result.Done);
    }

    @Test
    void aStalledRunIsUndoneWhenItIsCancelled(Scenario scenario) {
        scenario.apply(Flows.inline("order-1", STALLS));
        awaitStalled(scenario, "order-1");
        scenario.typeWhatIsSaid("order-1", "to undo it:");
        WorkflowRun ended = scenario.awaitEnd("order-1", RunPhase.Cancelled);
        assertThat(Scenario.claims(ended)).containsExactly("reserve", "charge", "undo charge", "undo reserve");
    }

    @Test
    void aFailedStepThatIsSkippedWithOutputsStillOwesItsCompensation(Scenario scenario) {
        scenario.apply(Flows.inline("order-1", STALLS));
        awaitStalled(scenario, "order-1");
        scenario.intervene(
                "order-1",
                "{name: by-hand, action: SkipStep, step: charge, outputs: [{name: receipt, value: by hand}]}");
        WorkflowRun succeeded = scenario.awaitEnd("order-1", RunPhase.Succeeded);
        assertThat(succeeded.getStatus().message()).isEqualTo("all steps succeeded but charge, skipped by a person");
        assertThat(Scenario.step(succeeded, "charge").phase()).isEqualTo(StepPhase.Skipped);
        assertThat(scenario.log(
                        Flows.pod(Scenario.step(succeeded, "ship").attempts().getFirst())))
                .isEqualTo("shipped with by hand\n");

        scenario.patch("order-1", "desiredState", "RolledBack");
        WorkflowRun ended = scenario.awaitEnd("order-1", RunPhase.RolledBack);
        assertThat(Objects.requireNonNull(ended.getStatus().compensation()).plan())
                .containsExactly("charge", "reserve");
    }

    @Test
    void aStepThatHasNotBegunIsSkippedWhenItsTurnComes(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: order-1}
                spec:
                  interventions: [{name: no-mail, action: SkipStep, step: mail}]
                  workflow:
                    steps:
                    - {name: charge, container: {image: busybox, command: [sh, -c, 'sleep 1']}}
                    - {name: mail, container: {image: busybox, command: [sh, -c, 'exit 1']}}
                    - {name: ship, container: {image: busybox, command: [sh, -c, 'exit 0']}}
                """);
        WorkflowRun ended = scenario.awaitEnd("order-1", RunPhase.Succeeded);
        assertThat(Scenario.claims(ended)).containsExactly("charge", "ship");
        assertThat(Scenario.step(ended, "ship").attempts().getFirst().startTime())
                .isAfterOrEqualTo(
                        Scenario.step(ended, "charge").attempts().getFirst().finishTime());
    }

    @Test
    void anInterventionThatDoesNotApplyIsRefusedWithTheReasonAndAnEvent(Scenario scenario) {
        scenario.apply(Flows.inline("order-1", STALLS));
        awaitStalled(scenario, "order-1");
        scenario.intervene("order-1", "{name: one, action: RetryStep, step: chargee}");
        scenario.intervene("order-1", "{name: two, action: RetryCompensation, step: charge}");
        scenario.intervene("order-1", "{name: three, action: RetryStep, step: reserve}");
        scenario.intervene("order-1", "{name: four, action: AssumeStopped, podUID: nobody}");
        scenario.intervene(
                "order-1", "{name: five, action: SkipStep, step: charge, outputs: [{name: reciept, value: x}]}");
        WorkflowRun run = scenario.await(
                "order-1", found -> found.getStatus().interventions().size() == 5);
        assertThat(run.getStatus().interventions())
                .allMatch(made -> made.result() == InterventionStatus.Result.Refused)
                .extracting(InterventionStatus::message)
                .containsExactly(
                        "there is no step chargee (did you mean charge?)",
                        "the run has not turned back",
                        "the step reserve is done",
                        "no attempt that is not over has a pod with the UID nobody",
                        "the step charge does not declare the output reciept (did you mean receipt?)");
        assertThat(Scenario.phase(run)).isEqualTo(RunPhase.Stalled);
        Awaitility.await()
                .untilAsserted(() -> assertThat(scenario.kubectl("get", "events"))
                        .contains("InterventionRefused")
                        .contains("the intervention one was refused: there is no step chargee"));
    }

    @Test
    void pastThePivotAFailureWaitsForAPerson(Scenario scenario) {
        scenario.apply(Flows.inline("order-1", """
                steps:
                - name: charge
                  pivot: true
                  container: {image: busybox, command: [sh, -c, 'exit 0']}
                  compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
                - name: ship
                  container: {image: busybox, command: [sh, -c, 'test "$CLEW_ATTEMPT" != 1']}
                """));
        WorkflowRun stalled = awaitStalled(scenario, "order-1");
        assertThat(stalled.getStatus().message())
                .startsWith("ship failed: exit code 1; waits for a person; to try again: kubectl patch ")
                .contains("; to undo it all: kubectl patch ");
        scenario.typeWhatIsSaid("order-1", "to try again:");
        scenario.awaitEnd("order-1", RunPhase.Succeeded);
    }

    @Test
    void aCompensationThatUsedUpItsRetriesHoldsTheOthersUntilItIsTriedAgain(Scenario scenario) {
        scenario.apply(Flows.inline("order-1", STUCK.formatted("Stop")));
        WorkflowRun stalled = awaitStalled(scenario, "order-1");
        assertThat(Scenario.claims(stalled)).containsExactly("reserve", "charge", "undo charge", "undo charge");

        scenario.typeWhatIsSaid("order-1", "to try again:");
        WorkflowRun ended = scenario.awaitEnd("order-1", RunPhase.Failed);
        assertThat(Scenario.claims(ended))
                .containsExactly("reserve", "charge", "undo charge", "undo charge", "undo charge", "undo reserve");
        assertThat(ended.getStatus().message()).isEqualTo("charge failed: exit code 1; undone: charge, reserve");
    }

    @Test
    void withContinueTheOtherCompensationsAreRunAllTheSame(Scenario scenario) {
        scenario.apply(Flows.inline("order-1", STUCK.formatted("Continue")));
        WorkflowRun stalled = awaitStalled(scenario, "order-1");
        assertThat(Scenario.claims(stalled))
                .containsExactly("reserve", "charge", "undo charge", "undo charge", "undo reserve");
        assertThat(stalled.getStatus().undone()).isEqualTo("1/2");
    }

    @Test
    void aCompensationThatAPersonDidByHandIsSkippedAndSaysSo(Scenario scenario) {
        scenario.apply(Flows.inline("order-1", STUCK.formatted("Stop")));
        awaitStalled(scenario, "order-1");
        scenario.intervene("order-1", "{name: by-hand, action: SkipCompensation, step: charge}");
        WorkflowRun ended = scenario.awaitEnd("order-1", RunPhase.Failed);
        assertThat(ended.getStatus().message())
                .isEqualTo("charge failed: exit code 1; undone: charge, reserve; skipped by a person: charge");
        assertThat(only(ended).message()).isEqualTo("the compensation of charge is skipped");
        assertThat(ended.getStatus().undone()).isEqualTo("2/2");
    }

    @Test
    void rolledBackWhileStalledItWaitsForThePersonAndEndsRolledBack(Scenario scenario) {
        scenario.apply(Flows.inline("order-1", STUCK.formatted("Stop")));
        awaitStalled(scenario, "order-1");
        scenario.patch("order-1", "desiredState", "RolledBack");
        WorkflowRun still = scenario.await("order-1", found -> found.getStatus().intent() != null);
        assertThat(Scenario.phase(still)).isEqualTo(RunPhase.Stalled);
        scenario.intervene("order-1", "{name: again, action: RetryCompensation, step: charge}");
        scenario.awaitEnd("order-1", RunPhase.RolledBack);
    }

    @Test
    void aStalledRunIsTerminatedWithoutUndoingAnything(Scenario scenario) {
        scenario.apply(Flows.inline("order-1", STUCK.formatted("Stop")));
        awaitStalled(scenario, "order-1");
        scenario.patch("order-1", "desiredState", "Terminated");
        WorkflowRun ended = scenario.awaitEnd("order-1", RunPhase.Terminated);
        assertThat(ended.getStatus().message()).isEqualTo("terminated: nothing was undone");
    }

    @Test
    void aStalledRunThatIsDeletedWithAbandonGoes(Scenario scenario) {
        scenario.apply(Flows.inline("order-1", STUCK.formatted("Stop")));
        awaitStalled(scenario, "order-1");
        scenario.patch("order-1", "deletionPolicy", "Abandon");
        scenario.resource("order-1").delete();
        Awaitility.await().until(() -> scenario.resource("order-1").get() == null);
    }

    @Test
    void aRunOutOfTimeThatStallsHasItsTimeAnewWhenItIsTriedAgain(Scenario scenario) {
        scenario.apply(Flows.inline("slow", """
                onFailure: Stall
                timeoutSeconds: 2
                pod: {terminationGracePeriodSeconds: 1}
                steps:
                - name: a
                  container: {image: busybox, command: [sh, -c, 'test "$CLEW_ATTEMPT" != 1 || sleep 60']}
                """));
        WorkflowRun stalled = scenario.await(
                "slow",
                found -> Scenario.phase(found) == RunPhase.Stalled
                        && Scenario.step(found, "a").attempts().getFirst().over());
        assertThat(stalled.getStatus().message()).startsWith("the run took longer than 2 s; waits for a person");
        assertThat(stalled.getStatus().remainingSeconds()).isEqualTo(0);
        scenario.typeWhatIsSaid("slow", "to try again:");
        WorkflowRun ended = scenario.awaitEnd("slow", RunPhase.Succeeded);
        assertThat(Scenario.step(ended, "a").attempts())
                .extracting(attempt -> attempt.state())
                .isEqualTo(List.of(AttemptState.Failed, AttemptState.Succeeded));
    }

    @Test
    void theClockOfAStalledRunStandsStill(Scenario scenario) {
        scenario.apply(
                Flows.inline("order-1", STALLS.replace("onFailure: Stall", "onFailure: Stall\ntimeoutSeconds: 600")));
        WorkflowRun stalled = awaitStalled(scenario, "order-1");
        assertThat(stalled.getStatus().deadline()).isNull();
        assertThat(stalled.getStatus().remainingSeconds()).isBetween(500L, 600L);
        scenario.typeWhatIsSaid("order-1", "to try again:");
        scenario.awaitEnd("order-1", RunPhase.Succeeded);
    }

    @Test
    void aStepThatHasHadFiftyAttemptsIsTriedNoMore(Scenario scenario) {
        scenario.apply(Flows.inline("order-1", """
                onFailure: Stall
                steps:
                - name: charge
                  retry: {backoffSeconds: 0}
                  failurePolicy: {rules: [{action: Ignore, onExitCodes: {operator: In, values: [1]}}]}
                  container: {image: busybox, command: ['false']}
                """));
        WorkflowRun stalled = scenario.awaitAtMost(
                Duration.ofMinutes(3), "order-1", found -> Scenario.phase(found) == RunPhase.Stalled);
        assertThat(Scenario.step(stalled, "charge").attempts())
                .extracting(Attempt::number)
                .containsExactly(1, 48, 49, 50);
        assertThat(Scenario.step(stalled, "charge").attemptsOmitted()).isEqualTo(46);
        assertThat(stalled.getStatus().conditions())
                .filteredOn(condition -> condition.type().equals("Stalled"))
                .allMatch(condition -> condition.reason().equals("TooManyAttempts"));
        scenario.typeWhatIsSaid("order-1", "to go on without charge:");
        scenario.awaitEnd("order-1", RunPhase.Succeeded);
    }
}
