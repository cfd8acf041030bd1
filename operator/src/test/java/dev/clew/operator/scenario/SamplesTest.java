package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/**
 * Every sample is a test: the API server takes it, and each of its runs ends as its annotation says. All samples run beside each
 * other in one namespace, as they may when a newcomer applies the whole folder.
 */
@WithClew
class SamplesTest {
    private static final Path SAMPLES = Path.of("../samples");
    private static final String EXPECT = "samples.clew.dev/expect";
    private static final String PATCH_AT = "samples.clew.dev/patch-at";
    private static final String PATCH = "samples.clew.dev/patch";
    private static final String DELETE_AT = "samples.clew.dev/delete-at";

    /** What must be in the world of a sample once its runs have ended: files and what is in them, where that is told. */
    private static final Map<String, World> WORLDS = Map.of(
            "drone-delivery", world -> assertThat(world.keySet()).containsExactly("delivery-1", "drone-1", "package-1"),
            "migration",
                    world -> assertThat(world)
                            .containsExactlyInAnyOrderEntriesOf(Map.of(
                                    "customers-1", "1;Ada Lovelace;Ada\n2;Alan Turing;Alan\n3;Grace Hopper;Grace\n",
                                    "customers-1.backup", "1;Ada Lovelace\n2;Alan Turing\n3;Grace Hopper\n",
                                    "customers-1.schema", "v2\n",
                                    "customers-2", "1;Ada Lovelace\n2;Alan Turing\n3;Grace Hopper\n",
                                    "customers-2.schema", "v1\n")),
            "idempotence", world -> assertThat(world.values()).containsExactly("10 EUR\n"),
            "deletion", world -> assertThat(world).isEmpty());

    private interface World {
        void check(Map<String, String> world);
    }

    @TestFactory
    Stream<DynamicTest> everySampleEndsAsItSays(Scenario scenario) throws IOException {
        List<Path> files;
        try (var found = Files.list(SAMPLES)) {
            files = found.filter(path -> path.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
        assertThat(files).hasSizeGreaterThan(10);
        return files.stream()
                .map(file -> DynamicTest.dynamicTest(name(file), started(file, () -> check(file, scenario))))
                .toList()
                .stream();
    }

    private interface Check {
        void run() throws Exception;
    }

    /** Begins at once, so that the samples run beside each other; its test is to wait for the end. */
    private static Executable started(Path file, Check check) {
        FutureTask<Void> task = new FutureTask<>(() -> {
            check.run();
            return null;
        });
        Thread.ofVirtual().start(task);
        return () -> {
            try {
                task.get();
            } catch (ExecutionException e) {
                throw new AssertionError(file + ": " + e.getCause(), e);
            }
        };
    }

    private static void check(Path file, Scenario scenario) throws Exception {
        Path world = scenario.cluster().stateDirectory().resolve("worlds").resolve(name(file));
        String original = Files.readString(file);
        String yaml = original.replace("/tmp/clew-" + name(file), world.toString());
        assertThat(original).startsWith("# ").contains("kubectl apply -f samples/" + name(file) + ".yaml\n");

        List<WorkflowRun> runs = Examples.of(yaml, scenario).runs();
        assertThat(runs).isNotEmpty();
        scenario.apply(yaml);
        for (WorkflowRun run : runs) {
            awaitEnd(run, scenario);
        }
        if (WORLDS.containsKey(name(file))) {
            Objects.requireNonNull(WORLDS.get(name(file))).check(read(world));
        }
    }

    private static void awaitEnd(WorkflowRun sample, Scenario scenario) throws Exception {
        String name = sample.getMetadata().getName();
        Map<String, String> annotations = sample.getMetadata().getAnnotations();
        assertThat(annotations).as(name + " says how it ends").containsKey(EXPECT);
        RunPhase expected = RunPhase.valueOf(annotations.get(EXPECT));
        if (annotations.containsKey(PATCH_AT)) {
            String at = annotations.get(PATCH_AT);
            scenario.await(
                    name,
                    found -> found.getStatus() != null
                            && (at.equals(found.getStatus().current())
                                    || at.equals(String.valueOf(Scenario.phase(found)))));
            scenario.resource(name).patch(PatchContext.of(PatchType.JSON_MERGE), annotations.get(PATCH));
        }
        if (annotations.containsKey(DELETE_AT)) {
            scenario.await(
                    name,
                    found -> found.getStatus() != null
                            && annotations
                                    .get(DELETE_AT)
                                    .equals(found.getStatus().current()));
            try (History history = History.of(name, scenario)) {
                scenario.resource(name).delete();
                assertThat(Scenario.phase(history.awaitDeleted())).as(name).isEqualTo(expected);
            }
        } else if (expected.isEnd()) {
            scenario.awaitEnd(name, expected);
        } else {
            scenario.await(name, found -> Scenario.phase(found) == expected);
        }
        Awaitility.await("the pods of " + name + " keep no finalizer")
                .atMost(Duration.ofSeconds(150))
                .until(() -> scenario.pods(name).stream()
                        .allMatch(pod -> pod.getMetadata().getFinalizers().isEmpty()));
    }

    private static Map<String, String> read(Path directory) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (var found = Files.list(directory)) {
            found.forEach(file -> files.put(Objects.toString(file.getFileName()), content(file)));
        }
        return files;
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Path file) {
        return Objects.toString(file.getFileName()).replace(".yaml", "");
    }
}
