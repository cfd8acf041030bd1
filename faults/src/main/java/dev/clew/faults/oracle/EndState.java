package dev.clew.faults.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What a run came to, without what differs from one run to the next: times, names, UIDs. */
public final class EndState {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private EndState() {}

    /** Of a status. */
    public static JsonNode of(JsonNode status) {
        ObjectNode end = MAPPER.createObjectNode();
        copy(status, end, "phase", "progress", "undone");
        end.put("intent", status.path("intent").path("state").asText());
        for (JsonNode step : status.path("steps")) {
            ObjectNode to = end.withObject("/steps").putObject(step.path("name").asText());
            copy(step, to, "phase", "outputs");
            to.put("attempts", attempts(step));
            JsonNode compensation = step.path("compensation");
            if (!compensation.isMissingNode()) {
                copy(compensation, to.putObject("compensation"), "phase");
                to.put("undoing", attempts(compensation));
            }
        }
        copy(status.path("compensation"), end.putObject("compensation"), "phase", "reason", "plan");
        for (JsonNode condition : status.path("conditions")) {
            end.withObject("/conditions")
                    .put(
                            condition.path("type").asText(),
                            condition.path("status").asText() + "/"
                                    + condition.path("reason").asText());
        }
        return end;
    }

    private static void copy(JsonNode from, ObjectNode to, String... fields) {
        for (String field : fields) {
            if (from.has(field)) {
                to.set(field, from.get(field));
            }
        }
    }

    private static String attempts(JsonNode of) {
        var text = new StringBuilder();
        for (JsonNode attempt : of.path("attempts")) {
            text.append(attempt.path("number").asInt())
                    .append(' ')
                    .append(attempt.path("state").asText())
                    .append(' ')
                    .append(attempt.path("reason").asText())
                    .append(' ')
                    .append(attempt.path("pod").path("exitCode").asText())
                    .append("; ");
        }
        return text.toString();
    }

    /** Where an end differs from the undisturbed one. */
    public static List<Violation> differences(JsonNode undisturbed, JsonNode end) {
        return undisturbed.equals(end)
                ? List.of()
                : List.of(new Violation("end", "undisturbed: " + undisturbed + "\n    but it is: " + end));
    }
}
