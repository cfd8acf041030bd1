package dev.clew.faults.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What came of many plans: a line, a table by fault class, and all of it as JSON. */
public record Report(List<Outcome> outcomes) {
    public Report {
        outcomes = List.copyOf(outcomes);
    }

    /** {@code N plans, M violations}. */
    public String summary() {
        long violations = outcomes.stream()
                .mapToLong(outcome -> outcome.violations().size())
                .sum();
        return outcomes.size() + " plans, " + violations + " violations";
    }

    private Map<String, List<Outcome>> byClass() {
        Map<String, List<Outcome>> classes = new LinkedHashMap<>();
        outcomes.forEach(outcome -> classes.computeIfAbsent(outcome.plan().faultClass(), key -> new ArrayList<>())
                .add(outcome));
        return classes;
    }

    /** A line for each fault class. */
    public String table() {
        var text = new StringBuilder(
                "%-46s %6s %10s %12s %12s%n".formatted("fault class", "plans", "violations", "mean ms", "recovery ms"));
        byClass()
                .forEach((fault, of) -> text.append("%-46s %6d %10d %12.0f %12s%n"
                        .formatted(
                                fault,
                                of.size(),
                                of.stream()
                                        .mapToInt(
                                                outcome -> outcome.violations().size())
                                        .sum(),
                                of.stream().mapToLong(Outcome::millis).average().orElse(0),
                                recovery(of))));
        return text.toString();
    }

    private static String recovery(List<Outcome> of) {
        long most = of.stream().mapToLong(Outcome::recoveryMillis).max().orElse(-1);
        return most < 0 ? "" : Long.toString(most);
    }

    /** Writes it as JSON: the matrix of what is disturbed and how, with the outcome in every cell. */
    public void write(Path file) {
        var mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode();
        root.put("plans", outcomes.size());
        root.put(
                "violations",
                outcomes.stream()
                        .mapToInt(outcome -> outcome.violations().size())
                        .sum());
        for (Outcome outcome : outcomes) {
            ObjectNode cell = root.withObject("/matrix")
                    .withObjectProperty(outcome.plan().flow().label())
                    .withObjectProperty(outcome.plan().where())
                    .putObject(outcome.plan().faultClass());
            cell.put("millis", outcome.millis());
            if (outcome.recoveryMillis() >= 0) {
                cell.put("recoveryMillis", outcome.recoveryMillis());
            }
            cell.set("violations", mapper.valueToTree(outcome.violations()));
        }
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            mapper.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
