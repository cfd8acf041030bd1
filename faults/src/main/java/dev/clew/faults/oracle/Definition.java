package dev.clew.faults.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.clew.faults.history.History;
import dev.clew.faults.history.Version;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a run works on, as its user has declared it. Conditions under which a step is skipped or not undone it does not know: no run of
 * the bench has any.
 *
 * @param before of each step, those that are done before it begins
 * @param undoable the steps that have a compensation
 * @param mostSteps how many may run at a time
 * @param mostCompensations how many may run at a time
 */
record Definition(Map<String, Set<String>> before, Set<String> undoable, int mostSteps, int mostCompensations) {
    static Definition of(History history) {
        if (history.runs().findAny().isEmpty()) {
            return new Definition(Map.of(), Set.of(), 0, 0);
        }
        JsonNode spec = spec(history);
        List<JsonNode> steps = Version.elements(spec.path("steps")).toList();
        boolean graph = isGraph(spec);
        Map<String, Set<String>> direct = new HashMap<>();
        for (int i = 0; i < steps.size(); i++) {
            Set<String> before = new HashSet<>();
            if (graph) {
                steps.get(i).path("dependsOn").forEach(step -> before.add(step.asText()));
            } else if (i > 0) {
                before.add(name(steps.get(i - 1)));
            }
            direct.put(name(steps.get(i)), before);
        }
        int most = spec.path("maxParallelSteps").asInt(Integer.MAX_VALUE);
        return new Definition(
                direct.keySet().stream().collect(Collectors.toMap(step -> step, step -> all(step, direct))),
                steps.stream()
                        .filter(step -> step.has("compensation"))
                        .map(Definition::name)
                        .collect(Collectors.toSet()),
                graph ? most : 1,
                isGraph(spec.path("compensation")) ? most : 1);
    }

    private static JsonNode spec(History history) {
        return history.versions().stream()
                .filter(version -> version.resource().startsWith("workflow"))
                .map(version -> version.object().path("spec"))
                .map(spec -> spec.path("workflow").isMissingNode() ? spec : spec.path("workflow"))
                .filter(spec -> spec.has("steps"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no definition in the history"));
    }

    private static boolean isGraph(JsonNode of) {
        return of.path("order").asText().equals("Graph");
    }

    private static String name(JsonNode step) {
        return step.path("name").asText();
    }

    private static Set<String> all(String step, Map<String, Set<String>> direct) {
        Set<String> all = new HashSet<>();
        for (String before : direct.getOrDefault(step, Set.of())) {
            all.add(before);
            all.addAll(all(before, direct));
        }
        return all;
    }

    /** Those that are done before a step begins. */
    Set<String> before(String step) {
        return before.getOrDefault(step, Set.of());
    }
}
