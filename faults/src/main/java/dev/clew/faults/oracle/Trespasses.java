package dev.clew.faults.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.clew.faults.history.Version;
import dev.clew.faults.proxy.Sent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What is not Clew's. */
final class Trespasses {
    private static final Set<String> WRITABLE =
            Set.of("pods", "workflowruns", "workflows", "events", "controllerrevisions", "leases");

    private Trespasses() {}

    static List<String> nothingOfTheUsersIsWritten(Judged judged) {
        List<String> found = new ArrayList<>();
        Map<String, List<Version>> objects = judged.history().versions().stream()
                .filter(version -> version.resource().startsWith("workflow"))
                .collect(Collectors.groupingBy(Version::uid));
        for (List<Version> versions : objects.values()) {
            String before = "Running";
            for (Version version : versions) {
                if (!users(version).equals(users(versions.getFirst()))) {
                    found.add("the spec, labels or annotations of " + version.name() + " were changed");
                }
                String desired =
                        version.object().path("spec").path("desiredState").asText("Running");
                if (!desired.equals(before) && !judged.desired().contains(desired)) {
                    found.add("desiredState of " + version.name() + " became " + desired);
                }
                before = desired;
            }
        }
        for (Sent write : judged.history().sent()) {
            if (write.target().resource().equals("workflowruns")) {
                if (!write.method().equals("PATCH")) {
                    found.add("the operator sent " + write.method() + " of a run");
                }
                paths(write)
                        .filter(path -> !path.equals("/metadata/resourceVersion")
                                && !path.startsWith("/metadata/finalizers")
                                && !path.startsWith("/status/"))
                        .forEach(path -> found.add("the operator wrote " + path + " of a run"));
            }
        }
        return found;
    }

    private static java.util.stream.Stream<String> paths(Sent write) {
        return write.method().equals("PATCH")
                ? Version.elements(write.body())
                        .map(operation -> operation.path("path").asText())
                : java.util.stream.Stream.empty();
    }

    /** What only people write of an object: its spec but for what the bench sets, its labels and annotations. */
    private static List<JsonNode> users(Version version) {
        JsonNode spec = version.object().path("spec").deepCopy();
        if (spec instanceof ObjectNode object) {
            object.remove("desiredState");
        }
        return List.of(
                spec, version.metadata().path("labels"), version.metadata().path("annotations"));
    }

    static List<String> nothingForeignIsTouched(Judged judged) {
        List<String> found = new ArrayList<>();
        for (Version version : judged.history().versions()) {
            boolean isForeign = judged.foreign().contains(version.resource() + "/" + version.name());
            if (isForeign && (version.deleted() || version.metadata().has("deletionTimestamp"))) {
                found.add("the foreign " + version.name() + " was deleted");
            }
        }
        Set<String> own = judged.history().pods().values().stream()
                .map(versions -> versions.getFirst().name())
                .collect(Collectors.toSet());
        Set<String> namespaces =
                judged.history().versions().stream().map(Version::namespace).collect(Collectors.toSet());
        for (Sent write : judged.history().sent()) {
            String target = write.target().resource() + "/" + write.target().name();
            boolean unknownPod = write.target().resource().equals("pods")
                    && !write.target().name().isEmpty()
                    && !own.contains(write.target().name());
            if (judged.foreign().contains(target)
                    || unknownPod
                    || !namespaces.contains(write.target().namespace())
                    || !WRITABLE.contains(write.target().resource())) {
                found.add("the operator sent " + write.method() + " " + target);
            }
        }
        return found;
    }
}
