package dev.clew.operator.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.clew.engine.pod.PodFacts;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrunedPodsTest {
    private static final Path RECORDED = Path.of("../engine/src/test/resources/pods");

    @Test
    void aPrunedPodSaysTheSameAsTheWholeOneInEveryRecordedVersion() throws IOException {
        int versions = 0;
        try (var files = Files.list(RECORDED)) {
            List<Path> recordings =
                    files.filter(file -> file.toString().endsWith(".json")).toList();
            assertThat(recordings).hasSizeGreaterThan(70);
            for (Path recording : recordings) {
                for (JsonNode version :
                        new ObjectMapper().readTree(recording.toFile()).path("versions")) {
                    Pod pod = Serialization.unmarshal(version.get("pod").toString(), Pod.class);
                    assertThat(PodFacts.of(PrunedPods.prune(pod)))
                            .as(recording + " " + version.path("at"))
                            .isEqualTo(PodFacts.of(pod));
                    versions++;
                }
            }
        }
        assertThat(versions).isGreaterThan(400);
    }
}
