package dev.clew.devcluster.kubelet;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether a program can be executed, and what runc says if not. */
final class ExecutableCheck {
    private ExecutableCheck() {}

    static Optional<String> trouble(String program, Path workingDirectory, String searchPath) {
        if (!Files.isDirectory(workingDirectory)) {
            return Optional.of("chdir to cwd (\"%s\") set in config.json failed: no such file or directory"
                    .formatted(workingDirectory));
        }
        if (!program.contains("/")) {
            for (String directory : searchPath.split(":", -1)) {
                Path candidate = workingDirectory.resolve(directory).resolve(program);
                if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
                    return Optional.empty();
                }
            }
            return Optional.of("exec: \"%s\": executable file not found in $PATH".formatted(program));
        }
        Path file = workingDirectory.resolve(program);
        if (!Files.exists(file)) {
            return Optional.of("exec: \"%1$s\": stat %1$s: no such file or directory".formatted(program));
        }
        return Files.isRegularFile(file) && Files.isExecutable(file)
                ? Optional.empty()
                : Optional.of("exec: \"%s\": permission denied".formatted(program));
    }
}
