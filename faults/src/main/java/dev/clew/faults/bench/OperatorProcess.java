package dev.clew.faults.bench;

import dev.clew.devcluster.process.ProcessGuard;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An operator in a process of its own. */
public final class OperatorProcess implements AutoCloseable {
    private final Process process;
    private final ProcessGuard guard;
    private final CompletableFuture<Long> ready = new CompletableFuture<>();

    private OperatorProcess(Process process, ProcessGuard guard) {
        this.process = process;
        this.guard = guard;
    }

    /**
     * What to start.
     *
     * @param java command line up to the main class
     * @param environment its settings
     * @param log where its output goes
     */
    public record Setup(List<String> java, Map<String, String> environment, Path log) {}

    static OperatorProcess start(Setup setup, ProcessGuard guard) {
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(setup.java());
        try {
            var builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().putAll(setup.environment());
            Process process = builder.start();
            guard.addGroup(process.pid());
            var operator = new OperatorProcess(process, guard);
            Thread.ofVirtual().start(() -> operator.read(setup.log()));
            return operator;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read(Path log) {
        try (BufferedReader lines = process.inputReader();
                Writer out = Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains("ready; health and metrics")) {
                    ready.complete(System.nanoTime());
                }
                out.write(line + "\n");
                out.flush();
            }
        } catch (IOException e) {
            // it was killed
        }
        ready.completeExceptionally(new IllegalStateException("the operator ended before it was ready; see " + log));
    }

    /** It does not start as it should. */
    static final class NotReadyException extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotReadyException(Exception cause) {
            super("the operator did not become ready", cause);
        }
    }

    /** When it became ready, by {@link System#nanoTime}; waits for that. */
    public long awaitReady() {
        try {
            return ready.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new NotReadyException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Whether it was ready then, by {@link System#nanoTime}. */
    boolean isReadySince(long then) {
        return ready.state() == Future.State.SUCCESS && ready.resultNow() <= then;
    }

    /** SIGKILL; returns at once. */
    public void kill() {
        process.destroyForcibly();
    }

    /** SIGSTOP: it stands still, and its connections stay. */
    public void pause() {
        signal("STOP");
    }

    /** SIGCONT. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String signal) {
        try {
            int code = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            if (code != 0 || !process.isAlive()) {
                throw new IllegalStateException("the operator did not get SIG" + signal);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What it ended with; empty while it lives. */
    OptionalInt exitCode() {
        return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until it is dead. */
    boolean awaitEnd(long seconds) {
        try {
            return process.waitFor(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** SIGTERM, and waits. */
    void stop() {
        process.destroy();
        if (!awaitEnd(30)) {
            kill();
        }
    }

    @Override
    public void close() {
        kill();
        awaitEnd(10);
        guard.killGroup(process.pid());
    }
}
