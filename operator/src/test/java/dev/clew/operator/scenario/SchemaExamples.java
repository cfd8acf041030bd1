package dev.clew.operator.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;

/** Objects at random: as the schema of a CRD allows them, and what becomes of objects when somebody tampers with them. */
final class SchemaExamples {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** Words that users write, right or wrong: a schema's pattern picks. */
    private static final List<String> WORDS = List.of(
            "a",
            "b",
            "c",
            "step-1",
            "x-y-z",
            "A",
            "X_1",
            "0",
            "1",
            "42",
            "100m",
            "64Mi",
            "busybox",
            "true",
            "/data",
            "data/x",
            "example.com/key",
            "2026-11-24T10:00:00Z",
            "",
            " ",
            "ü",
            "\u202e",
            "'\"\\",
            "line\nline",
            "$(params.a)",
            "$(steps.a.outputs.a)",
            "$(steps.b.outputs.",
            "$$(x)",
            "$(date)",
            "{{x}}",
            "x".repeat(300));

    private static final String EXACTLY_ONE = "must have exactly one of ";

    private final Random random;

    SchemaExamples(Random random) {
        this.random = random;
    }

    /** A part of the schema of a checked-in CRD: {@code spec} or {@code status}. */
    static JsonNode schema(String crd, String part) throws IOException {
        return new YAMLMapper()
                .readTree(Files.readString(Path.of("../crds/" + crd + ".clew.dev.yaml")))
                .at("/spec/versions/0/schema/openAPIV3Schema/properties/" + part);
    }

    /** What the schema allows, as far as it says so by types, bounds, patterns and keys. */
    JsonNode valid(JsonNode schema) {
        return valid(schema, 0);
    }

    private JsonNode valid(JsonNode schema, int depth) {
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            return JSON.textNode("1");
        }
        return switch (schema.path("type").asText()) {
            case "object" -> object(schema, depth);
            case "array" -> array(schema, depth);
            case "integer" -> JSON.numberNode(integer(schema));
            case "boolean" -> JSON.booleanNode(random.nextBoolean());
            default -> JSON.textNode(string(schema));
        };
    }

    private ObjectNode object(JsonNode schema, int depth) {
        ObjectNode object = JSON.objectNode();
        Set<String> required = new HashSet<>();
        schema.path("required").forEach(name -> required.add(name.asText()));
        schema.path("properties").properties().forEach(property -> {
            if (required.contains(property.getKey()) || random.nextInt(3 + depth) == 0) {
                object.set(property.getKey(), valid(property.getValue(), depth + 1));
            }
        });
        JsonNode others = schema.path("additionalProperties");
        for (int i = random.nextInt(3); others.isObject() && i > 0; i--) {
            object.set("k" + i, valid(others, depth + 1));
        }
        keepRules(schema, object, depth);
        return object;
    }

    /** Those rules that would else refuse nearly everything. */
    private void keepRules(JsonNode schema, ObjectNode object, int depth) {
        schema.path("x-kubernetes-validations").forEach(rule -> {
            String message = rule.path("message").asText();
            if (message.startsWith(EXACTLY_ONE)) {
                List<String> names =
                        List.of(message.substring(EXACTLY_ONE.length()).split(", "));
                String chosen = names.get(random.nextInt(names.size()));
                object.remove(names);
                object.set(chosen, valid(schema.path("properties").path(chosen), depth + 1));
            }
        });
        if (object.has("valueFrom")) {
            object.remove("value");
        }
        if (object.path("steps").findValue("dependsOn") != null) {
            object.put("order", "Graph");
        }
    }

    private ArrayNode array(JsonNode schema, int depth) {
        ArrayNode array = JSON.arrayNode();
        List<String> keys = new ArrayList<>();
        schema.path("x-kubernetes-list-map-keys").forEach(key -> keys.add(key.asText()));
        boolean unique = !keys.isEmpty()
                || schema.path("x-kubernetes-list-type").asText().equals("set");
        int size = schema.path("minItems").asInt(0) + random.nextInt(4);
        Set<String> taken = new HashSet<>();
        for (int i = 0; i < Math.min(size, schema.path("maxItems").asInt(size)); i++) {
            JsonNode item = valid(schema.path("items"), depth + 1);
            String key = keys.isEmpty()
                    ? item.toString()
                    : keys.stream()
                            .map(name -> item.path(name).toString())
                            .toList()
                            .toString();
            if (!unique || taken.add(key)) {
                array.add(item);
            }
        }
        return array;
    }

    private long integer(JsonNode schema) {
        long least = schema.path("minimum").asLong(0);
        long most = schema.path("maximum").asLong(1000);
        return switch (random.nextInt(6)) {
            case 0 -> least;
            case 1 -> most;
            default -> Math.min(most, least + random.nextInt(5));
        };
    }

    private String string(JsonNode schema) {
        if (schema.has("enum")) {
            return schema.path("enum")
                    .path(random.nextInt(schema.path("enum").size()))
                    .asText();
        }
        Pattern pattern = Pattern.compile(schema.path("pattern").asText(""));
        List<String> fitting = WORDS.stream()
                .filter(word -> pattern.matcher(word).find())
                .filter(word -> word.length() <= schema.path("maxLength").asInt(Integer.MAX_VALUE))
                .filter(word -> word.length() >= schema.path("minLength").asInt(0))
                .toList();
        return fitting.isEmpty() ? "" : fitting.get(random.nextInt(fitting.size()));
    }

    /** The same with one thing in it gone wrong. */
    JsonNode tampered(JsonNode original) {
        JsonNode copy = original.deepCopy();
        List<JsonNode> containers = new ArrayList<>();
        collect(copy, containers);
        JsonNode chosen = containers.get(random.nextInt(containers.size()));
        switch (chosen) {
            case ObjectNode object -> {
                List<String> names = new ArrayList<>();
                object.fieldNames().forEachRemaining(names::add);
                String name = names.isEmpty() ? "surprise" : names.get(random.nextInt(names.size()));
                if (random.nextInt(4) == 0) {
                    object.remove(name);
                } else {
                    object.set(name, odd(object.path(name)));
                }
            }
            case ArrayNode array -> {
                if (array.isEmpty() || random.nextInt(3) == 0) {
                    array.add(odd(array.path(0)));
                } else if (random.nextBoolean()) {
                    array.add(array.get(random.nextInt(array.size())).deepCopy());
                } else {
                    array.remove(random.nextInt(array.size()));
                }
            }
            default -> throw new AssertionError(chosen);
        }
        return copy;
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainerNode()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }

    private JsonNode odd(JsonNode instead) {
        return switch (random.nextInt(9)) {
            case 0 -> JSON.nullNode();
            case 1 -> JSON.numberNode(-1);
            case 2 -> JSON.numberNode(Integer.MAX_VALUE);
            case 3 -> JSON.textNode("FromTheFuture");
            case 4 -> JSON.textNode("y".repeat(5_000));
            case 5 -> JSON.arrayNode().add(instead.deepCopy());
            case 6 -> JSON.objectNode().set("surprise", instead.deepCopy());
            case 7 -> JSON.textNode(WORDS.get(random.nextInt(WORDS.size())));
            default -> instead.isInt() ? JSON.numberNode(instead.asInt() + 1) : JSON.textNode("1970-01-01T00:00:00Z");
        };
    }

    static String yaml(JsonNode node) {
        return Serialization.asYaml(node);
    }
}
