package dev.clew.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import dev.clew.operator.config.OperatorConfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * The bug for which others are known: a restarted operator is served an old world, in which a step has been claimed and
 * its pod is not there, while the run has long ended and the pod has been deleted.
 */
@OwnOperator
@WithDevCluster(crds = "../crds")
class OldCacheTest {
    /** Serves the lists of runs and pods as they were at a resourceVersion, and lets no watch tell of anything newer. */
    private record OldWorld(String resourceVersion, Set<String> served) implements Interceptor {
        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            URI uri = request.uri();
            boolean list = uri.getPath().endsWith("/pods") || uri.getPath().endsWith("/workflowruns");
            if (!list || !request.method().equals("GET")) {
                return;
            }
            String query = Objects.requireNonNullElse(uri.getRawQuery(), "");
            boolean watch = query.contains("watch=true");
            served.add(uri.getPath().replaceFirst(".*/", ""));
            String rest = query.replaceAll("&?resourceVersion(Match)?=[^&]*", "");
            builder.uri(URI.create(uri.toString().replaceFirst("\\?.*", "") + "?" + rest
                    + (watch
                            ? "&resourceVersion=" + resourceVersion + "&fieldSelector=metadata.name%3Dnone-of-them"
                            : "&resourceVersion=" + resourceVersion + "&resourceVersionMatch=Exact")));
        }
    }

    private static ClewOperator start(DevCluster cluster, TestNamespace namespace, Consumer<HttpClient.Builder> http)
            throws Exception {
        var config = new OperatorConfig(
                Set.of(namespace.name()), 0, Duration.ofSeconds(2), Duration.ofSeconds(1), 64, "info", null);
        return ClewOperator.start(config, cluster.clientConfig("clew-operator"), () -> {}, Clock.systemUTC(), http);
    }

    @Test
    void aFinishedPodDeletedByHandAndAnOldCacheAfterARestartMakeNothingRunAgain(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) throws Exception {
        Path ledger = cluster.stateDirectory().resolve("ledger-" + namespace.name());
        var runs = client.resources(WorkflowRun.class).inNamespace(namespace.name());
        List<WorkflowRun> history = new CopyOnWriteArrayList<>();
        try (var watch = runs.watch(new Recorder(history));
                ClewOperator operator = start(cluster, namespace, http -> {})) {
            client.resource(client.getKubernetesSerialization().unmarshal("""
                                    apiVersion: clew.dev/v1alpha1
                                    kind: WorkflowRun
                                    metadata: {name: once}
                                    spec:
                                      params: [{name: ledger, value: %s}]
                                      workflow:
                                        params: [{name: ledger}]
                                        steps:
                                        - name: a
                                          container: {image: busybox, command: [sh, -c, 'echo a >> $0', $(params.ledger)]}
                                        - name: b
                                          container: {image: busybox, command: [sh, -c, 'echo b >> $0', $(params.ledger)]}
                                    """.formatted(ledger), WorkflowRun.class))
                    .inNamespace(namespace.name())
                    .create();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                WorkflowRun run = runs.withName("once").get();
                return run.getStatus() != null
                        && run.getStatus().phase() == RunPhase.Succeeded
                        && run.getMetadata().getFinalizers().isEmpty();
            });
            assertThat(operator.port()).isPositive();
            assertThat(watch).isNotNull();
        }
        client.pods().inNamespace(namespace.name()).withGracePeriod(0).delete();
        Awaitility.await()
                .until(() -> client.pods()
                        .inNamespace(namespace.name())
                        .list()
                        .getItems()
                        .isEmpty());
        WorkflowRun justClaimed = history.stream()
                .filter(run ->
                        run.getStatus() != null && !run.getStatus().steps().isEmpty())
                .findFirst()
                .orElseThrow();
        assertThat(justClaimed.getStatus().steps().getFirst().attempts()).hasSize(1);

        Set<String> served = ConcurrentHashMap.newKeySet();
        Map<String, Long> before = requests(cluster, namespace);
        var old = new OldWorld(justClaimed.getMetadata().getResourceVersion(), served);
        try (ClewOperator operator = start(cluster, namespace, http -> http.addOrReplaceInterceptor("old", old))) {
            assertThat(operator.port()).isPositive();
            // it has looked at the run: a live read of it is in the audit log
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> requests(cluster, namespace).getOrDefault("get workflowruns", 0L)
                            > before.getOrDefault("get workflowruns", 0L));
        }
        assertThat(served).containsExactlyInAnyOrder("pods", "workflowruns");
        assertThat(requests(cluster, namespace).get("create pods")).isEqualTo(2);
        assertThat(client.pods().inNamespace(namespace.name()).list().getItems())
                .isEmpty();
        assertThat(Files.readAllLines(ledger)).containsExactly("a", "b");
    }

    private static Map<String, Long> requests(DevCluster cluster, TestNamespace namespace) throws Exception {
        try (var lines = Files.lines(cluster.auditLog().orElseThrow())) {
            return lines.filter(line -> line.contains("\"namespace\":\"" + namespace.name() + "\"")
                            && line.contains("\"userAgent\":\"clew-operator"))
                    .map(line -> line.replaceFirst(".*\"verb\":\"([a-z]+)\".*\"resource\":\"([a-z]+)\".*", "$1 $2"))
                    .collect(java.util.stream.Collectors.groupingBy(
                            what -> what, java.util.stream.Collectors.counting()));
        }
    }

    private record Recorder(List<WorkflowRun> history) implements Watcher<WorkflowRun> {
        @Override
        public void eventReceived(Action action, WorkflowRun run) {
            history.add(run);
        }

        @Override
        public void onClose(WatcherException cause) {
            // the test is over
        }
    }
}
