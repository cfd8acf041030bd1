package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.Condition;
import dev.clew.api.ConditionStatus;
import dev.clew.api.Workflow;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.WorkflowRunStatus;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

@WithClew
class WorkflowTest {
    private static final String CYCLIC = """
            apiVersion: clew.dev/v1alpha1
            kind: Workflow
            metadata: {name: flow}
            spec:
              order: Graph
              steps:
              - {name: a, dependsOn: [c], container: {image: busybox, command: ['true']}}
              - {name: b, dependsOn: [a], container: {image: busybox, command: ['true']}}
              - {name: c, dependsOn: [b], container: {image: busybox, command: ['true']}}
            """;

    private static Condition condition(List<Condition> conditions, String type) {
        return conditions.stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aCyclicWorkflowIsNotReadyAndItsRunWaitsUntilItIsMended(Scenario scenario) {
        scenario.apply(Flows.run("early", "flow"));
        scenario.await(
                "early",
                found -> message(found)
                        .equals("waiting for the Workflow flow: there is none of that name in the namespace "
                                + scenario.namespace()));
        scenario.apply(CYCLIC);
        Condition ready = readiness(scenario, ConditionStatus.False);
        String cycle = "spec.steps: the steps wait for each other in a circle: a → b → c → a: remove one of these from"
                + " dependsOn";
        assertThat(ready.message()).isEqualTo(cycle);
        WorkflowRun waiting = scenario.await(
                "early", found -> message(found).equals("waiting for the Workflow flow to be mended: " + cycle));
        assertThat(Scenario.phase(waiting)).isEqualTo(RunPhase.Pending);
        assertThat(condition(waiting.getStatus().conditions(), "Reconciling").status())
                .isEqualTo(ConditionStatus.True);

        scenario.apply(CYCLIC.replace("[c]", "[]"));

        readiness(scenario, ConditionStatus.True);
        scenario.awaitEnd("early", RunPhase.Succeeded);
    }

    @Test
    void allErrorsOfAWorkflowAreInItsConditionAndInAnEvent(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: Workflow
                metadata: {name: flow}
                spec:
                  params: [{name: orderId}]
                  steps:
                  - name: reserve
                    outputs: [reservation]
                    container: {image: busybox, args: [$(params.ordrId)]}
                  - name: charge
                    container: {image: busybox, args: [$(steps.reserve.outputs.id), $(steps.ship.outputs.label)]}
                  - {name: ship, outputs: [label], container: {image: busybox}}
                """);
        String errors = "spec.steps[0].container.args[0]: $(params.ordrId): there is no parameter ordrId (did you mean"
                + " orderId?); spec.steps[1].container.args[0]: $(steps.reserve.outputs.id): the step reserve does not"
                + " declare the output id: add it to its outputs; spec.steps[1].container.args[1]:"
                + " $(steps.ship.outputs.label): the step ship comes after charge: move it up";
        assertThat(readiness(scenario, ConditionStatus.False).message()).isEqualTo(errors);
        assertThat(event(scenario, "Invalid").getNote()).isEqualTo(errors);
    }

    @Test
    void whatIsProbablyNotMeantIsAWarningAndNoHindrance(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: Workflow
                metadata: {name: flow}
                spec:
                  params: [{name: orderId}]
                  steps:
                  - {name: a, container: {image: busybox, command: [sh, -c, 'echo $(params.orderId)']}}
                """);
        String warning =
                "spec.steps[0].container.command[2]: the value of $(params.orderId) is spliced into a shell script"
                        + " and would be run as code: pass it with env: [{name: ORDER_ID, value: $(params.orderId)}] and write"
                        + " \"$ORDER_ID\" in the script";
        Condition ready = readiness(scenario, ConditionStatus.True);
        assertThat(ready.reason()).isEqualTo("ValidWithWarnings");
        assertThat(ready.message()).isEqualTo(warning);
        assertThat(event(scenario, "ValidWithWarnings").getNote()).isEqualTo(warning);
    }

