package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepPhase;
import org.junit.jupiter.api.Test;

@WithClew
class SequentialRunTest {
    @Test
    void aRunSucceeds(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: Workflow
                metadata: {name: order}
                spec:
                  params: [{name: orderId}]
                  steps:
                  - name: reserve
                    outputs: [reservationId]
                    container:
                      image: busybox:1.36
                      command: [sh, -c, 'echo "reservationId=r-$ORDER" >> "$CLEW_OUTPUT"']
                      env: [{name: ORDER, value: $(params.orderId)}]
                  - name: charge
                    container:
                      image: busybox:1.36
                      command: [sh, -c, 'echo charging $RESERVATION']
                      env: [{name: RESERVATION, value: $(steps.reserve.outputs.reservationId)}]
                ---
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: order-42}
                spec:
                  workflowRef: {name: order}
                  params: [{name: orderId, value: "42"}]
                """);
        WorkflowRun run = scenario.awaitEnd("order-42", RunPhase.Succeeded);
        assertThat(run.getStatus().progress()).isEqualTo("2/2");
        assertThat(run.getStatus().steps()).allMatch(step -> step.phase() == StepPhase.Succeeded);
        assertThat(scenario.log(
                        Scenario.step(run, "charge").attempts().getFirst().pod().name()))
                .isEqualTo("charging r-42\n");
    }
}
