package dev.clew.devcluster.controlplane;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Applies custom resource definitions from files. */
public final class CustomResourceDefinitions {
    private static final long ESTABLISHED_TIMEOUT_SECONDS = 30;

    private CustomResourceDefinitions() {}

    /**
     * Applies (server-side) every CustomResourceDefinition in a YAML file, or in the {@code *.yaml} files directly in a
     * directory, and waits until each is established. Other kinds in the files are left alone.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static void apply(KubernetesClient client, Path fileOrDirectory) {
        List<CustomResourceDefinition> definitions = new ArrayList<>();
        for (Path file : yamlFiles(fileOrDirectory)) {
            definitions.addAll(read(client, file));
        }
        if (definitions.isEmpty()) {
            throw new IllegalArgumentException("No CustomResourceDefinition in "
                    + fileOrDirectory.toAbsolutePath().normalize());
        }
        PatchContext serverSide = new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager("clew-devcluster")
                .withForce(true)
                .build();
        var operations = client.apiextensions().v1().customResourceDefinitions();
        for (CustomResourceDefinition definition : definitions) {
            operations.resource(definition).patch(serverSide, definition);
        }
        for (CustomResourceDefinition definition : definitions) {
            operations
                    .withName(definition.getMetadata().getName())
                    .waitUntilCondition(
                            CustomResourceDefinitions::isEstablished, ESTABLISHED_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static boolean isEstablished(CustomResourceDefinition definition) {
        return definition != null
                && definition.getStatus() != null
                && definition.getStatus().getConditions() != null
                && definition.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals("Established")
                                && c.getStatus().equals("True"));
    }

    private static List<Path> yamlFiles(Path fileOrDirectory) {
        if (!Files.isDirectory(fileOrDirectory)) {
            return List.of(fileOrDirectory);
        }
        try (Stream<Path> files = Files.list(fileOrDirectory)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<CustomResourceDefinition> read(KubernetesClient client, Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            List<HasMetadata> items = client.load(in).items();
            return items.stream()
                    .filter(CustomResourceDefinition.class::isInstance)
                    .map(CustomResourceDefinition.class::cast)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot read " + file.toAbsolutePath().normalize(), e);
        }
    }
}
