package dev.clew.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the Dockerfile makes, as far as it can be made without an image: the runtime, started as the image would be. */
@Tag("own-operator")
@WithDevCluster(crds = "../crds")
class ImageTest {
    private static final Path DOCKERFILE = Path.of("../Dockerfile");
    private static final Pattern JLINK = Pattern.compile("RUN jlink((?:.*\\\\\n)*.*) --output /jre\n");
    private static final Pattern ENTRYPOINT = Pattern.compile("ENTRYPOINT (\\[[^\\]]*])");

    @TempDir
    Path directory;

    @Test
    void theRuntimeOfTheImageHasAllThatTheOperatorUses(DevCluster cluster, TestNamespace namespace) throws Exception {
        Path jre = link();
        Process operator = start(jre, cluster, namespace.name());
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> !operator.isAlive() || log().contains("ready; health and metrics on port"));
            assertThat(operator.isAlive()).as(log()).isTrue();
            WorkflowRun run = cluster.client().getKubernetesSerialization().unmarshal("""
                            apiVersion: clew.dev/v1alpha1
                            kind: WorkflowRun
                            metadata: {name: run}
                            spec: {workflow: {steps: [{name: only, container: {image: busybox, command: ['true']}}]}}
                            """, WorkflowRun.class);
            cluster.client().resource(run).inNamespace(namespace.name()).create();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                WorkflowRun read = cluster.client()
                        .resource(run)
                        .inNamespace(namespace.name())
                        .get();
                return read.getStatus() != null && read.getStatus().phase() == RunPhase.Succeeded;
            });
            operator.destroy();
            assertThat(operator.waitFor(20, TimeUnit.SECONDS)).isTrue();
            var mapper = new ObjectMapper();
            for (String line : log().lines().toList()) {
                assertThat(mapper.readTree(line).path("level").asText())
                        .as(line)
                        .isEqualTo("INFO");
            }
        } finally {
            operator.destroyForcibly();
        }
    }

    /** As the Dockerfile does it, with the JDK of the tests. */
    private Path link() throws IOException, InterruptedException {
        Path jre = directory.resolve("jre");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "jlink").toString()));
        Arrays.stream(found(JLINK).replace("\\\n", " ").strip().split("\\s+", -1))
                .forEach(command::add);
        command.addAll(List.of("--output", jre.toString()));
        Process jlink = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("jlink").toFile())
                .start();
        assertThat(jlink.waitFor())
                .as(Files.readString(directory.resolve("jlink")))
                .isZero();
        return jre;
    }

    private Process start(Path jre, DevCluster cluster, String namespace) throws IOException {
        List<String> command = new ArrayList<>();
        new ObjectMapper()
                .readTree(found(ENTRYPOINT).replace("\\\n", ""))
                .forEach(argument -> command.add(argument.asText()));
        command.replaceAll(argument -> switch (argument) {
            case "/opt/java/bin/java" -> jre.resolve("bin/java").toString();
            case "/opt/clew/*:/opt/clew/lib/*" -> System.getProperty("java.class.path");
            default -> argument;
        });
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile());
        builder.environment().put("KUBECONFIG", cluster.kubeconfig().toString());
        builder.environment().put("CLEW_NAMESPACES", namespace);
        builder.environment().put("CLEW_PORT", "0");
        return builder.start();
    }

    private String log() throws IOException {
        return Files.readString(directory.resolve("log"));
    }

    private static String found(Pattern pattern) throws IOException {
        Matcher matcher = pattern.matcher(Files.readString(DOCKERFILE));
        assertThat(matcher.find()).as("%s in %s", pattern, DOCKERFILE).isTrue();
        return matcher.group(1);
    }
}
