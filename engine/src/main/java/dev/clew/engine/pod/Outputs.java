package dev.clew.engine.pod;

import dev.clew.api.run.Output;
import dev.clew.api.run.Reasons;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a step wrote to {@code $CLEW_OUTPUT}: lines {@code name=value} in the termination message.
 *
 * @param values the declared ones, the last of each name; also from a failed attempt, for its compensation may need them
 * @param problem why a step that otherwise succeeded fails for its outputs
 */
public record Outputs(List<Output> values, Optional<Problem> problem) {
    /** What status can hold; no kubelet lets more through, but who may patch a pod's status can. */
    private static final int LONGEST_VALUE = 4096;

    private static final char REPLACEMENT = '\uFFFD';

    /** What is wrong with outputs. */
    public record Problem(String reason, String message) {}

    /**
     * Reads a termination message.
     *
     * @param declared names that the step declares
     * @param containers number of containers of the pod, init containers included
     */
    public static Outputs of(@Nullable String message, List<String> declared, int containers) {
        if (declared.isEmpty()) {
            return new Outputs(List.of(), Optional.empty());
        }
        String text = message == null ? "" : message;
        int room = Math.min(4096, 12288 / Math.max(1, containers));
        // the kubelet keeps the last 4096 bytes, and of these the first 12288 / containers: nothing says that it did
        boolean cut = text.getBytes(StandardCharsets.UTF_8).length >= room;
        List<String> lines = Arrays.asList(text.split("\n", -1));
        Map<String, String> written = read(cut ? whole(lines) : lines, declared);
        List<Output> values = written.entrySet().stream()
                .filter(entry -> entry.getValue().indexOf(REPLACEMENT) < 0
                        && entry.getValue().length() <= LONGEST_VALUE)
                .map(entry -> new Output(entry.getKey(), entry.getValue()))
                .toList();
        return new Outputs(values, problem(cut, room, written, declared));
    }

    /** Without the first and the last line, which may have been cut. */
    private static List<String> whole(List<String> lines) {
        return lines.size() <= 2 ? List.of() : lines.subList(1, lines.size() - 1);
    }

    private static Map<String, String> read(List<String> lines, List<String> declared) {
        Map<String, String> written = new LinkedHashMap<>();
        for (String line : lines) {
            int equals = line.indexOf('=');
            if (equals > 0 && declared.contains(line.substring(0, equals))) {
                written.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        return written;
    }

    private static Optional<Problem> problem(
            boolean cut, int room, Map<String, String> written, List<String> declared) {
        if (cut) {
            return Optional.of(new Problem(
                    Reasons.OUTPUT_TOO_LONG,
                    "wrote " + room + " bytes or more to $CLEW_OUTPUT, which the kubelet may have cut: at most "
                            + (room - 1) + " are safe in this pod"));
        }
        List<String> invalid = written.entrySet().stream()
                .filter(entry -> entry.getValue().indexOf(REPLACEMENT) >= 0)
                .map(Map.Entry::getKey)
                .toList();
        if (!invalid.isEmpty()) {
            return Optional.of(new Problem(
                    Reasons.OUTPUT_INVALID, "wrote outputs that are not UTF-8: " + String.join(", ", invalid)));
        }
        List<String> missing = new ArrayList<>(declared);
        missing.removeAll(written.keySet());
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reasons.OUTPUT_MISSING,
                        "did not write the declared outputs " + String.join(", ", missing)
                                + ": append lines name=value to the file $CLEW_OUTPUT"));
    }

    /** Older values with these laid over them; the last value of a name wins. */
    public List<Output> over(List<Output> older) {
        if (values.isEmpty()) {
            return older;
        }
        Map<String, Output> merged = new LinkedHashMap<>();
        older.forEach(output -> merged.put(output.name(), output));
        values.forEach(output -> merged.put(output.name(), output));
        return List.copyOf(merged.values());
    }
}
