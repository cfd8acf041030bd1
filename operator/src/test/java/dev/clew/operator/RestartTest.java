package dev.clew.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepCompensation;
import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import dev.clew.operator.config.OperatorConfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** An operator that stops and another one that begins, in the middle of a run. */
@OwnOperator
@WithDevCluster(crds = "../crds")
class RestartTest {
    private static final String RUN = """
            apiVersion: clew.dev/v1alpha1
            kind: WorkflowRun
            metadata: {name: trip}
            spec:
              workflow:
                steps:
                - name: a
                  container: {image: busybox, command: ['true']}
                  compensation: {container: {image: busybox, command: ['true']}}
                - name: b
                  container: {image: busybox, command: ['true']}
                  compensation: {container: {image: busybox, command: [sleep, '3']}}
                - name: c
                  container: {image: busybox, command: ['false']}
                  compensation: {container: {image: busybox, command: ['true']}}
            """;

    private static ClewOperator start(DevCluster cluster, TestNamespace namespace) throws IOException {
        var config = new OperatorConfig(
                Set.of(namespace.name()), 0, Duration.ofSeconds(4), Duration.ofSeconds(1), 64, "info", null);
        return ClewOperator.start(config, cluster.clientConfig("clew-operator"), () -> {});
    }

    @Test
    void inTheMiddleOfTheCompensationsItGoesOnAndRepeatsAndSkipsNothing(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) throws Exception {
        Resource<WorkflowRun> run = client.resource(
                        client.getKubernetesSerialization().unmarshal(RUN, WorkflowRun.class))
                .inNamespace(namespace.name());
        try (ClewOperator first = start(cluster, namespace)) {
            assertThat(first.port()).isPositive();
            run.create();
            await(run, found -> "1/3".equals(found.getStatus().undone()));
        }
        // b is being undone meanwhile, and nobody looks
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> client
                                .pods()
                                .inNamespace(namespace.name())
                                .withLabel("app.kubernetes.io/component", "compensation")
                                .list()
                                .getItems()
                                .stream()
                                .filter(pod ->
                                        "Succeeded".equals(pod.getStatus().getPhase()))
                                .count()
                        == 2);
        try (ClewOperator second = start(cluster, namespace)) {
            assertThat(second.port()).isPositive();
            WorkflowRun ended = await(run, found -> found.getStatus().phase() == RunPhase.Failed);
            assertThat(ended.getStatus().undone()).isEqualTo("3/3");
            assertThat(ended.getStatus().steps())
                    .extracting(step -> attempts(Objects.requireNonNull(step.compensation())))
                    .containsOnly(List.of(AttemptState.Succeeded));
        }
        assertThat(client.pods().inNamespace(namespace.name()).list().getItems())
                .hasSize(6);
    }

    private static List<AttemptState> attempts(StepCompensation compensation) {
        return compensation.attempts().stream().map(Attempt::state).toList();
    }

    private static WorkflowRun await(Resource<WorkflowRun> run, Predicate<WorkflowRun> condition) {
        return Objects.requireNonNull(Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(run::get, found -> found != null && found.getStatus() != null && condition.test(found)));
    }
}
