package dev.clew.operator.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the API server's audit log says that the operator asked for. */
final class Audit {
    private static final Set<String> WRITES = Set.of("create", "update", "patch", "delete", "deletecollection");

    private Audit() {}

    /** The operator's writes in a namespace, refused ones too, by verb and resource. */
    static Map<String, Integer> writes(Path log, String namespace) {
        var mapper = new ObjectMapper();
        Map<String, Integer> counts = new TreeMap<>();
        try (Stream<String> lines = Files.lines(log)) {
            lines.filter(line -> line.contains(namespace)).forEach(line -> {
                JsonNode event = tree(mapper, line);
                JsonNode object = event.path("objectRef");
                if (namespace.equals(object.path("namespace").asText())
                        && event.path("userAgent").asText().startsWith("clew-operator")
                        && WRITES.contains(event.path("verb").asText())) {
                    String sub = object.path("subresource").asText();
                    String what = event.path("verb").asText() + " "
                            + object.path("resource").asText() + (sub.isEmpty() ? "" : "/" + sub);
                    counts.merge(what, 1, Integer::sum);
                }
            });
            return counts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode tree(ObjectMapper mapper, String line) {
        try {
            return mapper.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
