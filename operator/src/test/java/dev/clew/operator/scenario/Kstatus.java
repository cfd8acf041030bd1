package dev.clew.operator.scenario;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.clew.devcluster.binaries.Provisioner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What kstatus says of objects; Flux and Helm go by it. It is its own code, in a small program that is built with Go and kept
 * beside the binaries of the control plane.
 *
 * @param program reads objects, answers each
 */
record Kstatus(Path program) {
    private static final Path SOURCES = Path.of("src/test/go/kstatus");
    private static final String GO_MISSING =
            "Go is not installed (no `go` in PATH), so kstatus cannot be asked. Install Go 1.24"
                    + " or newer (https://go.dev/dl/, or the package golang-go)";
    private static final Logger LOG = LoggerFactory.getLogger(Kstatus.class);

    /** What kstatus makes of an object, of those words that it has for one that is there. */
    enum Status {
        InProgress,
        Current,
        Failed,
        Terminating,
        Unknown
    }

    /** A status, and why. */
    record Reading(Status status, String message) {}

    /**
     * The program, built if there is none of these sources yet. Without Go the test is skipped; where {@code CI=true}, it fails.
     */
    static Kstatus provide() throws IOException, InterruptedException {
        Path program =
                Provisioner.testDirectory().resolve("kstatus").resolve(key()).resolve("kstatus");
        if (!Files.isExecutable(program)) {
            build(program);
        }
        return new Kstatus(program);
    }

    /** Another one for other sources, and on other machines that share the home directory. */
    private static String key() throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(
                    (System.getProperty("os.name") + System.getProperty("os.arch")).getBytes(StandardCharsets.UTF_8));
            for (String source : List.of("main.go", "go.mod", "go.sum")) {
                digest.update(Files.readAllBytes(SOURCES.resolve(source)));
            }
            return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /** Appears there complete or not at all, so that several may build it at once. */
    private static void build(Path program) throws IOException, InterruptedException {
        requireGo();
        LOG.info("building {} (about 20 seconds on 2 cores, once per machine)", program);
        Path directory = Files.createDirectories(Objects.requireNonNull(program.getParent()));
        Path part = Files.createTempFile(directory, "kstatus", ".part");
        try {
            var go = new ProcessBuilder("go", "build", "-trimpath", "-buildvcs=false", "-o", part.toString(), ".")
                    .directory(SOURCES.toFile())
                    .redirectErrorStream(true);
            go.environment().put("CGO_ENABLED", "0");
            go.environment().put("GOWORK", "off");
            Process process = go.start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(
                        "go build in " + SOURCES + " ended with " + process.exitValue() + ":\n" + said);
            }
            Files.move(part, program, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void requireGo() throws InterruptedException {
        try {
            new ProcessBuilder("go", "version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            if ("true".equals(System.getenv("CI"))) {
                throw new AssertionError(GO_MISSING, e);
            }
            Assumptions.abort(GO_MISSING);
        }
    }

    /** Asks of each object, given as JSON. */
    List<Reading> read(List<String> objects) throws IOException {
        Process process =
                new ProcessBuilder(program.toString()).redirectErrorStream(true).start();
        try (var input = process.outputWriter(StandardCharsets.UTF_8);
                var output = process.inputReader(StandardCharsets.UTF_8)) {
            List<Reading> readings = new ArrayList<>();
            for (String object : objects) {
                input.write(object);
                input.newLine();
                input.flush();
                readings.add(reading(Objects.requireNonNullElse(output.readLine(), "nothing"), object));
            }
            return readings;
        } finally {
            process.destroy();
        }
    }

    private static Reading reading(String answer, String object) {
        try {
            return new ObjectMapper().readValue(answer, Reading.class);
        } catch (JsonProcessingException e) {
            throw new AssertionError("kstatus says: " + answer + "\nof " + object, e);
        }
    }
}