    private static Event event(Scenario scenario, String reason) {
        return Awaitility.await()
                .until(
                        () ->
                                scenario
                                        .client()
                                        .events()
                                        .v1()
                                        .events()
                                        .inNamespace(scenario.namespace())
                                        .list()
                                        .getItems()
                                        .stream()
                                        .filter(event -> reason.equals(event.getReason()))
                                        .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private static Condition readiness(Scenario scenario, ConditionStatus expected) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> {
                            Workflow workflow = scenario.workflow("flow");
                            return workflow.getStatus().conditions().stream()
                                    .filter(condition -> condition.type().equals("Ready")
                                            && condition.status() == expected
                                            && Objects.equals(
                                                    condition.observedGeneration(),
                                                    workflow.getMetadata().getGeneration()))
                                    .findFirst()
                                    .orElse(null);
                        },
                        Objects::nonNull);
    }

    private static String message(WorkflowRun run) {
        WorkflowRunStatus status = run.getStatus();
        return status == null || status.message() == null ? "" : status.message();
    }

    @Test
    void editingAndDeletingAWorkflowLeavesARunningRunAlone(Scenario scenario) {
        scenario.apply(Flows.saga("trip", "a", "b", "c", "sleep 3", "exit 0", "exit 0"));
        scenario.apply(Flows.run("trip-1", "trip"));
        WorkflowRun begun = scenario.await("trip-1", found -> found.getStatus().workflow() != null);
        String revision = Objects.requireNonNull(begun.getStatus().workflow()).revision();

        scenario.apply(Flows.saga("trip", "a", "x", "y", "exit 1", "exit 1", "exit 1"));
        Awaitility.await()
                .until(() ->
                        !Objects.equals(scenario.workflow("trip").getStatus().revision(), revision));
        scenario.client()
                .resources(Workflow.class)
                .inNamespace(scenario.namespace())
                .withName("trip")
                .delete();

        WorkflowRun run = scenario.awaitEnd("trip-1", RunPhase.Succeeded);
        assertThat(run.getStatus().steps()).extracting(step -> step.name()).containsExactly("a", "b", "c");
        assertThat(Objects.requireNonNull(run.getStatus().workflow()).revision())
                .isEqualTo(revision);
    }

    @Test
    void missingAndSuperfluousArgumentsEndTheRunAndAreAllNamed(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: wrong}
                spec:
                  params: [{name: ordrId, value: '1'}]
                  workflow:
                    params: [{name: orderId}, {name: amount, default: '10'}]
                    steps:
                    - {name: a, container: {image: busybox, command: ['true']}}
                """);
        WorkflowRun run = scenario.awaitEnd("wrong", RunPhase.Failed);
        assertThat(message(run))
                .isEqualTo("spec.params[0].name: the workflow has no parameter ordrId (did you mean orderId?): it has"
                        + " orderId, amount; spec.params: the parameter orderId has no default: add {name: orderId,"
                        + " value: …}");
        assertThat(condition(run.getStatus().conditions(), "Succeeded").reason())
                .isEqualTo("InvalidSpec");
        assertThat(scenario.pods("wrong")).isEmpty();
    }

    @Test
    void aParameterReachesTheContainerExactlyAsWritten(Scenario scenario) {
        String value = "$(CLEW_RUN) $$(HOME) a$$b \"; rm -rf ' $\nsecond line";
        WorkflowRun run = scenario.client().getKubernetesSerialization().unmarshal("""
                        apiVersion: clew.dev/v1alpha1
                        kind: WorkflowRun
                        metadata: {name: exact}
                        spec:
                          params: [{name: value, value: ''}]
                          workflow:
                            params: [{name: value}]
                            steps:
                            - name: a
                              container:
                                image: busybox
                                command: [sh, -c, 'printf "%s|%s|%s" "$0" "$1" "$VALUE"', $(params.value)]
                                args: [$(params.value)]
                                env: [{name: VALUE, value: $(params.value)}]
                        """, WorkflowRun.class);
        var spec = run.getSpec();
        run.setSpec(new dev.clew.api.run.WorkflowRunSpec(
                null,
                spec.workflow(),
                List.of(new dev.clew.api.run.Argument("value", value)),
                null,
                List.of(),
                null,
                null,
                null));
        scenario.client().resource(run).inNamespace(scenario.namespace()).create();

        WorkflowRun ended = scenario.awaitEnd("exact", RunPhase.Succeeded);
        String pod = Flows.pod(Scenario.step(ended, "a").attempts().getFirst());
        assertThat(scenario.log(pod)).isEqualTo(value + "|" + value + "|" + value);
    }
}
