package dev.clew.devcluster.kubelet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What containers wrote to stdout and stderr: {@code DIRECTORY/NAMESPACE/POD/CONTAINER.log}. Kept when the pod is gone; a later
 * pod of the same name appends.
 *
 * @param directory the root
 */
public record PodLogs(Path directory) {
    private static final String SUFFIX = ".log";

    /** One log. */
    public record Log(String pod, String container, Path file) {
        /** Its lines; bytes that are not UTF-8 are replaced. */
        public List<String> lines() {
            return text().lines().toList();
        }

        /** All of it; bytes that are not UTF-8 are replaced. */
        public String text() {
            try {
                return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Where a container's log is, or would be. */
    public Path file(String namespace, String pod, String container) {
        return directory.resolve(namespace).resolve(pod).resolve(container + SUFFIX);
    }

    /** The log of a container; empty if it has not written any. */
    public String read(String namespace, String pod, String container) {
        Path file = file(namespace, pod, container);
        return Files.exists(file) ? new Log(pod, container, file).text() : "";
    }

    /** The logs of a pod, by container name. */
    public List<Log> ofPod(String namespace, String pod) {
        List<Log> logs = new ArrayList<>();
        for (Path file : list(directory.resolve(namespace).resolve(pod))) {
            String name = String.valueOf(file.getFileName());
            if (name.endsWith(SUFFIX)) {
                logs.add(new Log(pod, name.substring(0, name.length() - SUFFIX.length()), file));
            }
        }
        return logs;
    }

    /** The logs of all pods of a namespace, in the order in which the pods came. */
    public List<Log> ofNamespace(String namespace) {
        return list(directory.resolve(namespace)).stream()
                .sorted(Comparator.comparing(PodLogs::began))
                .flatMap(pod -> ofPod(namespace, String.valueOf(pod.getFileName())).stream())
                .toList();
    }

    /** When the last container of a pod began to write, for that changed the pod's directory. */
    private static FileTime began(Path podDirectory) {
        try {
            return Files.getLastModifiedTime(podDirectory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> list(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
