package dev.clew.devcluster.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminationMessageTest {
    @TempDir
    private Path directory;

    /** Each invalid byte is one U+FFFD: ff; a lone c3; e2 82 without its third byte; an overlong c0 af; a surrogate ed a0 80. */
    @ParameterizedTest
    @CsvSource({
        "61, a",
        "c3a9, é",
        "f09f9982, 🙂",
        "61ff62, a�b",
        "c361, �a",
        "e282, ��",
        "61e28261, a��a",
        "c0af, ��",
        "eda080, ���",
    })
    void invalid_bytes_are_replaced_one_by_one(String hex, String expected) {
        assertThat(TerminationMessage.decode(HexFormat.of().parseHex(hex))).isEqualTo(expected);
    }

    @Test
    void without_a_file_or_with_an_empty_one_there_is_none() throws IOException {
        assertThat(TerminationMessage.read(directory.resolve("none"), Optional.empty(), 1))
                .isEmpty();
        assertThat(TerminationMessage.read(write("empty", ""), Optional.empty(), 1))
                .isEmpty();
    }

    @Test
    void the_log_counts_only_if_the_file_is_empty() throws IOException {
        Path log = write("log", "one\ntwo\n");

        assertThat(TerminationMessage.read(write("m", "message"), Optional.of(log), 1))
                .contains("message");
        assertThat(TerminationMessage.read(write("e", ""), Optional.of(log), 1)).contains("one\ntwo\n");
    }

    @Test
    void of_a_long_log_the_last_80_lines_and_2048_bytes_count() throws IOException {
        Path shortLines = write("short", "x\n".repeat(200));
        Path longLines = write("long", "y".repeat(3000) + "\n");

        assertThat(TerminationMessage.read(directory.resolve("none"), Optional.of(shortLines), 1))
                .contains("x\n".repeat(80));
        assertThat(TerminationMessage.read(directory.resolve("none"), Optional.of(longLines), 1))
                .contains("y".repeat(2047) + "\n");
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text, StandardCharsets.UTF_8);
    }
}
