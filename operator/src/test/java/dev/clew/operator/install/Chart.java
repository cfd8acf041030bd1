package dev.clew.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.clew.devcluster.binaries.Helm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The chart as Helm sees it. */
final class Chart {
    static final Path DIRECTORY = Path.of("../helm/clew");

    private static final Logger LOG = LoggerFactory.getLogger(Chart.class);

    private Chart() {}

    /** How a command ended, and what it printed. */
    record Said(int code, String text) {}

    static Said helm(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Helm.provide(LOG::info).toString()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(process.waitFor(), text);
    }

    /** Renders a release {@code clew}; each setting as for {@code --set}. */
    static Said template(String namespace, List<String> settings) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("template", "clew", DIRECTORY.toString(), "-n", namespace));
        settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
        return helm(arguments);
    }

    /** The objects that it renders. */
    static List<JsonNode> objects(String namespace, List<String> settings) throws IOException, InterruptedException {
        Said said = template(namespace, settings);
        assertThat(said.code()).as(said.text()).isZero();
        return documents(said.text());
    }

    static List<JsonNode> documents(String yaml) throws IOException {
        try (var values = new YAMLMapper().readerFor(JsonNode.class).<JsonNode>readValues(yaml)) {
            return values.readAll().stream()
                    .filter(document -> !document.isNull() && !document.isMissingNode())
                    .toList();
        }
    }

    static List<JsonNode> ofKind(List<JsonNode> objects, String kind) {
        return objects.stream()
                .filter(object -> kind.equals(object.path("kind").asText()))
                .toList();
    }

    static JsonNode theOnly(List<JsonNode> objects, String kind) {
        List<JsonNode> found = ofKind(objects, kind);
        assertThat(found).as(kind).hasSize(1);
        return found.getFirst();
    }

    /** The container of the operator. */
    static JsonNode container(List<JsonNode> objects) {
        return theOnly(objects, "Deployment").at("/spec/template/spec/containers/0");
    }

    /** What the Deployment tells the operator. */
    static Map<String, String> environment(List<JsonNode> objects) {
        Map<String, String> environment = new HashMap<>();
        container(objects)
                .path("env")
                .forEach(variable -> environment.put(
                        variable.path("name").asText(), variable.path("value").asText()));
        return environment;
    }
}
