package dev.clew.devcluster.kubelet;

import dev.clew.devcluster.process.ProcessGuard;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A kubelet (and scheduler) for one node, {@value #NODE}, whose containers are local processes: for trying and testing. There
 * is <em>no isolation</em>: a container's command runs as the user who runs this JVM, with the files and the network of this
 * machine. Images are ignored.
 *
 * <p>To an operator it looks like the real one: gates, phases, container statuses, env, deadlines, graceful deletion,
 * finalizers, termination messages. It does not restart containers (every pod is taken for {@code restartPolicy: Never}), has
 * no volumes, no probes, no native sidecars, and does not heed resources.
 *
 * <p>No process outlives it, even if this JVM is killed.
 */
public final class ProcessKubelet implements AutoCloseable {
    /** The name of the node. */
    public static final String NODE = "local";

    /** As its requests are named in the audit log. */
    public static final String USER_AGENT = "clew-process-kubelet";

    static final String ADDRESS = "127.0.0.1";

    private static final Logger LOG = LoggerFactory.getLogger(ProcessKubelet.class);

    private final KubernetesClient client;
    private final PodApi api;
    private final KubeletOptions options;
    private final PodLogs logs;
    private final ProcessContainers processes;
    private final PodBinder binder;
    private final NodeHeartbeat heartbeat;
    private final ExecutorService executor;
    private final Map<String, PodSignals> pods = new ConcurrentHashMap<>();
    private final List<Script> scripts = new CopyOnWriteArrayList<>();
    private final SharedIndexInformer<Pod> informer;

    /** A rule for pods that are not to run as processes. */
    public final class Script {
        private final Function<Pod, Optional<ScriptedOutcome>> rule;

        private Script(Function<Pod, Optional<ScriptedOutcome>> rule) {
            this.rule = rule;
        }

        /** Takes the rule away; pods that have been accepted under it are not touched. */
        public void remove() {
            scripts.remove(this);
        }
    }

    private ProcessKubelet(Config config, Place place, KubeletOptions options) {
        this.client = new KubernetesClientBuilder().withConfig(config).build();
        this.api = new PodApi(client);
        this.options = options;
        this.logs = new PodLogs(options.logDirectory().orElse(place.logs()));
        this.processes = new ProcessContainers(place.scratch(), logs, place.guard(), new ApiValues(client), options);
        this.executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("kubelet-", 0).factory());
        this.binder =
                new PodBinder(api, NODE, () -> client.nodes().withName(NODE).require(), executor);
        this.heartbeat = NodeHeartbeat.start(client, NODE, options.leaseRenewPeriod());
        this.informer = client.pods().inAnyNamespace().inform(new Events());
    }

    /**
     * Where it works.
     *
     * @param logs for the containers' logs, unless the options name another directory
     * @param scratch for the containers' own directories; a path that needs no quoting in a shell
     * @param guard to which the processes are entrusted
     */
    public record Place(Path logs, Path scratch, ProcessGuard guard) {}

    /**
     * Registers the node and starts to work.
     *
     * @param config how to reach the API server; all rights are needed
     */
    public static ProcessKubelet start(Config config, Place place, KubeletOptions options) {
        return new ProcessKubelet(config, place, options);
    }

    /** From now on, pods that match get this outcome instead of processes. The first rule that matches counts. */
    public Script script(Predicate<Pod> pods, ScriptedOutcome outcome) {
        return script(pod -> pods.test(pod) ? Optional.of(outcome) : Optional.empty());
    }

    /** From now on, pods for which this gives an outcome get that instead of processes. Must be quick and thread-safe. */
    public Script script(Function<Pod, Optional<ScriptedOutcome>> rule) {
        Script script = new Script(rule);
        scripts.add(script);
        return script;
    }

    /** What containers have written, also of pods that are gone. */
    public PodLogs logs() {
        return logs;
    }

    private ContainerSource sourceFor(Pod pod) {
        return scripts.stream()
                .flatMap(script -> script.rule.apply(pod).stream())
                .findFirst()
                .<ContainerSource>map(ScriptedContainers::new)
                .orElse(processes);
    }

    private void consider(Pod pod) {
        if (!NODE.equals(pod.getSpec().getNodeName())) {
            binder.consider(pod);
            return;
        }
        PodSignals known = pods.get(pod.getMetadata().getUid());
        if (known != null) {
            known.update(pod);
        } else if (!isTerminal(pod)) {
            accept(pod);
        }
    }

    private void accept(Pod pod) {
        PodSignals signals = new PodSignals(pod);
        pods.put(pod.getMetadata().getUid(), signals);
        executor.execute(() -> {
            new PodWorker(api, sourceFor(pod), signals, options).run();
            removeScratch(pod);
        });
    }

    private static boolean isTerminal(Pod pod) {
        String phase = pod.getStatus().getPhase();
        return StatusReport.SUCCEEDED.equals(phase) || StatusReport.FAILED.equals(phase);
    }

    private void removeScratch(Pod pod) {
        Path directory = processes.directory(pod);
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("Cannot remove {}: {}", directory, e.toString());
        }
    }

    /** Stops: kills all containers and no longer renews the node's lease. Writes no status. */
    @Override
    public void close() {
        informer.stop();
        heartbeat.close();
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("Some pod workers have not ended within 10 s.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.close();
    }

    private final class Events implements ResourceEventHandler<Pod> {
        @Override
        public void onAdd(Pod pod) {
            consider(pod);
        }

        @Override
        public void onUpdate(Pod old, Pod pod) {
            consider(pod);
        }

        @Override
        public void onDelete(Pod pod, boolean deletedFinalStateUnknown) {
            binder.forget(pod);
            PodSignals signals = pods.remove(pod.getMetadata().getUid());
            if (signals != null) {
                signals.gone();
            }
        }
    }
}
