package dev.clew.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.clew.api.run.RunPhase;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The CRDs on a real API server: each rule from both sides. */
@WithDevCluster(crds = ".")
class CrdRulesTest {
    private static final String CONTAINER = "container: {image: busybox}";

    /** What is tried, the spec, and a part of the refusal; an empty one means that it is accepted. */
    static Stream<Arguments> workflows() {
        String step = "steps: [{name: a, " + CONTAINER + "}]";
        return Stream.of(
                Arguments.of("the smallest workflow", step, ""),
                Arguments.of("no steps", "steps: []", "spec.steps: Invalid value: 0"),
                Arguments.of("no action", "steps: [{name: a}]", "spec.steps[0].container: Required value"),
                Arguments.of(
                        "two steps of one name",
                        "steps: [{name: a, " + CONTAINER + "}, {name: a, " + CONTAINER + "}]",
                        "Duplicate value"),
                Arguments.of(
                        "a step's name with capitals",
                        "steps: [{name: A, " + CONTAINER + "}]",
                        "spec.steps[0].name: Invalid value: \"A\""),
                Arguments.of(
                        "a step's name of 41 characters",
                        "steps: [{name: " + "a".repeat(41) + ", " + CONTAINER + "}]",
                        "Too long: may not be more than 40"),
                Arguments.of("a step's name of 40", "steps: [{name: " + "a".repeat(40) + ", " + CONTAINER + "}]", ""),
                Arguments.of("512 steps", "order: Graph\nsteps:\n" + steps(512), ""),
                Arguments.of(
                        "513 steps", "order: Graph\nsteps:\n" + steps(513), "Too many: 513: must have at most 512"),
                Arguments.of(
                        "dependsOn in a Graph",
                        "{order: Graph, steps: [{name: a, " + CONTAINER + "}, {name: b, dependsOn: [a], " + CONTAINER
                                + "}]}",
                        ""),
                Arguments.of(
                        "dependsOn without an order",
                        "steps: [{name: a, " + CONTAINER + "}, {name: b, dependsOn: [a], " + CONTAINER + "}]",
                        "set order: Graph, or remove dependsOn"),
                Arguments.of(
                        "dependsOn in a Sequential workflow",
                        "{order: Sequential, steps: [{name: a, " + CONTAINER + "}, {name: b, dependsOn: [a], "
                                + CONTAINER + "}]}",
                        "set order: Graph, or remove dependsOn"),
                Arguments.of("an unknown order", "{order: Random, " + step + "}", "Unsupported value: \"Random\""),
                Arguments.of("a retry limit of 20", "steps: [{name: a, retry: {limit: 20}, " + CONTAINER + "}]", ""),
                Arguments.of(
                        "a retry limit of 21",
                        "steps: [{name: a, retry: {limit: 21}, " + CONTAINER + "}]",
                        "should be less than or equal to 20"),
                Arguments.of(
                        "a timeout of nothing",
                        "steps: [{name: a, timeoutSeconds: 0, " + CONTAINER + "}]",
                        "should be greater than or equal to 1"),
                Arguments.of(
                        "outputs with a message from the log",
                        "steps: [{name: a, outputs: [x], container: {image: b, terminationMessagePolicy:"
                                + " FallbackToLogsOnError}}]",
                        "must not be FallbackToLogsOnError in a step with outputs"),
                Arguments.of(
                        "a message from the log without outputs",
                        "steps: [{name: a, container: {image: b, terminationMessagePolicy: FallbackToLogsOnError}}]",
                        ""),
                Arguments.of(
                        "outputs with a message from the file",
                        "steps: [{name: a, outputs: [x], container: {image: b, terminationMessagePolicy: File}}]",
                        ""),
                Arguments.of(
                        "an output twice", "steps: [{name: a, outputs: [x, x], " + CONTAINER + "}]", "Duplicate value"),
                Arguments.of("an environment variable", env("{name: X, value: y}"), ""),
                Arguments.of(
                        "a reserved environment variable",
                        env("{name: CLEW_RUN, value: y}"),
                        "names that begin with CLEW_ are reserved"),
                Arguments.of(
                        "a value and a source",
                        env("{name: X, value: y, valueFrom: {fieldRef: {fieldPath: metadata.name}}}"),
                        "must not have both value and valueFrom"),
                Arguments.of("one source", env("{name: X, valueFrom: {secretKeyRef: {name: s, key: k}}}"), ""),
                Arguments.of(
                        "two sources",
                        env("{name: X, valueFrom: {fieldRef: {fieldPath: metadata.name}, secretKeyRef: {name: s, key:"
                                + " k}}}"),
                        "must have exactly one of secretKeyRef, configMapKeyRef, fieldRef"),
                Arguments.of(
                        "no source",
                        env("{name: X, valueFrom: {}}"),
                        "must have exactly one of secretKeyRef, configMapKeyRef, fieldRef"),
                Arguments.of("envFrom a ConfigMap", envFrom("{configMapRef: {name: c}}"), ""),
                Arguments.of(
                        "envFrom nothing", envFrom("{prefix: P_}"), "must have exactly one of configMapRef, secretRef"),
                Arguments.of(
                        "envFrom with a reserved prefix",
                        envFrom("{prefix: CLEW_, configMapRef: {name: c}}"),
                        "prefixes that begin with CLEW_ are reserved"),
                Arguments.of("an emptyDir", "{pod: {volumes: [{name: v, emptyDir: {}}]}, " + step + "}", ""),
                Arguments.of(
                        "a volume of no kind",
                        "{pod: {volumes: [{name: v}]}, " + step + "}",
                        "must have exactly one of emptyDir, configMap, secret, persistentVolumeClaim"),
                Arguments.of("a label", "{pod: {labels: {team: blue}}, " + step + "}", ""),
                Arguments.of(
                        "a reserved label",
                        "{pod: {labels: {clew.dev/run: x}}, " + step + "}",
                        "are reserved: Clew sets them itself"),
                Arguments.of(
                        "the label that says who made a pod",
                        "{pod: {labels: {app.kubernetes.io/managed-by: me}}, " + step + "}",
                        "are reserved: Clew sets them itself"),
                Arguments.of("an annotation", "{pod: {annotations: {note: x}}, " + step + "}", ""),
                Arguments.of(
                        "a reserved annotation",
                        "{pod: {annotations: {clew.dev/attempt: x}}, " + step + "}",
                        "are reserved: Clew sets them itself"),
                Arguments.of("affinity as in a pod", "{pod: {affinity: {nodeAffinity: {}}}, " + step + "}", ""),
                Arguments.of("a parameter", "{params: [{name: orderId}], " + step + "}", ""),
                Arguments.of(
                        "a parameter with a space",
                        "{params: [{name: 'order id'}], " + step + "}",
                        "spec.params[0].name: Invalid value"),
                Arguments.of(
                        "all policies of a workflow",
                        "{onFailure: Stall, runningSteps: Stop, maxParallelSteps: 1, ttlSecondsAfterFinished: 0,"
                                + " compensation: {order: Graph, onFailure: Continue}, " + step + "}",
                        ""),
                Arguments.of(
                        "an unknown policy",
                        "{onFailure: Rollback, " + step + "}",
                        "supported values: \"Compensate\", \"Stall\""),
                Arguments.of(
                        "one pivot",
                        "steps: [{name: a, pivot: true, " + CONTAINER + "}, {name: b, pivot: false, " + CONTAINER
                                + "}]",
                        ""),
                Arguments.of(
                        "two pivots",
                        "steps: [{name: a, pivot: true, " + CONTAINER + "}, {name: b, pivot: true, " + CONTAINER + "}]",
                        "at most one step can be the pivot"),
                Arguments.of("a rule by exit code", rule("onExitCodes: {operator: In, values: [3, 4]}"), ""),
                Arguments.of(
                        "a rule about success",
                        rule("onExitCodes: {operator: In, values: [0]}"),
                        "an exit code 0 is no failure"),
                Arguments.of("a rule about all but", rule("onExitCodes: {operator: NotIn, values: [0, 1]}"), ""),
                Arguments.of(
                        "an exit code of 256",
                        rule("onExitCodes: {operator: In, values: [256]}"),
                        "should be less than or equal to 255"),
                Arguments.of("a rule by condition", rule("onPodConditions: [{type: DisruptionTarget}]"), ""),
                Arguments.of(
                        "a rule by a condition that says nothing",
                        rule("onPodConditions: [{type: Ready, status: 'False'}]"),
                        "says nothing about why an attempt failed"),
                Arguments.of(
                        "a rule by both",
                        rule("onExitCodes: {operator: In, values: [3]}, onPodConditions: [{type: DisruptionTarget}]"),
                        "must have exactly one of onExitCodes, onPodConditions"),
                Arguments.of("a rule by nothing", rule("onPodConditions: []"), "must have exactly one of"));
    }

