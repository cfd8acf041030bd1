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
import org.junit.jupiter.api.Test;

class CrdFilesTest {
    private static final Path DIRECTORY = Path.of("").toAbsolutePath();

    @Test
    void theCheckedInCrdsAreTheOnesThatTheRecordsDescribe() throws IOException {
        for (var file : CrdFiles.generate().entrySet()) {
            Path path = DIRECTORY.resolve(file.getKey());
            if (System.getProperty("crds.write") != null) {
                Files.writeString(path, file.getValue());
            }
            assertThat(path)
                    .as("out of date? mvn -pl crds test -Dcrds.write")
                    .content()
                    .isEqualTo(file.getValue());
        }
    }

    @Test
    void theCrdsAreSmallEnoughForAChartAndForKubectlApply() {
        assertThat(CrdFiles.generate().values().stream()
                        .mapToInt(String::length)
                        .sum())
                .isLessThan(180_000);
    }

    @Test
    void everyFieldHasADescription() {
        var without = new ArrayList<String>();
        for (String yaml : CrdFiles.generate().values()) {
            var crd = Serialization.unmarshal(yaml, CustomResourceDefinition.class);
            for (var version : crd.getSpec().getVersions()) {
                JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
                collectUndescribed(crd.getSpec().getNames().getKind(), root, without);
            }
        }
        assertThat(without).isEmpty();
    }

    @Test
    void everyStringListAndNumberIsBounded() {
        var unbounded = new ArrayList<String>();
        for (String yaml : CrdFiles.generate().values()) {
            var crd = Serialization.unmarshal(yaml, CustomResourceDefinition.class);
            for (var version : crd.getSpec().getVersions()) {
                JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
                String kind = crd.getSpec().getNames().getKind();
                collectUnbounded(kind + ".spec", CrdFiles.property(root, "spec"), unbounded);
                collectUnbounded(kind + ".status", CrdFiles.property(root, "status"), unbounded);
            }
        }
        assertThat(unbounded).isEmpty();
    }

    private static void collectUndescribed(String path, JSONSchemaProps schema, List<String> without) {
        for (var property : schema.getProperties().entrySet()) {
            String name = path + "." + property.getKey();
            JSONSchemaProps value = property.getValue();
            boolean described = value.getDescription() != null
                    || List.of("apiVersion", "kind", "metadata").contains(property.getKey());
            if (!described) {
                without.add(name);
            }
            collectUndescribed(name, value, without);
            if (value.getItems() != null) {
                collectUndescribed(name + "[]", value.getItems().getSchema(), without);
            }
        }
    }

    private static void collectUnbounded(String path, JSONSchemaProps schema, List<String> unbounded) {
        boolean free = Boolean.TRUE.equals(schema.getXKubernetesPreserveUnknownFields());
        switch (schema.getType() == null ? "" : schema.getType()) {
            case "string" -> {
                if (schema.getMaxLength() == null && schema.getEnum().isEmpty() && schema.getFormat() == null) {
                    unbounded.add(path);
                }
            }
            case "array" -> {
                if (schema.getMaxItems() == null) {
                    unbounded.add(path);
                }
                collectUnbounded(path + "[]", schema.getItems().getSchema(), unbounded);
            }
            case "integer" -> {
                // what status counts, the operator bounds
                if (!path.contains(".status") && (schema.getMinimum() == null || schema.getMaximum() == null)) {
                    unbounded.add(path);
                }
            }
            case "object" -> {
                if (schema.getProperties().isEmpty() && schema.getMaxProperties() == null && !free) {
                    unbounded.add(path);
                }
                if (schema.getAdditionalProperties() != null) {
                    collectUnbounded(
                            path + "{}", schema.getAdditionalProperties().getSchema(), unbounded);
                }
                schema.getProperties().forEach((name, value) -> collectUnbounded(path + "." + name, value, unbounded));
            }
            default -> {
                // boolean, int-or-string
            }
        }
    }
}
