package dev.clew.devcluster.binaries;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Helm, for those who test the chart: the one in {@code PATH} if it is a Helm 3 that is not too old, else one of our own
 * beside the control plane's binaries.
 */
public final class Helm {
    static final String VERSION = "3.22.0";
    static final String NAME = "helm";
    /** The oldest of Helm 3 that words a refusal by the schema as the tests expect it. */
    static final int LEAST_MINOR = 18;

    private static final Pattern VERSION_3 = Pattern.compile("v3\\.(\\d+)\\b.*", Pattern.DOTALL);

    private Helm() {}

    /**
     * The Helm command; builds it with Go if there is none, which takes a minute or two, once per machine.
     *
     * @throws IllegalStateException if it can neither be found nor built; the message says what to install
     */
    public static Path provide(Progress progress) {
        return inPath().orElseGet(() -> provideBelow(
                Provisioner.testDirectory(),
                new GoBuild(Provisioner.testDirectory().resolve("build"), "go", GoRecipe.HELM),
                progress));
    }

    static Path provideBelow(Path testDirectory, Provisioner.Source source, Progress progress) {
        var place = new Binaries(
                testDirectory.resolve(NAME).resolve(VERSION + "-" + Binaries.os() + "-" + Binaries.arch()));
        new Provisioner(testDirectory, List.of(source), progress).provide(place, List.of(NAME), "Helm " + VERSION);
        return place.directory().resolve(NAME);
    }

    private static Optional<Path> inPath() {
        return Arrays.stream(
                        Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator, -1))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, NAME))
                .filter(Files::isExecutable)
                .filter(helm -> isGoodEnough(version(helm)))
                .findFirst();
    }

    static boolean isGoodEnough(String version) {
        Matcher matcher = VERSION_3.matcher(version);
        return matcher.matches() && Integer.parseInt(matcher.group(1)) >= LEAST_MINOR;
    }

    private static String version(Path helm) {
        try {
            Process process = new ProcessBuilder(helm.toString(), "version", "--short")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
