package dev.clew.operator;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The operator as a process of its own. */
final class OperatorProcess {
    private OperatorProcess() {}

    /**
     * Starts one, which its caller ends.
     *
     * @param main {@link Main}, or one that stands for it
     * @param settings as environment
     * @param log what it prints is appended to this file
     */
    static Process start(Class<?> main, List<String> arguments, Map<String, String> settings, File log)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        builder.environment().putAll(settings);
        return builder.start();
    }
}
