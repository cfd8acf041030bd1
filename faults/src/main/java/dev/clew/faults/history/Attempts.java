package dev.clew.faults.history;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Attempts as a status records them. */
public final class Attempts {
    private static final Set<String> OPEN = Set.of("Claimed", "Running");

    private Attempts() {}

    /** An attempt in a status. */
    public record Recorded(String step, boolean compensation, int number, String state, String pod) {
        /** "charge 1" or "undo charge 1". */
        public String what() {
            return (compensation ? "undo " : "") + step + " " + number;
        }

        public boolean over() {
            return !OPEN.contains(state);
        }
    }

    /** All attempts in a status. */
    public static List<Recorded> in(JsonNode status) {
        List<Recorded> attempts = new ArrayList<>();
        for (JsonNode step : status.path("steps")) {
            String name = step.path("name").asText();
            step.path("attempts").forEach(attempt -> attempts.add(recorded(name, false, attempt)));
            step.path("compensation").path("attempts").forEach(attempt -> attempts.add(recorded(name, true, attempt)));
        }
        return attempts;
    }

    private static Recorded recorded(String step, boolean compensation, JsonNode attempt) {
        return new Recorded(
                step,
                compensation,
                attempt.path("number").asInt(),
                attempt.path("state").asText(),
                attempt.path("pod").path("name").asText());
    }
}
