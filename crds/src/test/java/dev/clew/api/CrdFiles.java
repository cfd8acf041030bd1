package dev.clew.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Makes the CRDs from the records: the generator's output, and on top what no annotation can say. Run
 * {@code mvn -pl crds test -Dcrds.write} to write them to {@code crds/}.
 */
final class CrdFiles {
    private static final String HEADER =
            "# Generated from the records in dev.clew.api: mvn -pl crds test -Dcrds.write\n";

    private CrdFiles() {}

    /** File name to content, in the order of the names. */
    static Map<String, String> generate() {
        try {
            Path out = Files.createTempDirectory("crds");
            new CRDGenerator()
                    .customResourceClasses(Workflow.class, WorkflowRun.class)
                    .withMinQuotes(true)
                    .inOutputDir(out.toFile())
                    .generate();
            var files = new TreeMap<String, String>();
            try (var list = Files.list(out)) {
                for (Path file : list.toList()) {
                    var crd = Serialization.unmarshal(Files.readString(file), CustomResourceDefinition.class);
                    finish(crd);
                    files.put(crd.getMetadata().getName() + ".yaml", HEADER + yaml(crd));
                    Files.delete(file);
                }
            }
            Files.delete(out);
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String yaml(CustomResourceDefinition crd) throws JsonProcessingException {
        var yaml = YAMLMapper.builder()
                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .disable(YAMLGenerator.Feature.SPLIT_LINES)
                .build();
        return yaml.writeValueAsString(wholeNumbers(new ObjectMapper().valueToTree(crd)));
    }

    /** The generator writes bounds as 100.0. */
    private static JsonNode wholeNumbers(JsonNode node) {
        return switch (node) {
            case ObjectNode object -> {
                object.properties().forEach(entry -> entry.setValue(wholeNumbers(entry.getValue())));
                yield object;
            }
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    array.set(i, wholeNumbers(array.get(i)));
                }
                yield array;
            }
            case DoubleNode number -> LongNode.valueOf(number.longValue());
            default -> node;
        };
    }

    private static void finish(CustomResourceDefinition crd) {
        for (var version : crd.getSpec().getVersions()) {
            JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
            root.setDescription(root(crd.getSpec().getNames().getKind()));
            root.setRequired(List.of("spec"));
            property(root, "spec").setDescription("What is asked for.");
            List<String> order = columns(crd.getSpec().getNames().getKind());
            version.getAdditionalPrinterColumns()
                    .sort(Comparator.comparingInt(column -> order.indexOf(column.getName())));
            listsByName(property(root, "spec"));
            JSONSchemaProps status = property(root, "status");
            status.setDescription("What the operator found and did.");
            // kstatus must not take an object that nobody has looked at yet for a finished one
            status.setDefault(JsonNodeFactory.instance.objectNode().put("observedGeneration", -1));
            JSONSchemaProps conditions = property(status, "conditions");
            conditions.setXKubernetesListType("map");
            conditions.setXKubernetesListMapKeys(List.of("type"));
            version.getSchema().setOpenAPIV3Schema(root);
        }
    }

    static JSONSchemaProps property(JSONSchemaProps schema, String name) {
        return Objects.requireNonNull(schema.getProperties().get(name), name);
    }

    private static List<String> columns(String kind) {
        return kind.equals("Workflow")
                ? List.of("READY", "STEPS", "REVISION", "AGE")
                : List.of("WORKFLOW", "STATUS", "STEPS", "UNDONE", "STEP", "AGE", "MESSAGE");
    }

    private static String root(String kind) {
        return switch (kind) {
            case "Workflow" -> "A definition: parameters, steps and their compensations. A WorkflowRun executes it.";
            case "WorkflowRun" -> "One execution of a Workflow or of an inline definition, and the record of it.";
            default -> throw new IllegalStateException(kind);
        };
    }

    /** Lists of things with a required name become maps by name, so that two appliers can share them. */
    private static void listsByName(JSONSchemaProps schema) {
        for (var property : new ArrayList<>(schema.getProperties().entrySet())) {
            JSONSchemaProps value = property.getValue();
            if (value.getItems() != null && value.getItems().getSchema() != null) {
                JSONSchemaProps item = value.getItems().getSchema();
                boolean named = item.getRequired() != null && item.getRequired().contains("name");
                if (named) {
                    value.setXKubernetesListType("map");
                    value.setXKubernetesListMapKeys(List.of("name"));
                } else if (property.getKey().equals("dependsOn")
                        || (property.getKey().equals("outputs") && "string".equals(item.getType()))) {
                    value.setXKubernetesListType("set");
                } else {
                    value.setXKubernetesListType("atomic");
                }
                if (item.getProperties() != null) {
                    listsByName(item);
                }
            } else if (value.getProperties() != null) {
                listsByName(value);
            }
        }
    }
}
