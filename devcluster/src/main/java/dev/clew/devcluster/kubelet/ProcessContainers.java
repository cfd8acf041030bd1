package dev.clew.devcluster.kubelet;

import dev.clew.devcluster.kubelet.ContainerEnvironment.ConfigErrorException;
import dev.clew.devcluster.process.ProcessGuard;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * Containers as local processes. The image is ignored, so a container needs a command. It gets {@code PATH}, {@code HOME} and
 * what its spec says as its environment.
 *
 * <p>As there is no mount namespace, {@code terminationMessagePath} is a file in a scratch directory of the container's own:
 * each occurrence of that path in the command and the arguments, and each env value that is exactly that path, is replaced by
 * the real one. Without {@code workingDir} a container works in an empty directory of its own. Volumes are not mounted.
 */
final class ProcessContainers implements ContainerSource {
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Path scratch;
    private final PodLogs logs;
    private final ProcessGuard guard;
    private final ContainerEnvironment.Values values;
    private final ImageCheck images;
    private final KubeletOptions options;

    ProcessContainers(
            Path scratch,
            PodLogs logs,
            ProcessGuard guard,
            ContainerEnvironment.Values values,
            KubeletOptions options) {
        this.scratch = scratch;
        this.logs = logs;
        this.guard = guard;
        this.values = values;
        this.images = new ImageCheck(options.missingImage());
        this.options = options;
    }

    @Override
    public boolean announcesCreation() {
        return true;
    }

    @Override
    public Duration startDelay() {
        return options.startDelay();
    }

    @Override
    public Duration terminalDelay() {
        return options.terminalDelay();
    }

    @Override
    public Start start(Pod pod, Container container, int attempt) {
        Optional<Start.NotCreated> imageTrouble = images.check(container, attempt);
        if (imageTrouble.isPresent()) {
            return imageTrouble.orElseThrow();
        }
        if (container.getCommand().isEmpty()) {
            return new Start.NotCreated(
                    "CreateContainerError",
                    "the process kubelet ignores images, so it knows no entrypoint: give the container a command");
        }
        try {
            Path directory = Files.createDirectories(directory(pod).resolve(container.getName()));
            return start(pod, container, directory);
        } catch (ConfigErrorException e) {
            return new Start.NotCreated("CreateContainerConfigError", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return new Start.NotCreated("CreateContainerError", e.toString());
        }
    }

    private Start start(Pod pod, Container container, Path directory) throws ConfigErrorException, IOException {
        String declared = container.getTerminationMessagePath();
        String actual = directory.resolve("termination-log").toString();
        Path home = Files.createDirectories(directory.resolve("work"));
        Map<String, String> variables = ContainerEnvironment.of(pod, container, values);
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PATH", Objects.requireNonNullElse(System.getenv("PATH"), DEFAULT_PATH));
        environment.put("HOME", home.toString());
        variables.forEach((name, value) -> environment.put(name, value.equals(declared) ? actual : value));

        List<String> command = new ArrayList<>();
        for (List<String> words : List.of(container.getCommand(), container.getArgs())) {
            words.forEach(word ->
                    command.add(VariableExpansion.expand(word, variables).replace(declared, actual)));
        }
        Path workingDirectory = workingDirectory(container).orElse(home);
        String id = "process://" + UUID.randomUUID().toString().replace("-", "");
        Optional<String> trouble = ExecutableCheck.trouble(
                command.getFirst(), workingDirectory, environment.getOrDefault("PATH", DEFAULT_PATH));
        if (trouble.isPresent()) {
            return new Start.Failed(id, asContainerdSaysIt(trouble.orElseThrow()));
        }
        Path log = logs.file(pod.getMetadata().getNamespace(), pod.getMetadata().getName(), container.getName());
        Files.createDirectories(Objects.requireNonNull(log.getParent()));
        return new Start.Started(ContainerProcess.start(
                new ContainerProcess.Spec(
                        id,
                        command,
                        environment,
                        workingDirectory,
                        log,
                        Path.of(actual),
                        "FallbackToLogsOnError".equals(container.getTerminationMessagePolicy()),
                        sharesProcesses(pod),
                        pod.getSpec().getContainers().size()
                                + pod.getSpec().getInitContainers().size()),
                guard));
    }

    private static String asContainerdSaysIt(String trouble) {
        return "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create"
                + " failed: unable to start container process: " + trouble + ": unknown";
    }

    private static Optional<Path> workingDirectory(Container container) {
        String configured = container.getWorkingDir();
        return configured == null || configured.isEmpty() ? Optional.empty() : Optional.of(Path.of(configured));
    }

    /** Then the container's process is not PID 1 in the real thing, and every signal reaches it. */
    private static boolean sharesProcesses(Pod pod) {
        return Boolean.TRUE.equals(pod.getSpec().getShareProcessNamespace())
                || Boolean.TRUE.equals(pod.getSpec().getHostPID());
    }

    /** The scratch directory of a pod. */
    Path directory(Pod pod) {
        return scratch.resolve(pod.getMetadata().getUid());
    }
}
