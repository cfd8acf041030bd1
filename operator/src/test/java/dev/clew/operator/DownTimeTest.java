package dev.clew.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.Condition;
import dev.clew.api.ConditionStatus;
import dev.clew.api.Names;
import dev.clew.api.Workflow;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.RunPhase;
import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import dev.clew.operator.config.OperatorConfig;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens while no operator runs, and what the next one makes of it; and what takes a minute. */
@OwnOperator
@WithDevCluster(crds = "../crds")
class DownTimeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private DevCluster cluster;
    private KubernetesClient client;
    private String namespace;

    @BeforeEach
    void in(DevCluster shared, TestNamespace lent) {
        cluster = shared;
        client = shared.client();
        namespace = lent.name();
    }

    private ClewOperator operator() throws Exception {
        var config = new OperatorConfig(
                Set.of(namespace), 0, Duration.ofSeconds(2), Duration.ofSeconds(1), 64, "info", null);
        return ClewOperator.start(config, cluster.clientConfig("clew-operator"), () -> {});
    }

    private <R extends HasMetadata> void create(Class<R> kind, String yaml) {
        client.resource(client.getKubernetesSerialization().unmarshal(yaml, kind))
                .inNamespace(namespace)
                .create();
    }

    private void createRun(String step) {
        create(WorkflowRun.class, """
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: run}
                spec:
                  workflow:
                    pod: {terminationGracePeriodSeconds: 1}
                    steps:
                    - name: a
                """ + step.indent(6));
    }

    private Resource<WorkflowRun> run() {
        return client.resources(WorkflowRun.class).inNamespace(namespace).withName("run");
    }

    private WorkflowRun await(Predicate<WorkflowRun> condition, Duration patience) {
        return Awaitility.await().atMost(patience).until(() -> run().get(), condition);
    }

    private List<Pod> pods() {
        return client.pods().inNamespace(namespace).list().getItems();
    }

    private void awaitPods(Predicate<List<Pod>> condition) {
        Awaitility.await().atMost(PATIENCE).until(this::pods, condition);
    }

    private static boolean isRunning(Pod pod) {
        return "Running".equals(pod.getStatus().getPhase());
    }

    @Test
    void aPodWhoseRunWasForcedToGoMeanwhileIsReleased() throws Exception {
        try (ClewOperator operator = operator()) {
            assertThat(operator.port()).isPositive();
            createRun("container: {image: busybox, command: [sleep, '600']}\n");
            awaitPods(pods -> pods.size() == 1 && isRunning(pods.getFirst()));
        }
        run().delete();
        run().patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":[]}}");
        awaitPods(pods -> pods.size() == 1 && pods.getFirst().isMarkedForDeletion());
        assertThat(run().get()).isNull();
        assertThat(pods().getFirst().getMetadata().getFinalizers()).containsExactly(Names.POD_FINALIZER);
        try (ClewOperator operator = operator()) {
            assertThat(operator.port()).isPositive();
            awaitPods(List::isEmpty);
        }
    }

    @Test
    void aStepIsEndedInTimeMeanwhileAndItsRunIsUndoneLater() throws Exception {
        try (ClewOperator operator = operator()) {
            assertThat(operator.port()).isPositive();
            createRun("""
                    timeoutSeconds: 4
                    container: {image: busybox, command: [sleep, '600']}
                    compensation: {container: {image: busybox, command: ['true']}}
                    """);
            awaitPods(pods -> pods.size() == 1 && isRunning(pods.getFirst()));
        }
        awaitPods(pods -> "Failed".equals(pods.getFirst().getStatus().getPhase()));
        assertThat(run().get().getStatus().phase()).isEqualTo(RunPhase.Running);
        try (ClewOperator operator = operator()) {
            assertThat(operator.port()).isPositive();
            WorkflowRun ended = await(found -> found.getStatus().phase() == RunPhase.Failed, PATIENCE);
            Attempt attempt = ended.getStatus().steps().getFirst().attempts().getFirst();
            assertThat(attempt.reason()).isEqualTo("DeadlineExceeded");
            assertThat(ended.getStatus().undone()).isEqualTo("1/1");
        }
    }

    @Test
    void aRunThatIsDeletedMeanwhileIsUndoneLater() throws Exception {
        try (ClewOperator operator = operator()) {
            assertThat(operator.port()).isPositive();
            createRun("""
                    container: {image: busybox, command: [sh, -c, 'sleep 2']}
                    compensation: {container: {image: busybox, command: ['true']}}
                    """);
            awaitPods(pods -> pods.size() == 1 && isRunning(pods.getFirst()));
        }
        run().delete();
        awaitPods(pods -> "Succeeded".equals(pods.getFirst().getStatus().getPhase()));
        try (ClewOperator operator = operator()) {
            assertThat(operator.port()).isPositive();
            Awaitility.await().atMost(PATIENCE).until(() -> run().get() == null);
            awaitPods(List::isEmpty);
        }
    }

    @Test
    void aRunThatHasWaitedAMinuteForItsWorkflowIsShownAsStalledAndStartsOnceThatIsThere() throws Exception {
        try (ClewOperator operator = operator()) {
            assertThat(operator.port()).isPositive();
            create(WorkflowRun.class, """
                    apiVersion: clew.dev/v1alpha1
                    kind: WorkflowRun
                    metadata: {name: run}
                    spec: {workflowRef: {name: late}}
                    """);
            WorkflowRun waiting = await(found -> found.getStatus().phase() == RunPhase.Pending, PATIENCE);
            assertThat(condition(waiting, "Stalled").status()).isEqualTo(ConditionStatus.False);
            assertThat(condition(waiting, "Reconciling").status()).isEqualTo(ConditionStatus.True);

            WorkflowRun stalled =
                    await(found -> condition(found, "Stalled").status() == ConditionStatus.True, Duration.ofMinutes(2));
            assertThat(stalled.getStatus().phase()).isEqualTo(RunPhase.Pending);
            assertThat(condition(stalled, "Stalled").reason()).isEqualTo("WorkflowMissing");
            assertThat(condition(stalled, "Reconciling").status()).isEqualTo(ConditionStatus.False);
            assertThat(condition(stalled, "ActionRequired").status()).isEqualTo(ConditionStatus.True);
            assertThat(condition(stalled, "ActionRequired").message())
                    .isEqualTo(
                            "waiting for the Workflow late: there is none of that name in the namespace " + namespace);
            assertThat(condition(stalled, "Stalled").lastTransitionTime())
                    .isAfterOrEqualTo(Objects.requireNonNull(stalled.getStatus().startTime())
                            .plusSeconds(59));

            create(Workflow.class, """
                    apiVersion: clew.dev/v1alpha1
                    kind: Workflow
                    metadata: {name: late}
                    spec: {steps: [{name: a, container: {image: busybox, command: ['true']}}]}
                    """);
            WorkflowRun ended = await(found -> found.getStatus().phase() == RunPhase.Succeeded, PATIENCE);
            assertThat(condition(ended, "Stalled").status()).isEqualTo(ConditionStatus.False);
            assertThat(condition(ended, "ActionRequired").status()).isEqualTo(ConditionStatus.False);
        }
    }

    private static Condition condition(WorkflowRun run, String type) {
        return run.getStatus().conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElseThrow();
    }
}
