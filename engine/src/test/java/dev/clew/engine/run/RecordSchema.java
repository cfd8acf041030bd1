package dev.clew.engine.run;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The schema of a run's status, as the CRD has it. */
final class RecordSchema {
    private static final JsonNode SCHEMA = schema();

    private RecordSchema() {}

    private static JsonNode schema() {
        try {
            return new YAMLMapper()
                    .readTree(Files.readString(Path.of("../crds/workflowruns.clew.dev.yaml")))
                    .at("/spec/versions/0/schema/openAPIV3Schema/properties/status");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The API server takes nothing else; a number out of bounds and a text that is too long it takes here. */
    static boolean allows(JsonNode record) {
        return allows(SCHEMA, record);
    }

    private static boolean allows(JsonNode schema, JsonNode node) {
        boolean fits = switch (schema.path("type").asText()) {
            case "object" ->
                node.isObject()
                        && items(schema.path("required")).allMatch(name -> node.hasNonNull(name.asText()))
                        && node.properties().stream()
                                .allMatch(field -> field.getValue().isNull()
                                        || allows(schema.path("properties").path(field.getKey()), field.getValue()));
            case "array" -> node.isArray() && items(node).allMatch(item -> allows(schema.path("items"), item));
            case "integer" -> node.isIntegralNumber();
            case "boolean" -> node.isBoolean();
            default -> node.isTextual() && (!schema.has("format") || isTime(node.asText()));
        };
        return fits && (!schema.has("enum") || items(schema.path("enum")).anyMatch(node::equals));
    }

    private static Stream<JsonNode> items(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static boolean isTime(String text) {
        try {
            return Instant.parse(text).isAfter(Instant.MIN);
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    /** Places that a newer version may extend: an object may have more fields, an enum more values. */
    static Set<String> extensible() {
        return places(
                place -> place.schema().has("properties") || place.schema().has("enum"));
    }

    /** Places of fields that an older version may not have known. */
    static Set<String> optional() {
        return places(Place::optional);
    }

    private static Set<String> places(Predicate<Place> which) {
        return places(new Place("", SCHEMA, false))
                .filter(which)
                .map(Place::path)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private record Place(String path, JsonNode schema, boolean optional) {
        Place field(String name, JsonNode field) {
            return new Place(
                    path + "/" + name,
                    field,
                    items(schema.path("required"))
                            .noneMatch(required -> required.asText().equals(name)));
        }
    }

    private static Stream<Place> places(Place place) {
        JsonNode schema = place.schema();
        Stream<Place> below = schema.has("items")
                ? places(new Place(place.path() + "/*", schema.path("items"), false))
                : schema.path("properties").properties().stream()
                        .flatMap(field -> places(place.field(field.getKey(), field.getValue())));
        return Stream.concat(Stream.of(place), below);
    }

    /** All that is in a record, by its place: its pointer with a star for each index. */
    static Map<String, List<JsonPointer>> places(JsonNode record) {
        return pointers(JsonPointer.empty(), record)
                .collect(Collectors.groupingBy(
                        pointer -> pointer.toString().replaceAll("/[0-9]+", "/*"), TreeMap::new, Collectors.toList()));
    }

    private static Stream<JsonPointer> pointers(JsonPointer pointer, JsonNode node) {
        Stream<JsonPointer> below = node.isArray()
                ? IntStream.range(0, node.size()).boxed().flatMap(i -> pointers(pointer.appendIndex(i), node.get(i)))
                : node.properties().stream()
                        .flatMap(field -> pointers(pointer.appendProperty(field.getKey()), field.getValue()));
        return Stream.concat(Stream.of(pointer), below);
    }
}
