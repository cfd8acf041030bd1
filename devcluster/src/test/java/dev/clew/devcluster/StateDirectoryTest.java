package dev.clew.devcluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
    @TempDir
    private Path directory;

    private Optional<StateDirectory> opened = Optional.empty();

    @AfterEach
    void close() throws IOException {
        if (opened.isPresent()) {
            opened.orElseThrow().close();
            // in a running cluster the process guard does this
            for (Path temporary : opened.orElseThrow().temporary()) {
                Files.deleteIfExists(temporary);
            }
        }
    }

    @Test
    void two_clusters_cannot_share_one() {
        open(directory);

        assertThatThrownBy(() -> StateDirectory.open(Optional.of(directory)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(directory.toString(), "take another directory");
    }

    @Test
    void what_an_earlier_cluster_left_is_removed() throws IOException {
        Files.createDirectories(directory.resolve("guard/groups"));
        Files.createFile(directory.resolve("guard/groups/4711"));
        Files.createDirectories(directory.resolve("logs/ns/pod"));

        StateDirectory state = open(directory);

        assertThat(state.guard()).doesNotExist();
        assertThat(state.logs()).doesNotExist();
    }

    @Test
    void in_a_directory_of_another_kind_nothing_is_removed() throws IOException {
        Files.createDirectories(directory.resolve("logs/mine"));

        StateDirectory state = open(directory);

        assertThat(state.logs().resolve("mine")).exists();
    }

    @Test
    void the_scratch_directory_needs_no_quoting() throws IOException {
        StateDirectory state = open(Files.createDirectory(directory.resolve("my state")));

        assertThat(state.scratch().toString()).doesNotContain(" ");
        assertThat(state.temporary()).contains(state.scratch());
    }

    private StateDirectory open(Path path) {
        StateDirectory state = StateDirectory.open(Optional.of(path));
        opened = Optional.of(state);
        return state;
    }
}
