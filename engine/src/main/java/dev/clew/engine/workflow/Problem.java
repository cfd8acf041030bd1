package dev.clew.engine.workflow;

import java.util.List;
import java.util.stream.Collectors;

/**
 * One thing that is wrong with what a user wrote.
 *
 * @param path where, as {@code spec.steps[2].dependsOn[0]}
 * @param message what is wrong and what would be right
 */
public record Problem(String path, String message) {
    /** Most characters of all problems together; a condition's message may have 32768. */
    private static final int MOST = 16_000;

    @Override
    public String toString() {
        return path + ": " + message;
    }

    /** All of them in one text, cut with a count of the rest where there are too many to show. */
    public static String join(List<Problem> problems) {
        String all = problems.stream().map(Problem::toString).collect(Collectors.joining("; "));
        return all.length() <= MOST ? all : all.substring(0, MOST) + "… (" + problems.size() + " problems in all)";
    }
}
