package dev.clew.faults.history;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** A file in which the containers of one namespace enter when they begin and end: what really happened, whoever reports what. */
public record EffectLedger(Path script, Path file) {
    /** A new one, in a directory. */
    public static EffectLedger create(Path directory, String namespace) {
        try (InputStream in =
                Objects.requireNonNull(EffectLedger.class.getResourceAsStream("/dev/clew/faults/effect.sh"))) {
            Path script = directory.resolve("effect.sh");
            if (!Files.exists(script)) {
                Path whole = Files.createTempFile(directory, "effect", ".sh");
                Files.write(whole, in.readAllBytes());
                Files.move(whole, script, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
            return new EffectLedger(script, Files.createFile(directory.resolve(namespace + ".effects")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A container that runs so long and ends with that code, as YAML in one line.
     *
     * @param exit a number, or words of a shell that give it, such as {@code $((2-CLEW_ATTEMPT))}
     * @param output a line for its outputs; may be empty
     */
    public String container(String seconds, String exit, String output) {
        return ("{image: busybox, command: [sh, '%s', '%s', '%s', '%s', '%s'],"
                        + " env: [{name: POD_UID, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}]}")
                .formatted(script, file, seconds, exit, output);
    }

    /** What has been entered so far, in order. */
    public List<Effect> effects() {
        try {
            return Files.readAllLines(file).stream().map(Effect::parse).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
