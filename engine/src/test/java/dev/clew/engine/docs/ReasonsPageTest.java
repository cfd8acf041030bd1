package dev.clew.engine.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.Reasons;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ReasonsPageTest {
    private static final Path SOURCE = Path.of("../crds/src/main/java/dev/clew/api/run/Reasons.java");
    private static final Pattern CONSTANT = Pattern.compile(
            "/\\*\\*((?:(?!\\*/).)*)\\*/\\s*public static final String [A-Z_]+ = \"([A-Za-z]+)\";", Pattern.DOTALL);

    @Test
    void the_reasons_on_the_page_are_those_of_the_code() throws IOException {
        var reasons = new TreeMap<String, String>();
        CONSTANT.matcher(Files.readString(SOURCE))
                .results()
                .forEach(found -> reasons.put(found.group(2), description(found)));
        assertThat(reasons).as("all of them have been found in the source").hasSize((int)
                Arrays.stream(Reasons.class.getFields())
                        .filter(field -> Modifier.isStatic(field.getModifiers()))
                        .count());
        Page.STATUS.holds(
                "reasons",
                reasons.entrySet().stream()
                        .map(reason -> "| [`" + reason.getKey() + "`](troubleshooting.md#"
                                + reason.getKey().toLowerCase(java.util.Locale.ROOT) + ") | " + reason.getValue()
                                + " |\n")
                        .collect(Collectors.joining("", "| reason | |\n|---|---|\n", "")));
    }

    private static String description(MatchResult found) {
        return found.group(1)
                .replaceAll("\\s*\\n\\s*\\* ?", " ")
                .replaceAll("\\{@code ([^}]*)}", "`$1`")
                .strip();
    }
}
