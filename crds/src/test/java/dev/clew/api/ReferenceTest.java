package dev.clew.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The API reference is made from the CRDs, which are made from the records: it cannot drift. */
class ReferenceTest {
    private static final Path PAGE = Path.of("../docs/reference.md");

    @Test
    void theReferenceSaysWhatTheCrdsSay() throws IOException {
        var page = new StringBuilder("""
                # API reference

                Generated from the records in `crds/`: `mvn -pl devcluster,crds test -Dcrds.write`. `kubectl explain workflow.spec` and
                `kubectl explain workflowrun.status` print the same.
                """);
        for (String yaml : CrdFiles.generate().values()) {
            var crd = Serialization.unmarshal(yaml, CustomResourceDefinition.class);
            JSONSchemaProps root =
                    crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
            page.append("\n## ").append(crd.getSpec().getNames().getKind()).append("\n\n");
            page.append(root.getDescription()).append("\n");
            section(page, "spec", CrdFiles.property(root, "spec"));
            section(page, "status", CrdFiles.property(root, "status"));
        }
        if (System.getProperty("crds.write") != null) {
            Files.writeString(PAGE, page);
        }
        assertThat(PAGE)
                .as("out of date? mvn -pl devcluster,crds test -Dcrds.write")
                .content()
                .isEqualTo(page.toString());
    }

    private static void section(StringBuilder page, String name, JSONSchemaProps schema) {
        page.append("\n### ").append(name).append("\n\n| field | type | |\n|---|---|---|\n");
        rows(page, name, schema);
        List<String> rules = schema.getXKubernetesValidations().stream()
                .map(rule -> rule.getMessage())
                .toList();
        if (!rules.isEmpty()) {
            page.append("\nRules: ").append(String.join("; ", rules)).append(".\n");
        }
    }

    private static void rows(StringBuilder page, String path, JSONSchemaProps schema) {
        for (var property : new TreeMap<>(schema.getProperties()).entrySet()) {
            JSONSchemaProps value = property.getValue();
            boolean required = schema.getRequired().contains(property.getKey());
            boolean inline = path.equals("spec") && property.getKey().equals("workflow");
            String here = path + "." + property.getKey() + ("array".equals(value.getType()) ? "[]" : "");
            page.append("| `").append(here).append("` | ").append(type(value)).append(required ? ", required" : "");
            page.append(" | ")
                    .append(cell(value))
                    .append(inline ? " As the spec of a Workflow." : "")
                    .append(" |\n");
            JSONSchemaProps inner =
                    value.getItems() == null ? value : value.getItems().getSchema();
            if (!inline) {
                rows(page, here, inner);
            }
        }
    }

    private static String type(JSONSchemaProps schema) {
        if (schema.getType() == null) {
            return "integer or string";
        }
        return switch (schema.getType()) {
            case "array" -> "list of " + type(schema.getItems().getSchema());
            case "object" -> schema.getAdditionalProperties() == null ? "object" : "map";
            default -> schema.getType();
        };
    }

    private static String cell(JSONSchemaProps schema) {
        List<String> bounds = new ArrayList<>();
        if (schema.getMinimum() != null || schema.getMaximum() != null) {
            bounds.add(number(schema.getMinimum()) + " to " + number(schema.getMaximum()));
        }
        if (schema.getMaxLength() != null) {
            bounds.add("at most " + schema.getMaxLength() + " characters");
        }
        if (schema.getMaxItems() != null) {
            bounds.add("at most " + schema.getMaxItems());
        }
        if (!schema.getEnum().isEmpty()) {
            bounds.add(schema.getEnum().stream()
                    .map(value -> "`" + value.asText() + "`")
                    .collect(Collectors.joining(", ")));
        }
        String rules = schema.getXKubernetesValidations().stream()
                .map(rule -> " Rule: " + rule.getMessage() + ".")
                .collect(Collectors.joining());
        String text =
                schema.getDescription() + (bounds.isEmpty() ? "" : " (" + String.join("; ", bounds) + ")") + rules;
        return text.replace("|", "\\|");
    }

    private static String number(Double value) {
        return value == null ? "any" : Long.toString(value.longValue());
    }
}
