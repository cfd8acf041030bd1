package dev.clew.devcluster.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that no child outlives this JVM, however the JVM ends: a small shell process, in a session of its own, holds
 * the read end of a pipe from the JVM. When the pipe closes (because of {@link #close()}, or because the JVM is gone,
 * SIGKILL included) it kills every process group and process that was entrusted to it and removes the temporary
 * directories.
 *
 * <p>What is entrusted is kept in files, so that a process can enter itself before it becomes what it is to be: a launcher
 * writes its pid to {@link #pidFile(String)} and then calls exec, which leaves no moment in which it is alive and unknown.
 *
 * <p>Linux only: it needs {@code setsid} (util-linux or busybox) and a POSIX shell. Thread-safe.
 */
public final class ProcessGuard implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessGuard.class);
    private static final String SCRIPT = "guard.sh";

    private final Path directory;
    private final Process process;
    private final Writer commands;
    private final BufferedReader answers;

    private ProcessGuard(Path directory, Process process) {
        this.directory = directory;
        this.process = process;
        this.commands = process.outputWriter(StandardCharsets.US_ASCII);
        this.answers = process.inputReader(StandardCharsets.US_ASCII);
    }

    /**
     * Starts a guard.
     *
     * @param directory where it keeps its files; created if missing; of this guard alone
     * @param temporary directories that it removes at the end
     * @throws IllegalStateException if the tools that it needs are missing
     */
    public static ProcessGuard start(Path directory, List<Path> temporary) {
        try {
            Files.createDirectories(directory.resolve("groups"));
            List<String> command =
                    new ArrayList<>(List.of("setsid", "/bin/sh", "-c", script(), "clew-guard", directory.toString()));
            temporary.forEach(path -> command.add(path.toString()));
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
            return new ProcessGuard(directory, builder.start());
        } catch (IOException e) {
            throw new IllegalStateException(
                    "Cannot start the process guard. It needs a POSIX shell at /bin/sh and setsid in PATH"
                            + " (package util-linux).",
                    e);
        }
    }

    /** Where a launcher writes its pid (one decimal line) before it calls exec. */
    public Path pidFile(String name) {
        return directory.resolve(name + ".pid");
    }

    /** Entrusts a process group, by the pid of its leader. */
    public void addGroup(long leader) {
        try {
            Files.createFile(groupFile(leader));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills whatever is left of a process group (SIGKILL) and forgets it. Returns when none is left (or after 0.2 s). */
    public synchronized void killGroup(long leader) {
        try {
            commands.write(leader + "\n");
            commands.flush();
            answers.readLine();
            Files.deleteIfExists(groupFile(leader));
        } catch (IOException e) {
            LOG.warn("The process guard did not kill process group {}: {}", leader, e.toString());
        }
    }

    /** Kills all that is still entrusted and waits up to 10 s until that is done. */
    @Override
    public void close() {
        try {
            synchronized (this) {
                commands.close();
            }
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                LOG.warn("The process guard (pid {}) has not ended within 10 s.", process.pid());
            }
        } catch (IOException e) {
            LOG.warn("The process guard could not be told to end: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Path groupFile(long leader) {
        return directory.resolve("groups").resolve(Long.toString(leader));
    }

    private static String script() throws IOException {
        try (InputStream in = ProcessGuard.class.getResourceAsStream(SCRIPT)) {
            if (in == null) {
                throw new IllegalStateException("The resource " + SCRIPT + " is missing from the class path.");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
