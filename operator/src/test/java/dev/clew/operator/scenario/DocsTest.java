package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.Reasons;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the pages say is so: their links lead somewhere, and their examples can be applied. */
@WithClew
class DocsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*]\\(([^)\\s]+)\\)");
    private static final Pattern YAML = Pattern.compile("(?ms)^```yaml\\n(.*?)^```");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.*)$");

    static Stream<Path> pages() throws IOException {
        try (var found = Files.find(
                ROOT, 4, (path, attributes) -> path.toString().endsWith(".md") && attributes.isRegularFile())) {
            List<Path> pages = found.map(ROOT::relativize)
                    .filter(path -> !path.toString().contains("target/")
                            && !path.toString().startsWith("."))
                    .sorted()
                    .toList();
            assertThat(pages).hasSizeGreaterThan(10).contains(Path.of("README.md"));
            return pages.stream();
        }
    }

    private static String text(Path page) {
        try {
            return Files.readString(ROOT.resolve(page));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyLinkLeadsSomewhere(Path page) {
        List<String> broken = new ArrayList<>();
        Matcher links = LINK.matcher(text(page));
        while (links.find()) {
            String link = links.group(1);
            if (!link.startsWith("https://")) {
                String[] parts = link.split("#", 2);
                Path target = parts[0].isEmpty()
                        ? page
                        : Objects.requireNonNullElse(page.getParent(), Path.of(""))
                                .resolve(parts[0])
                                .normalize();
                boolean there = Files.exists(ROOT.resolve(target));
                if (!there || (parts.length > 1 && !anchors(target).contains(parts[1]))) {
                    broken.add(link);
                }
            }
        }
        assertThat(broken).as("broken links in " + page).isEmpty();
    }

    private static List<String> anchors(Path page) {
        return HEADING.matcher(text(page))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w -]", "")
                        .replace(' ', '-'))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyExampleCanBeApplied(Path page, Scenario scenario) throws Exception {
        Matcher blocks = YAML.matcher(text(page));
        while (blocks.find()) {
            String yaml = blocks.group(1);
            assertThat(yaml).as("an example in " + page + " is whole").contains("apiVersion: clew.dev/v1alpha1");
            Examples.of(yaml, scenario);
        }
    }

    @Test
    void everyReasonThatAStatusCanShowHasAnEntryInTroubleshooting() {
        List<String> headings = HEADING.matcher(text(Path.of("docs/troubleshooting.md")))
                .results()
                .map(heading -> heading.group(1))
                .toList();
        List<String> reasons = Arrays.stream(Reasons.class.getFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()))
                .map(DocsTest::value)
                .toList();
        assertThat(reasons).hasSizeGreaterThan(20);
        assertThat(headings).containsAll(reasons);
    }

    private static String value(Field field) {
        try {
            return (String) field.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theArchitecturePageNamesTheFoldersThatThereAre() {
        String page = text(Path.of("docs/architecture.md"));
        Matcher folders = Pattern.compile("\"(\\w+)/ ").matcher(page);
        List<String> named = folders.results().map(folder -> folder.group(1)).toList();
        assertThat(named).hasSizeGreaterThan(5).allMatch(folder -> Files.isDirectory(ROOT.resolve(folder)));
        assertThat(Stream.of("graph", "workflow", "pod", "run", "protocol"))
                .allMatch(name -> page.contains("`" + name + "`")
                        && Files.isDirectory(ROOT.resolve("engine/src/main/java/dev/clew/engine/" + name)));
    }
}
