package dev.clew.operator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.clew.operator.config.OperatorConfig.InvalidConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperatorConfigTest {
    @TempDir
    Path directory;

    @Test
    void withoutSettingsTheDefaultsHold() {
        OperatorConfig config = OperatorConfig.read(Map.of("PATH", "/bin"));
        assertThat(config.namespaces()).isEmpty();
        assertThat(config.port()).isEqualTo(8080);
        assertThat(config.maxInFlight()).isEqualTo(Duration.ofSeconds(70));
        assertThat(config.effective()).containsEntry("CLEW_NAMESPACES", "all").containsEntry("CLEW_LOG_LEVEL", "info");
    }

    @Test
    void theEnvironmentWinsOverTheFile() throws IOException {
        Path file = directory.resolve("clew.yaml");
        Files.writeString(file, "CLEW_PORT: 9000\nCLEW_NAMESPACES: a, b\n");
        OperatorConfig config = OperatorConfig.read(Map.of("CLEW_CONFIG", file.toString(), "CLEW_PORT", "9001"));
        assertThat(config.port()).isEqualTo(9001);
        assertThat(config.namespaces()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aWrongSettingIsNamedWithWhatWouldBeRight() throws IOException {
        assertThatThrownBy(() -> OperatorConfig.read(Map.of("CLEW_PORT", "http")))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessage("CLEW_PORT must be a whole number from 0 to 65535, not http");
        assertThatThrownBy(() -> OperatorConfig.read(Map.of("CLEW_REQUEST_TIMEOUT_SECONDS", "0")))
                .hasMessage("CLEW_REQUEST_TIMEOUT_SECONDS must be a whole number from 1 to 300, not 0");
        assertThatThrownBy(() -> OperatorConfig.read(Map.of("CLEW_LOG_LEVEL", "loud")))
                .hasMessage("CLEW_LOG_LEVEL must be one of [error, warn, info, debug, trace], not loud");
        assertThatThrownBy(() -> OperatorConfig.read(Map.of("CLEW_CONFIG", "/nowhere")))
                .hasMessage("CLEW_CONFIG: cannot read /nowhere: /nowhere");
        Path file = directory.resolve("clew.yaml");
        Files.writeString(file, "CLEW_PROT: 9000\n");
        assertThatThrownBy(() -> OperatorConfig.read(Map.of("CLEW_CONFIG", file.toString())))
                .hasMessageContaining("has an unknown key CLEW_PROT; the keys are CLEW_API_SERVER_TIMEOUT_SECONDS, ");
    }
}