    private static String rule(String on) {
        return "steps: [{name: a, failurePolicy: {rules: [{action: Ignore, " + on + "}]}, " + CONTAINER + "}]";
    }

    private static String steps(int count) {
        var steps = new StringBuilder();
        for (int i = 0; i < count; i++) {
            steps.append("- {name: s").append(i).append(", ").append(CONTAINER).append("}\n");
        }
        return steps.toString();
    }

    private static String env(String variable) {
        return "steps: [{name: a, container: {image: b, env: [" + variable + "]}}]";
    }

    private static String envFrom(String source) {
        return "steps: [{name: a, container: {image: b, envFrom: [" + source + "]}}]";
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("workflows")
    void aWorkflow(String what, String spec, String refusal, KubernetesClient client, TestNamespace namespace) {
        check(client, namespace, "Workflow", "flow", spec, refusal);
    }

    static Stream<Arguments> runs() {
        String inline = "workflow: {steps: [{name: a, " + CONTAINER + "}]}";
        return Stream.of(
                Arguments.of("a reference", "workflowRef: {name: order}", ""),
                Arguments.of("an inline workflow", inline, ""),
                Arguments.of(
                        "both",
                        "{workflowRef: {name: order}, " + inline + "}",
                        "must have exactly one of workflowRef, workflow"),
                Arguments.of("neither", "params: []", "must have exactly one of workflowRef, workflow"),
                Arguments.of("an argument", "{workflowRef: {name: o}, params: [{name: x, value: ''}]}", ""),
                Arguments.of(
                        "an argument without a value",
                        "{workflowRef: {name: o}, params: [{name: x}]}",
                        "spec.params[0].value: Required value"),
                Arguments.of(
                        "an argument twice",
                        "{workflowRef: {name: o}, params: [{name: x, value: '1'}, {name: x, value: '2'}]}",
                        "Duplicate value"),
                Arguments.of("1000 arguments", arguments(1000), "Too many: 1000: must have at most 128"),
                Arguments.of("a desired state", "{workflowRef: {name: o}, desiredState: Paused}", ""),
                Arguments.of(
                        "an unknown desired state",
                        "{workflowRef: {name: o}, desiredState: Stopped}",
                        "Unsupported value: \"Stopped\""),
                Arguments.of("an idempotency key", "{workflowRef: {name: o}, idempotencyKey: 'order:42'}", ""),
                Arguments.of(
                        "an idempotency key with a slash",
                        "{workflowRef: {name: o}, idempotencyKey: a/b}",
                        "spec.idempotencyKey: Invalid value"),
                Arguments.of("a skipped step", intervention("SkipStep, step: a, outputs: [{name: x, value: ''}]"), ""),
                Arguments.of(
                        "a skipped step without a step",
                        intervention("SkipStep"),
                        "must have podUID and no step with the action AssumeStopped, step and no podUID with any other"),
                Arguments.of("a pod that has stopped", intervention("AssumeStopped, podUID: u"), ""),
                Arguments.of(
                        "a pod that has stopped, by step",
                        intervention("AssumeStopped, podUID: u, step: a"),
                        "must have podUID and no step"),
                Arguments.of(
                        "outputs of a retry",
                        intervention("RetryStep, step: a, outputs: [{name: x, value: ''}]"),
                        "can be given only with the action SkipStep"),
                Arguments.of(
                        "two interventions of one name",
                        "{workflowRef: {name: o}, interventions: [{name: i, action: RetryStep, step: a}, {name: i,"
                                + " action: RetryStep, step: b}]}",
                        "Duplicate value"));
    }

    private static String intervention(String what) {
        return "{workflowRef: {name: o}, interventions: [{name: i, action: " + what + "}]}";
    }

    private static String arguments(int count) {
        var arguments = new StringBuilder("{workflowRef: {name: o}, params: [");
        for (int i = 0; i < count; i++) {
            arguments.append("{name: p").append(i).append(", value: x}, ");
        }
        return arguments.append("]}").toString();
    }

    /** What is changed, the spec before and after, and a part of the refusal; an empty one means that it is accepted. */
    static Stream<Arguments> changes() {
        String ref = "workflowRef: {name: o}";
        String one = "interventions: [{name: i, action: RetryStep, step: a}";
        return Stream.of(
                Arguments.of("the workflow", "{" + ref + "}", "{workflowRef: {name: p}}", "cannot be changed"),
                Arguments.of(
                        "the inline workflow",
                        "workflow: {steps: [{name: a, " + CONTAINER + "}]}",
                        "workflow: {steps: [{name: b, " + CONTAINER + "}]}",
                        "cannot be changed"),
                Arguments.of(
                        "the reference for a workflow of its own",
                        "{" + ref + "}",
                        "workflow: {steps: [{name: b, " + CONTAINER + "}]}",
                        "cannot be changed"),
                Arguments.of(
                        "the arguments",
                        "{" + ref + "}",
                        "{" + ref + ", params: [{name: x, value: y}]}",
                        "cannot be changed"),
                Arguments.of("the key", "{" + ref + "}", "{" + ref + ", idempotencyKey: k}", "cannot be changed"),
                Arguments.of(
                        "what is wanted",
                        "{" + ref + "}",
                        "{" + ref + ", desiredState: RolledBack, ttlSecondsAfterFinished: 5, deletionPolicy: Abandon}",
                        ""),
                Arguments.of(
                        "one more intervention",
                        "{" + ref + ", " + one + "]}",
                        "{" + ref + ", " + one + ", {name: j, action: SkipStep, step: a}]}",
                        ""),
                Arguments.of(
                        "another intervention",
                        "{" + ref + ", " + one + "]}",
                        "{" + ref + ", interventions: [{name: i, action: SkipStep, step: a}]}",
                        "carried out once and cannot be changed"),
                Arguments.of(
                        "no intervention any more",
                        "{" + ref + ", " + one + "]}",
                        "{" + ref + "}",
                        "cannot be taken back"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    void aChangeOfARun(
            String what,
            String before,
            String after,
            String refusal,
            KubernetesClient client,
            TestNamespace namespace) {
        check(client, namespace, "WorkflowRun", "run", before, "");
        var changed = load("WorkflowRun", "run", after);
        changed.getMetadata().setNamespace(namespace.name());
        if (refusal.isEmpty()) {
            assertThatCode(() -> client.resource(changed).update()).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> client.resource(changed).update())
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining(refusal);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("runs")
    void aRun(String what, String spec, String refusal, KubernetesClient client, TestNamespace namespace) {
        check(client, namespace, "WorkflowRun", "run", spec, refusal);
    }

    @Test
    void namesHaveAtMost63Characters(KubernetesClient client, TestNamespace namespace) {
        String run = "workflowRef: {name: order}";
        String flow = "steps: [{name: a, " + CONTAINER + "}]";
        check(client, namespace, "WorkflowRun", "r".repeat(63), run, "");
        check(client, namespace, "WorkflowRun", "r".repeat(64), run, "metadata.name must have at most 63 characters");
        check(client, namespace, "Workflow", "w".repeat(63), flow, "");
        check(client, namespace, "Workflow", "w".repeat(64), flow, "metadata.name must have at most 63 characters");
    }

    @Test
    void aNewObjectIsNotTakenForAFinishedOne(KubernetesClient client, TestNamespace namespace) {
        check(client, namespace, "WorkflowRun", "run", "workflowRef: {name: order}", "");
        check(client, namespace, "Workflow", "flow", "steps: [{name: a, " + CONTAINER + "}]", "");
        WorkflowRun run = client.resources(WorkflowRun.class)
                .inNamespace(namespace.name())
                .withName("run")
                .get();
        Workflow flow = client.resources(Workflow.class)
                .inNamespace(namespace.name())
                .withName("flow")
                .get();
        assertThat(run.getStatus().observedGeneration()).isEqualTo(-1);
        assertThat(flow.getStatus().observedGeneration()).isEqualTo(-1);
    }

    @Test
    void runsCanBeSelectedByPhaseAndByWorkflow(KubernetesClient client, TestNamespace namespace) {
        check(client, namespace, "WorkflowRun", "one", "workflowRef: {name: order}", "");
        check(client, namespace, "WorkflowRun", "two", "workflowRef: {name: other}", "");
        var runs = client.resources(WorkflowRun.class).inNamespace(namespace.name());
        runs.withName("one").editStatus(run -> {
            WorkflowRunStatus empty = WorkflowRunStatus.EMPTY;
            run.setStatus(new WorkflowRunStatus(
                    1L,
                    RunPhase.Running,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    empty.steps(),
                    null,
                    empty.interventions(),
                    empty.conditions()));
            return run;
        });
        assertThat(runs.withField("status.phase", "Running").list().getItems())
                .extracting(run -> run.getMetadata().getName())
                .containsExactly("one");
        assertThat(runs.withField("spec.workflowRef.name", "other").list().getItems())
                .extracting(run -> run.getMetadata().getName())
                .containsExactly("two");
    }

    @Test
    void kubectlShowsTheColumnsAndExplainsTheFields(DevCluster cluster, TestNamespace namespace) throws Exception {
        check(cluster.client(), namespace, "WorkflowRun", "run", "workflowRef: {name: order}", "");
        check(cluster.client(), namespace, "Workflow", "flow", "steps: [{name: a, " + CONTAINER + "}]", "");
        assertThat(kubectl(cluster, "get", "wfr", "-n", namespace.name(), "-o", "wide")
                        .lines()
                        .findFirst())
                .hasValueSatisfying(line -> assertThat(line.split(" +"))
                        .containsExactly("NAME", "WORKFLOW", "STATUS", "STEPS", "UNDONE", "STEP", "AGE", "MESSAGE"));
        assertThat(kubectl(cluster, "get", "workflows", "-n", namespace.name())
                        .lines()
                        .findFirst())
                .hasValueSatisfying(line ->
                        assertThat(line.split(" +")).containsExactly("NAME", "READY", "STEPS", "REVISION", "AGE"));
        assertThat(kubectl(cluster, "get", "clew", "-n", namespace.name())).contains("workflow.clew.dev/flow");
        assertThat(kubectl(cluster, "explain", "workflow.spec.steps.compensation.when"))
                .contains("owed once an attempt may have had an effect");
    }

    private static String kubectl(DevCluster cluster, String... arguments) throws IOException, InterruptedException {
        var command = new java.util.ArrayList<>(List.of(cluster.kubectl().toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("KUBECONFIG", cluster.kubeconfig().toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private static void check(
            KubernetesClient client, TestNamespace namespace, String kind, String name, String spec, String refusal) {
        var resource = client.resource(load(kind, name, spec)).inNamespace(namespace.name());
        if (refusal.isEmpty()) {
            assertThatCode(resource::create).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(resource::create)
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining(refusal);
        }
    }

    private static GenericKubernetesResource load(String kind, String name, String spec) {
        String yaml = "apiVersion: clew.dev/v1alpha1\nkind: " + kind + "\nmetadata: {name: " + name + "}\n";
        String body = spec.startsWith("{") ? "spec: " + spec : "spec:\n  " + spec.replace("\n", "\n  ");
        return Objects.requireNonNull(io.fabric8.kubernetes.client.utils.Serialization.unmarshal(
                yaml + body, GenericKubernetesResource.class));
    }
}
