package dev.clew.devcluster.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodLogsTest {
    @Test
    void logs_are_found_by_namespace_pod_and_container(@TempDir Path directory) throws IOException {
        PodLogs logs = new PodLogs(directory);
        Path file = logs.file("ns", "pod", "main");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "one\ntwo\n");

        assertThat(logs.read("ns", "pod", "main")).isEqualTo("one\ntwo\n");
        assertThat(logs.read("ns", "pod", "other")).isEmpty();
        assertThat(logs.ofNamespace("ns"))
                .containsExactlyElementsOf(logs.ofPod("ns", "pod"))
                .singleElement()
                .satisfies(log -> assertThat(log.lines()).containsExactly("one", "two"));
        assertThat(logs.ofNamespace("none")).isEmpty();
    }

    @Test
    void the_pods_of_a_namespace_come_in_the_order_in_which_they_ran(@TempDir Path directory) throws IOException {
        PodLogs logs = new PodLogs(directory);
        for (String pod : List.of("b", "a", "c")) {
            Path podDirectory = Files.createDirectories(directory.resolve("ns").resolve(pod));
            Files.createFile(logs.file("ns", pod, "main"));
            Files.setLastModifiedTime(
                    podDirectory, FileTime.from(Instant.EPOCH.plusSeconds(pod.equals("b") ? 1 : 2 + pod.charAt(0))));
        }

        assertThat(logs.ofNamespace("ns")).extracting(PodLogs.Log::pod).containsExactly("b", "a", "c");
    }
}
