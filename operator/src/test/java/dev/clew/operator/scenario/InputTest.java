package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people write wrong, or at the limit of what may be written. */
@WithClew
class InputTest {
    private static final String LONGEST_STEP = "s".repeat(40);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr",
                "r-----------------------------.-----------------------------r",
                "2026.11.24-at-19.30"
            })
    void namesAsLongAndAsOddAsTheyMayBe(String name, Scenario scenario) {
        String run = name.replace("-.-", "-r.r-");
        String workflow = "w".repeat(63);
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: Workflow
                metadata: {name: %s}
                spec:
                  steps:
                  - name: %s
                    container: {image: busybox, command: [sh, -c, 'echo "$CLEW_RUN $CLEW_STEP"; exit 1']}
                    compensation: {container: {image: busybox, command: ['true']}}
                """.formatted(workflow, LONGEST_STEP));
        scenario.apply(Flows.run(run, workflow));
        WorkflowRun ended = scenario.awaitEnd(run, RunPhase.Failed);
        assertThat(Scenario.claims(ended)).isEqualTo(List.of(LONGEST_STEP, "undo " + LONGEST_STEP));
        assertThat(Objects.requireNonNull(ended.getStatus().workflow()).revision())
                .startsWith(workflow + "-");
        assertThat(scenario.pods(run))
                .extracting(pod -> pod.getMetadata().getName())
                .hasSize(2)
                .allMatch(pod -> pod.matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"))
                .allMatch(pod -> pod.contains(LONGEST_STEP));
        assertThat(scenario.log(
                        Flows.pod(Scenario.step(ended, LONGEST_STEP).attempts().getFirst())))
                .isEqualTo(run + " " + LONGEST_STEP + "\n");
    }

    @Test
    void runsWhoseLongNamesDifferOnlyAtTheirEndHavePodsOfTheirOwn(Scenario scenario) {
        String common = "r".repeat(62);
        String steps = "steps: [{name: %s, container: {image: busybox, command: ['true']}}]\n".formatted(LONGEST_STEP);
        scenario.apply(Flows.inline(common + "a", steps));
        scenario.apply(Flows.inline(common + "b", steps));
        String a = Flows.pod(Scenario.step(scenario.awaitEnd(common + "a", RunPhase.Succeeded), LONGEST_STEP)
                .attempts()
                .getFirst());
        String b = Flows.pod(Scenario.step(scenario.awaitEnd(common + "b", RunPhase.Succeeded), LONGEST_STEP)
                .attempts()
                .getFirst());
        assertThat(a).isNotEqualTo(b);
    }

    /** What is wrong, the spec of a Workflow, and what kubectl prints. */
    static Stream<Arguments> mistakes() {
        String container = "container: {image: busybox}";
        return Stream.of(
                Arguments.of(
                        "a misspelt field",
                        "steps: [{name: a, dependOn: [b], " + container + "}]",
                        "unknown field \"spec.steps[0].dependOn\""),
                Arguments.of(
                        "dependsOn without a graph",
                        "steps: [{name: a, " + container + "}, {name: b, dependsOn: [a], " + container + "}]",
                        "set order: Graph, or remove dependsOn"),
                Arguments.of(
                        "an unknown policy",
                        "{onFailure: compensate, steps: [{name: a, " + container + "}]}",
                        "Unsupported value: \"compensate\": supported values: \"Compensate\", \"Stall\""),
                Arguments.of(
                        "a duration with a unit",
                        "{timeoutSeconds: 1h, steps: [{name: a, " + container + "}]}",
                        "spec.timeoutSeconds in body must be of type integer"),
                Arguments.of(
                        "a step without a container", "steps: [{name: a}]", "spec.steps[0].container: Required value"),
                Arguments.of(
                        "a reserved variable",
                        "steps: [{name: a, container: {image: busybox, env: [{name: CLEW_RUN, value: x}]}}]",
                        "names that begin with CLEW_ are reserved"),
                Arguments.of(
                        "two points of no return",
                        "steps: [{name: a, pivot: true, " + container + "}, {name: b, pivot: true, " + container + "}]",
                        "at most one step can be the pivot"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void kubectlSaysWhatIsWrongWithAWorkflow(String what, String spec, String says, Scenario scenario)
            throws Exception {
        String body = spec.startsWith("{") ? "spec: " + spec : "spec: {" + spec + "}";
        assertThat(refusal(scenario, """
                apiVersion: clew.dev/v1alpha1
                kind: Workflow
                metadata: {name: flow}
                """ + body)).contains(says);
    }

    @Test
    void kubectlSaysWhatOfARunCannotBeChanged(Scenario scenario) throws Exception {
        scenario.apply(Flows.run("order-1", "order"));
        assertThat(refusal(scenario, Flows.run("order-1", "other")))
                .contains("spec.workflowRef")
                .contains("cannot be changed: create another run");
        assertThat(refusal(
                        scenario, Flows.run("order-1", "order").replace("spec: {", "spec: {desiredState: Stopped, ")))
                .contains("Unsupported value: \"Stopped\": supported values: \"Cancelled\", \"Paused\", \"RolledBack\","
                        + " \"Running\", \"Terminated\"");
    }

    /** What kubectl apply prints when it fails. */
    private static String refusal(Scenario scenario, String yaml) throws IOException, InterruptedException {
        Path file = Files.createTempFile(scenario.cluster().stateDirectory(), "applied", ".yaml");
        Files.writeString(file, yaml);
        var kubectl = new ProcessBuilder(
                        scenario.cluster().kubectl().toString(),
                        "apply",
                        "-n",
                        scenario.namespace(),
                        "-f",
                        file.toString())
                .redirectErrorStream(true);
        kubectl.environment().put("KUBECONFIG", scenario.cluster().kubeconfig().toString());
        Process process = kubectl.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isNotZero();
        return printed;
    }
}
