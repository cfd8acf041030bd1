package dev.clew.faults.bench;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * The operator as it is started: from jars only, so that the JVM can keep its loaded classes in a cache, which halves what a
 * start costs.
 */
record OperatorImage(String classPath, Path cache) {
    /** Of the class path of this JVM. */
    static OperatorImage build(Path directory) {
        try {
            Files.createDirectories(directory);
            List<String> entries = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                Path path = Path.of(entry);
                if (Files.isDirectory(path)) {
                    entries.add(jar(path, directory.resolve("classes-" + entries.size() + ".jar"))
                            .toString());
                } else if (Files.exists(path)) {
                    entries.add(entry);
                }
            }
            Path cache = directory.resolve("operator.aot");
            Files.deleteIfExists(cache);
            return new OperatorImage(String.join(File.pathSeparator, entries), cache);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path jar(Path classes, Path jar) throws IOException {
        try (var out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, out);
                out.closeEntry();
            }
        }
        return jar;
    }

    /** The command line that starts a main class of it; with the cache, once there is one. */
    List<String> java(String mainClass) {
        List<String> command = jvm();
        if (Files.exists(cache)) {
            command.add("-XX:AOTCache=" + cache);
        }
        return complete(command, mainClass);
    }

    /** The command line that makes the cache, when the process ends orderly. */
    List<String> trainingJava(String mainClass) {
        List<String> command = jvm();
        command.add("-XX:AOTCacheOutput=" + cache);
        return complete(command, mainClass);
    }

    private static List<String> jvm() {
        return new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "--sun-misc-unsafe-memory-access=allow"));
    }

    private List<String> complete(List<String> command, String mainClass) {
        command.addAll(List.of("-cp", classPath, mainClass));
        return command;
    }
}
