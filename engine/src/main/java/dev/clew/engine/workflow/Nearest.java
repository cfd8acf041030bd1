package dev.clew.engine.workflow;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds the name that was probably meant. */
public final class Nearest {
    private static final int MOST_NAMES = 10;

    private Nearest() {}

    /** " (did you mean X?)" for a name close to a misspelt one, else nothing. */
    public static String hint(String misspelt, Collection<String> known) {
        return find(misspelt, known)
                .map(name -> " (did you mean " + name + "?)")
                .orElse("");
    }

    /** The name that was probably meant, else those that there are. */
    public static String remedy(String unknown, Collection<String> known) {
        String hint = hint(unknown, known);
        if (!hint.isEmpty()) {
            return hint;
        }
        String some = known.stream().limit(MOST_NAMES).collect(Collectors.joining(", "));
        return known.isEmpty()
                ? ": none is declared"
                : ": it must be one of " + some + (known.size() > MOST_NAMES ? ", …" : "");
    }

    private static Optional<String> find(String misspelt, Collection<String> known) {
        int most = Math.max(1, misspelt.length() / 3);
        return known.stream()
                .filter(name -> distance(misspelt, name) <= most)
                .min(Comparator.comparingInt(name -> distance(misspelt, name)));
    }

    /** Levenshtein distance, without regard to case. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                boolean same = Character.toLowerCase(from.charAt(i - 1)) == Character.toLowerCase(to.charAt(j - 1));
                int replaced = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }
}
