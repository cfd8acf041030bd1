package dev.clew.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import dev.clew.operator.CrashingOperator.Moment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The operator is killed in the middle of fifty runs; each time another one goes on with what it finds. */
@OwnOperator
@WithDevCluster(crds = "../crds")
class CrashTest {
    private static final int RUNS = 50;
    private static final long SEED = 20261124;

    /** Before a pod is created its claim has been recorded: a crash there is one between a claim and its create. */
    private static final int BETWEEN_CLAIM_AND_CREATE = 15;

    private static final String PODS = "/api/v1/namespaces/[^/]+/pods";
    private static final String RUN_STATUS = ".*/workflowruns/[^/]+/status";

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void stop() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void anOperatorThatIsKilledAgainAndAgainStartsNoAttemptTwiceAndEndsAllRuns(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) throws Exception {
        Path ledger = cluster.stateDirectory().resolve("ledger-" + namespace.name());
        Files.createFile(ledger);
        List<Moment> moments = moments();
        for (int i = 0; i < RUNS; i++) {
            Process operator = operator(cluster, namespace, Optional.of(moments.get(i)));
            apply(client, namespace, run(i, ledger));
            assertThat(operator.waitFor(60, TimeUnit.SECONDS))
                    .as("was killed: " + moments.get(i))
                    .isTrue();
            assertThat(operator.exitValue()).as("by SIGKILL").isEqualTo(137);
        }
        operator(cluster, namespace, Optional.empty());
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(runs(client, namespace))
                        .hasSize(RUNS)
                        .allMatch(run -> run.getStatus() != null
                                && run.getStatus().phase() == expected(run)
                                && run.getMetadata().getFinalizers().isEmpty()));

        List<String> starts = Files.readAllLines(ledger);
        assertThat(new HashSet<>(starts)).as("no attempt started twice").hasSameSizeAs(starts);
        assertThat(starts).as("every run did and undid all").hasSize(3 * RUNS + 3 * (RUNS / 2));
        assertThat(client.pods().inNamespace(namespace.name()).list().getItems())
                .allMatch(pod -> pod.getMetadata().getFinalizers().isEmpty());
    }

    private static RunPhase expected(WorkflowRun run) {
        return number(run) % 2 == 0 ? RunPhase.Succeeded : RunPhase.Failed;
    }

    private static int number(WorkflowRun run) {
        return Integer.parseInt(run.getMetadata().getName().substring("run-".length()));
    }

    /** Drawn from a fixed seed; the runs with an odd number fail at their third step and are undone. */
    private static List<Moment> moments() {
        var random = new Random(SEED);
        List<Moment> moments = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            String run = "run-" + i;
            int attempts = i % 2 == 0 ? 3 : 6;
            boolean before = random.nextBoolean();
            if (i < BETWEEN_CLAIM_AND_CREATE) {
                moments.add(new Moment(true, "POST", PODS, "\"" + run + "\"", 1 + random.nextInt(attempts)));
                continue;
            }
            moments.add(
                    switch (random.nextInt(5)) {
                        case 0 -> new Moment(before, "POST", PODS, "\"" + run + "\"", 1 + random.nextInt(attempts));
                        case 1 -> new Moment(before, "PATCH", PODS + "/.*", run + "-", 1 + random.nextInt(attempts));
                        case 2 -> new Moment(before, "PATCH", ".*/workflowruns/" + run, run, 1 + random.nextInt(2));
                        default ->
                            new Moment(
                                    before,
                                    "PATCH",
                                    RUN_STATUS,
                                    "/" + run + "/status",
                                    1 + random.nextInt(attempts + 1));
                    });
        }
        return moments;
    }

    private Process operator(DevCluster cluster, TestNamespace namespace, Optional<Moment> moment) throws IOException {
        Process process = OperatorProcess.start(
                CrashingOperator.class,
                moment.map(Moment::encode).stream().toList(),
                Map.of(
                        "KUBECONFIG", cluster.kubeconfig().toString(),
                        "CLEW_NAMESPACES", namespace.name(),
                        "CLEW_PORT", "0",
                        // the next one need not wait for a Lease: it is the only one
                        "CLEW_LEADER_ELECTION", "false",
                        "CLEW_REQUEST_TIMEOUT_SECONDS", "2",
                        "CLEW_API_SERVER_TIMEOUT_SECONDS", "1"),
                new File("target/crash-test-operator.log"));
        processes.add(process);
        return process;
    }

    private static String run(int number, Path ledger) {
        String write = "echo $CLEW_RUN/$CLEW_STEP/$CLEW_COMPENSATING/$CLEW_ATTEMPT >> " + ledger;
        var steps = new StringBuilder();
        for (String step : List.of("a", "b", "c")) {
            boolean fails = step.equals("c") && number % 2 == 1;
            steps.append("""
                    - name: %s
                      container: {image: busybox, command: [sh, -c, '%s; exit %d']}
                      compensation: {container: {image: busybox, command: [sh, -c, '%s']}}
                """.formatted(step, write, fails ? 1 : 0, write));
        }
        return """
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: run-%d}
                spec:
                  workflow:
                    steps:
                """.formatted(number) + steps;
    }

    private static void apply(KubernetesClient client, TestNamespace namespace, String yaml) {
        WorkflowRun run = client.getKubernetesSerialization().unmarshal(yaml, WorkflowRun.class);
        client.resource(run).inNamespace(namespace.name()).create();
    }

    private static List<WorkflowRun> runs(KubernetesClient client, TestNamespace namespace) {
        return client.resources(WorkflowRun.class)
                .inNamespace(namespace.name())
                .list()
                .getItems();
    }
}
