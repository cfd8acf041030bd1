package dev.clew.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.clew.api.WorkflowRun;
import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.junit.WithDevCluster;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operator as a process. */
@OwnOperator
@WithDevCluster(crds = "../crds")
class MainTest {
    private static final Pattern PORT = Pattern.compile("health and metrics on port (\\d+)");

    @TempDir
    Path directory;

    private Process start(Map<String, String> settings) throws IOException {
        return OperatorProcess.start(
                Main.class, List.of(), settings, directory.resolve("log").toFile());
    }

    private List<String> log() throws IOException {
        return Files.readAllLines(directory.resolve("log"));
    }

    @Test
    void itPrintsItsSettingsAnswersProbesAndStopsOnSigterm(DevCluster cluster) throws Exception {
        Process operator = start(Map.of(
                "KUBECONFIG", cluster.kubeconfig().toString(),
                "CLEW_NAMESPACES", "default",
                "CLEW_PORT", "0"));
        try (HttpClient http = HttpClient.newHttpClient()) {
            String port =
                    Awaitility.await().atMost(Duration.ofSeconds(60)).until(this::port, found -> !found.isEmpty());
            assertThat(get(http, port, "/healthz").statusCode()).isEqualTo(200);
            assertThat(get(http, port, "/readyz").statusCode()).isEqualTo(200);
            assertThat(get(http, port, "/metrics").body()).contains("jvm_memory_used_bytes");

            cluster.client()
                    .resource(cluster.client().getKubernetesSerialization().unmarshal("""
                            apiVersion: clew.dev/v1alpha1
                            kind: WorkflowRun
                            metadata: {name: logged, namespace: default}
                            spec: {workflow: {steps: [{name: only, container: {image: busybox, command: ['true']}}]}}
                            """, WorkflowRun.class))
                    .create();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(log())
                            .anyMatch(line -> line.contains("\"namespace\":\"default\"")
                                    && line.contains("\"run\":\"logged\"")
                                    && line.contains("\"step\":\"only\"")
                                    && line.contains("\"message\":\"attempt 1: Succeeded\"")));

            operator.destroy();
            assertThat(operator.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(operator.exitValue()).as("ended by SIGTERM").isEqualTo(143);
            var mapper = new ObjectMapper();
            List<String> messages = log().stream()
                    .map(line -> {
                        try {
                            return mapper.readTree(line).path("message").asText();
                        } catch (IOException e) {
                            throw new AssertionError("not JSON: " + line, e);
                        }
                    })
                    .toList();
            assertThat(messages).contains("CLEW_NAMESPACES=default", "CLEW_REQUEST_TIMEOUT_SECONDS=10", "stopped");
        } finally {
            operator.destroyForcibly();
        }
    }

    @Test
    void aWrongSettingEndsItAtOnceWithTheRemedy() throws Exception {
        Process operator = start(Map.of("CLEW_PORT", "many"));
        try {
            assertThat(operator.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(operator.exitValue()).isEqualTo(2);
            assertThat(log())
                    .anyMatch(line ->
                            line.contains("cannot start: CLEW_PORT must be a whole number from 0 to 65535, not many"));
        } finally {
            operator.destroyForcibly();
        }
    }

    private String port() throws IOException {
        return log().stream()
                .map(PORT::matcher)
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1))
                .findFirst()
                .orElse("");
    }

    private static HttpResponse<String> get(HttpClient http, String port, String path) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
