package dev.clew.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import dev.clew.operator.config.OperatorConfig;
import dev.clew.operator.config.OperatorConfig.Election;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two processes: one acts, the other one stands by, and takes over. */
@OwnOperator
@WithDevCluster(crds = "../crds")
class LeaderElectionTest {
    private static final Duration LEASE = Duration.ofSeconds(6);
    private static final Duration RENEW_DEADLINE = Duration.ofSeconds(4);
    private static final Duration SOON = Duration.ofSeconds(60);

    /** What a busy machine may add. */
    private static final Duration SLACK = Duration.ofSeconds(4);

    private static final String TWO_STEPS = """
            apiVersion: clew.dev/v1alpha1
            kind: WorkflowRun
            metadata: {name: %s}
            spec:
              workflow:
                steps:
                - {name: a, container: {image: busybox, command: [sh, -c, 'sleep 2']}}
                - {name: b, container: {image: busybox, command: ['true']}}
            """;

    private final AtomicInteger lost = new AtomicInteger();
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void stop() {
        processes.forEach(Process::destroyForcibly);
    }

    private ClewOperator start(DevCluster cluster, TestNamespace namespace, String pod) throws IOException {
        var config = new OperatorConfig(
                Set.of(namespace.name()),
                0,
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                64,
                "info",
                new Election(namespace.name(), "clew", LEASE, RENEW_DEADLINE, pod));
        return ClewOperator.start(config, cluster.clientConfig("clew-operator"), lost::incrementAndGet);
    }

    private Process process(DevCluster cluster, TestNamespace namespace, String pod) throws IOException {
        Process process = OperatorProcess.start(
                Main.class,
                List.of(),
                Map.of(
                        "KUBECONFIG", cluster.kubeconfig().toString(),
                        "CLEW_NAMESPACES", namespace.name(),
                        "CLEW_PORT", "0",
                        "CLEW_REQUEST_TIMEOUT_SECONDS", "2",
                        "CLEW_API_SERVER_TIMEOUT_SECONDS", "1",
                        "CLEW_LEASE_NAMESPACE", namespace.name(),
                        "CLEW_LEASE_SECONDS", Long.toString(LEASE.toSeconds()),
                        "CLEW_RENEW_DEADLINE_SECONDS", Long.toString(RENEW_DEADLINE.toSeconds()),
                        "CLEW_POD_UID", pod),
                new File("target/leader-election-" + pod + ".log"));
        processes.add(process);
        return process;
    }

    private static String holder(KubernetesClient client, TestNamespace namespace) {
        Lease lease =
                client.leases().inNamespace(namespace.name()).withName("clew").get();
        return lease == null ? "" : Objects.requireNonNullElse(lease.getSpec().getHolderIdentity(), "");
    }

