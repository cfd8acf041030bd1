package dev.clew.engine.recorded;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.clew.engine.pod.PodFacts;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The history of a real pod as a watch delivered it, and what containerd really did meanwhile: the truth that no operator
 * has.
 *
 * @param started whether the process of {@code main} ever started
 * @param end seconds at which it ended for good; empty if it never started
 */
record Recording(String name, boolean started, Optional<Double> end, List<Version> versions) {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** The pod as it was at a time, in seconds after the first version. */
    record Version(String event, double at, Pod pod) {
        boolean deleted() {
            return event.equals("DELETED");
        }

        PodFacts facts() {
            return PodFacts.of(pod);
        }
    }

    static Recording of(String name) {
        JsonNode root = read(name);
        List<Version> versions = new ArrayList<>();
        for (JsonNode version : root.get("versions")) {
            Pod pod = MAPPER.convertValue(version.get("pod"), Pod.class);
            versions.add(
                    new Version(version.get("event").asText(), version.get("at").asDouble(), asAttempt(pod)));
        }
        boolean started =
                root.get("containerStarted").asText().toLowerCase(Locale.ROOT).startsWith("yes");
        return new Recording(name, started, end(root.get("timeline")), List.copyOf(versions));
    }

    private static Optional<Double> end(JsonNode timeline) {
        Optional<Double> end = Optional.empty();
        for (JsonNode entry : timeline) {
            if (entry.get("what").asText().startsWith("runtime: container main exited")) {
                end = Optional.of(entry.get("at").asDouble());
            }
        }
        return end;
    }

    /** The pods were not made by Clew: what makes one an attempt is put on them here. */
    private static Pod asAttempt(Pod pod) {
        return new PodBuilder(pod)
                .editMetadata()
                .withName(OneStepRun.POD)
                .addToAnnotations("clew.dev/attempt", OneStepRun.ATTEMPT.annotation())
                .addNewOwnerReference()
                .withController(true)
                .withUid(OneStepRun.ATTEMPT.runUid())
                .endOwnerReference()
                .endMetadata()
                .build();
    }

    private static JsonNode read(String name) {
        try (InputStream in = Recording.class.getResourceAsStream("/pods/" + name + ".json")) {
            return MAPPER.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Instant begin() {
        return Instant.parse(versions.getFirst().pod().getMetadata().getCreationTimestamp());
    }

    Instant time(Version version) {
        return begin().plus(Duration.ofMillis(Math.round(version.at() * 1000)));
    }

    /** Whether the process of {@code main} may run, or may still start, at the time of a version. */
    boolean mayRunAt(Version version) {
        return end.filter(ended -> version.at() < ended).isPresent();
    }

    @Override
    public String toString() {
        return name;
    }

    static Stream<Recording> all() {
        return Names.ALL.stream().map(Recording::of);
    }

    /** The files of the folder; a class path cannot be listed everywhere, a folder of sources can. */
    private static final class Names {
        static final List<String> ALL = list();

        private static List<String> list() {
            try (Stream<java.nio.file.Path> files =
                    java.nio.file.Files.list(java.nio.file.Path.of("src/test/resources/pods"))) {
                return files.map(file -> file.getFileName().toString())
                        .filter(file -> file.endsWith(".json"))
                        .map(file -> file.substring(0, file.length() - ".json".length()))
                        .sorted()
                        .toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
