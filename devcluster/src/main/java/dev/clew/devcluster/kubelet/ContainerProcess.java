package dev.clew.devcluster.kubelet;

import dev.clew.devcluster.process.ProcessGuard;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A container that is a process: the leader of a session and process group of its own, whose members go with it. It begins
 * its work only once the process guard knows of it.
 *
 * <p>SIGTERM is delivered as a kernel does to PID 1 of a container: only if the process has a handler for it.
 */
final class ContainerProcess implements RunningContainer {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerProcess.class);
    private static final String GATE = "gate.sh";
    private static final Pattern SHELL_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    /** Variables that a shell sets by itself; the container is to have them only if its spec says so. */
    private static final List<String> SET_BY_SHELLS = List.of("PWD", "OLDPWD", "SHLVL", "_");

    private final Spec spec;
    private final ProcessGuard guard;
    private final Process process;
    private final Instant startedAt;
    private final CompletableFuture<Exit> exit;

    /** What to run. */
    record Spec(
            String id,
            List<String> command,
            Map<String, String> environment,
            Path workingDirectory,
            Path log,
            Path terminationFile,
            boolean messageFromLog,
            boolean sharesProcesses,
            int containersInPod) {}

    private ContainerProcess(Spec spec, ProcessGuard guard, Process process) {
        this.spec = spec;
        this.guard = guard;
        this.process = process;
        this.startedAt = Instant.now();
        this.exit = process.onExit().thenApply(ended -> new Exit(ended.exitValue(), Instant.now(), Optional.empty()));
    }

    static ContainerProcess start(Spec spec, ProcessGuard guard) throws IOException {
        List<String> command = new ArrayList<>(List.of("setsid", "/bin/sh", "-c", gate(), "clew-container"));
        boolean plainNames = spec.environment().keySet().stream()
                .allMatch(name -> SHELL_NAME.matcher(name).matches());
        if (plainNames) {
            command.add(String.join(
                    " ",
                    SET_BY_SHELLS.stream()
                            .filter(name -> !spec.environment().containsKey(name))
                            .toList()));
        } else {
            // a shell may drop names that it does not understand, so env(1) sets them behind it
            command.add("");
            command.addAll(List.of("/usr/bin/env", "-i"));
            spec.environment().forEach((name, value) -> command.add(name + "=" + value));
        }
        command.addAll(spec.command());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(spec.workingDirectory().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(spec.log().toFile()));
        builder.environment().clear();
        builder.environment().putAll(spec.environment());
        Process process = builder.start();
        guard.addGroup(process.pid());
        ContainerProcess container = new ContainerProcess(spec, guard, process);
        try (OutputStream gate = process.getOutputStream()) {
            gate.write("go\n".getBytes(StandardCharsets.US_ASCII));
        }
        return container;
    }

    private static String gate() throws IOException {
        try (InputStream in = ContainerProcess.class.getResourceAsStream(GATE)) {
            if (in == null) {
                throw new IllegalStateException("The resource " + GATE + " is missing from the class path.");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public String id() {
        return spec.id();
    }

    @Override
    public Instant startedAt() {
        return startedAt;
    }

    @Override
    public CompletableFuture<Exit> exit() {
        return exit;
    }

    @Override
    public void terminate() {
        if (spec.sharesProcesses() || TermHandler.isInstalled(process.pid())) {
            process.destroy();
        }
    }

    @Override
    public void kill() {
        guard.killGroup(process.pid());
    }

    @Override
    public Optional<String> collect(Exit ended) {
        // when PID 1 of a container ends, the kernel kills all others in it
        guard.killGroup(process.pid());
        boolean fallBack = spec.messageFromLog() && ended.code() != 0;
        try {
            return TerminationMessage.read(
                    spec.terminationFile(),
                    fallBack ? Optional.of(spec.log()) : Optional.empty(),
                    spec.containersInPod());
        } catch (IOException e) {
            LOG.warn("Cannot read the termination message of {}: {}", spec.id(), e.toString());
            return Optional.empty();
        }
    }
}
