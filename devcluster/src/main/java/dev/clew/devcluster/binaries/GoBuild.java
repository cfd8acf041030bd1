package dev.clew.devcluster.binaries;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Builds the binaries from source with Go: every module is pinned and its hash verified ({@code go.sum}). The Go build cache
 * makes it cheap to take up an interrupted build again. The user's Go environment ({@code GOPROXY}, {@code GOFLAGS},
 * {@code GOTOOLCHAIN}) holds.
 */
final class GoBuild implements Provisioner.Source {
    private static final String GO_MISSING = "Go is not installed (no `go` in PATH). Install Go 1.24 or newer"
            + " (https://go.dev/dl/, or the package golang-go)%s and run this again";
    private static final Duration REPORT_EVERY = Duration.ofSeconds(15);
    private final Path workDirectory;
    private final String go;
    private final GoRecipe recipe;

    /** A way to build the control plane. */
    GoBuild(Path workDirectory, String go) {
        this(workDirectory, go, GoRecipe.CONTROL_PLANE);
    }

    /**
     * A way to build.
     *
     * @param workDirectory for the module and the output of the builds
     * @param go the Go command
     * @param recipe what to build
     */
    GoBuild(Path workDirectory, String go, GoRecipe recipe) {
        this.workDirectory = workDirectory;
        this.go = go;
        this.recipe = recipe;
    }

    @Override
    public String description() {
        return "building with Go from the module proxy (" + recipe.effort() + ")";
    }

    @Override
    public void provide(Binaries target, List<String> names, Progress progress)
            throws ProvisioningException, InterruptedException {
        try {
            requireGo();
            Path module = writeModule();
            for (String name : names) {
                build(module, name, target.directory().resolve(name), progress);
            }
        } catch (IOException e) {
            throw new ProvisioningException("cannot write below " + workDirectory + " (" + e + ")", e);
        }
    }

    private void requireGo() throws ProvisioningException, InterruptedException {
        try {
            new ProcessBuilder(go, "version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new ProvisioningException(GO_MISSING.formatted(recipe.instead()), e);
        }
    }

    private Path writeModule() throws IOException {
        Path module = workDirectory.resolve(recipe.module());
        for (Map.Entry<String, String> source : recipe.sources().entrySet()) {
            Path file = module.resolve(source.getKey());
            Files.createDirectories(Objects.requireNonNull(file.getParent()));
            try (InputStream in = GoBuild.class.getResourceAsStream(source.getValue())) {
                if (in == null) {
                    throw new IOException("the resource " + source.getValue() + " is missing from the class path");
                }
                Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return module;
    }

    private void build(Path module, String name, Path binary, Progress progress)
            throws ProvisioningException, IOException, InterruptedException {
        GoRecipe.Target target = recipe.targets().get(name);
        if (target == null) {
            throw new ProvisioningException("there is no recipe for " + name);
        }
        Path part = binary.resolveSibling(name + ".part");
        Path log = module.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command(target, part))
                .directory(module.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("CGO_ENABLED", "0");
        long start = System.nanoTime();
        Process process = builder.start();
        try {
            while (!process.waitFor(REPORT_EVERY.toSeconds(), TimeUnit.SECONDS)) {
                progress.say("  building %s: %d s of about %d s (less with a warm Go cache)"
                        .formatted(name, seconds(start), target.usually().toSeconds()));
            }
        } finally {
            process.destroy();
        }
        if (process.exitValue() != 0) {
            throw new ProvisioningException("go build of %s ended with %d:%n%s%nThe whole output is in %s"
                    .formatted(name, process.exitValue(), tail(log), log));
        }
        Files.move(part, binary, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        progress.say("  built %s in %d s".formatted(name, seconds(start)));
    }

    private List<String> command(GoRecipe.Target target, Path output) {
        List<String> flags = new ArrayList<>(List.of("-s", "-w"));
        recipe.linkerFlags().forEach(flag -> flags.addAll(List.of("-X", flag)));
        return List.of(
                go,
                "build",
                "-trimpath",
                "-ldflags",
                String.join(" ", flags),
                "-o",
                output.toString(),
                target.source());
    }

    private static long seconds(long start) {
        return Duration.ofNanos(System.nanoTime() - start).toSeconds();
    }

    private static String tail(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 8), lines.size()));
    }
}