    private static void awaitHolder(KubernetesClient client, TestNamespace namespace, String pod, Duration atMost) {
        Awaitility.await()
                .atMost(atMost)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> holder(client, namespace).startsWith(pod + "_"));
    }

    private static void apply(KubernetesClient client, TestNamespace namespace, String run) {
        client.resource(client.getKubernetesSerialization().unmarshal(TWO_STEPS.formatted(run), WorkflowRun.class))
                .inNamespace(namespace.name())
                .create();
    }

    private static WorkflowRun run(KubernetesClient client, TestNamespace namespace, String run) {
        return client.resources(WorkflowRun.class)
                .inNamespace(namespace.name())
                .withName(run)
                .get();
    }

    private static void awaitStep(KubernetesClient client, TestNamespace namespace, String run, String step) {
        Awaitility.await().atMost(SOON).until(() -> {
            WorkflowRun found = run(client, namespace, run);
            return found.getStatus() != null && step.equals(found.getStatus().current());
        });
    }

    private static void awaitSuccess(KubernetesClient client, TestNamespace namespace, String run) {
        Awaitility.await()
                .atMost(SOON)
                .until(() -> run(client, namespace, run).getStatus().phase() == RunPhase.Succeeded);
    }

    private static List<String> leaders(KubernetesClient client, TestNamespace namespace, String run) {
        return client.pods().inNamespace(namespace.name()).withLabel("clew.dev/run", run).list().getItems().stream()
                .map(pod -> pod.getMetadata().getAnnotations().get("clew.dev/leader"))
                .sorted()
                .toList();
    }

    @Test
    void aPlannedStopHandsOverAtOnceAndTheStandbyFinishesTheRuns(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) throws IOException {
        ClewOperator first = start(cluster, namespace, "first");
        awaitHolder(client, namespace, "first", SOON);
        String leader = holder(client, namespace);
        try (ClewOperator second = start(cluster, namespace, "second")) {
            assertThat(second.port()).isPositive();
            apply(client, namespace, "one");
            awaitStep(client, namespace, "one", "a");

            first.close();

            awaitHolder(client, namespace, "second", SLACK);
            awaitSuccess(client, namespace, "one");
            assertThat(leaders(client, namespace, "one"))
                    .as("who created the pods")
                    .containsExactly(leader, holder(client, namespace));
        }
        assertThat(holder(client, namespace)).as("given back").isEmpty();
        assertThat(lost).as("nobody has lost it").hasValue(0);
    }

    @Test
    void aStandbyTakesOverFromOneThatWasKilledWithinTheLeaseAndFinishesTheRuns(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) throws Exception {
        Process first = process(cluster, namespace, "first");
        awaitHolder(client, namespace, "first", SOON);
        try (ClewOperator second = start(cluster, namespace, "second")) {
            assertThat(second.port()).isPositive();
            apply(client, namespace, "one");
            awaitStep(client, namespace, "one", "a");

            first.destroyForcibly();
            assertThat(first.waitFor(10, TimeUnit.SECONDS)).isTrue();
            Instant killed = Instant.now();
            assertThat(holder(client, namespace)).startsWith("first_");

            awaitHolder(client, namespace, "second", LEASE.plus(SLACK));
            assertThat(Instant.now())
                    .as("the former gate has closed by then")
                    .isAfterOrEqualTo(killed.plus(RENEW_DEADLINE));
            awaitSuccess(client, namespace, "one");
        }
    }

    @Test
    void oneThatHasLostTheLeaseWritesNothingMoreAndIsToldToEnd(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) throws IOException {
        try (ClewOperator first = start(cluster, namespace, "first")) {
            assertThat(first.port()).isPositive();
            awaitHolder(client, namespace, "first", SOON);
            client.leases().inNamespace(namespace.name()).withName("clew").edit(lease -> {
                lease.getSpec().setHolderIdentity("somebody else");
                return lease;
            });
            Awaitility.await().atMost(RENEW_DEADLINE.plus(SLACK)).until(() -> lost.get() == 1);

            apply(client, namespace, "one");
            try (ClewOperator second = start(cluster, namespace, "second")) {
                assertThat(second.port()).isPositive();
                awaitHolder(client, namespace, "second", LEASE.plus(SLACK));
                awaitSuccess(client, namespace, "one");
                assertThat(leaders(client, namespace, "one")).containsOnly(holder(client, namespace));
            }
        }
        assertThat(lost).as("told once").hasValue(1);
    }

    @Test
    void bothEndOnSigtermWithoutDelay(DevCluster cluster, KubernetesClient client, TestNamespace namespace)
            throws Exception {
        Process leader = process(cluster, namespace, "first");
        awaitHolder(client, namespace, "first", SOON);
        Process standby = process(cluster, namespace, "second");
        apply(client, namespace, "one");
        awaitSuccess(client, namespace, "one");
        for (Process process : List.of(standby, leader)) {
            process.destroy();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as("ended by SIGTERM").isEqualTo(143);
        }
        assertThat(holder(client, namespace)).as("given back").isEmpty();
    }
}
