package dev.clew.engine.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.clew.api.run.WorkflowRunSpec;
import dev.clew.engine.run.RunView;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Types the lines that a message gives, as a person would, into a simulated cluster. */
final class Kubectl {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern LINE =
            Pattern.compile("kubectl patch workflowrun (\\S+) -n (\\S+) --type=(json|merge) -p '([^']*)'");

    private Kubectl() {}

    /** The lines in a text. */
    static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        for (Matcher line = LINE.matcher(text); line.find(); ) {
            lines.add(line.group());
        }
        return List.copyOf(lines);
    }

    /** The spec that a run has once a line was typed. */
    static WorkflowRunSpec type(String text, RunView run) {
        Matcher line = LINE.matcher(text);
        if (!line.matches()) {
            throw new AssertionError("nothing to type: " + text);
        }
        if (!line.group(1).equals(run.name()) || !line.group(2).equals(run.namespace())) {
            throw new AssertionError("speaks of another run: " + text);
        }
        try {
            ObjectNode spec = JSON.valueToTree(run.spec());
            JsonNode patch = JSON.readTree(line.group(4));
            if (line.group(3).equals("merge")) {
                spec.setAll((ObjectNode) patch.get("spec"));
            } else {
                patch.forEach(operation -> add(spec, operation));
            }
            return JSON.treeToValue(spec, WorkflowRunSpec.class);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static void add(ObjectNode spec, JsonNode operation) {
        String path = operation.get("path").asText();
        JsonNode value = operation.get("value");
        if (!operation.get("op").asText().equals("add") || !path.startsWith("/spec/interventions")) {
            throw new AssertionError(operation);
        }
        if (path.equals("/spec/interventions")) {
            spec.set("interventions", value);
        } else {
            ((ArrayNode) spec.get("interventions")).add(value);
        }
    }
}
