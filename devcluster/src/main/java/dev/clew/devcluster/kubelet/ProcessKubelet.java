package dev.clew.devcluster.kubelet;

import dev.clew.devcluster.process.ProcessGuard;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A kubelet for one node, whose containers are local processes: for trying and testing. There is <em>no isolation</em>: a
 * container's command runs as the user who runs this JVM, with the files and the network of this machine. Images are ignored.
 *
 * <p>To an operator it looks like the real one: phases, container statuses, env, deadlines, graceful deletion, finalizers,
 * termination messages. It does not restart containers (every pod is taken for {@code restartPolicy: Never}), has no volumes,
 * no probes, no native sidecars, and does not heed resources.
 *
 * <p>Its node can be {@linkplain #lose lost}, and {@linkplain #recover come back}.
 *
 * <p>No process outlives it, even if this JVM is killed.
 */
public final class ProcessKubelet implements AutoCloseable {
    /** The name of the node that every cluster has. */
    public static final String NODE = "local";

    /** As its requests are named in the audit log. */
    public static final String USER_AGENT = "clew-process-kubelet";

    static final String ADDRESS = "127.0.0.1";

    private static final Logger LOG = LoggerFactory.getLogger(ProcessKubelet.class);

    private final String node;
    private final KubernetesClient client;
    private final NodeLink link = new NodeLink();
    private final PodApi api;
    private final KubeletOptions options;
    private final PodLogs logs;
    private final ProcessContainers processes;
    private final NodeHeartbeat heartbeat;
    private final ExecutorService executor;
    private final Map<String, PodSignals> pods = new ConcurrentHashMap<>();
    private final List<Script> scripts = new CopyOnWriteArrayList<>();
    private final List<PodReplay> replays = new CopyOnWriteArrayList<>();
    private Ear ear;
    private boolean closed;

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

    private ProcessKubelet(String node, Access access, Place place, KubeletOptions options) {
        this.node = node;
        this.client = access.client();
        this.api = new PodApi(client, link);
        this.options = options;
        this.logs = new PodLogs(options.logDirectory().orElse(place.logs()));
        this.processes =
                new ProcessContainers(place.scratch(), logs, place.guard(), new ApiValues(client, link), options);
        this.executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("kubelet-", 0).factory());
        this.heartbeat = NodeHeartbeat.start(access.heartbeats(), node, options.leaseRenewPeriod());
        this.ear = new Ear();
    }

    /**
     * How it reaches the API server; all rights are needed. May be shared by several kubelets; closed by who made it.
     *
     * @param client for everything else
     * @param heartbeats for the Node object and its lease alone, so that no crowd of pods holds them up
     */
    public record Access(KubernetesClient client, KubernetesClient heartbeats) {}

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
     * @param node its name
     */
    public static ProcessKubelet start(String node, Access access, Place place, KubeletOptions options) {
        return new ProcessKubelet(node, access, place, options);
    }

    /** The name of its node, which is also the node's label {@code kubernetes.io/hostname}. */
    public String node() {
        return node;
    }

    /**
     * Cuts the node off from the API server, as a broken network does: its lease is no longer renewed, nothing is reported and
     * nothing is heard, but the containers run on. When this returns, the last write has been answered. Does nothing if the
     * node is lost already.
     */
    public synchronized void lose() {
        if (link.isUp()) {
            ear.close();
            heartbeat.pause();
            link.cut();
        }
    }

    /**
     * Ends {@link #lose}: the node is registered, anew if its object is gone, is ready again, and reports what has become of its
     * pods; those that have been deleted or are gone come to their end. Does nothing if the node is not lost.
     */
    public synchronized void recover() {
        if (link.isUp() || closed) {
            return;
        }
        heartbeat.resume();
        ear = new Ear();
        ear.catchUp();
        link.restore();
        pods.values().forEach(PodSignals::ping);
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

    /** The next pod that matches is not run: what was recorded of another is played on it, step by step. */
    public PodReplay replay(Predicate<Pod> matching, PodRecording recording) {
        PodReplay replay = new PodReplay(api, matching, recording);
        replays.add(replay);
        return replay;
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
        PodSignals known = pods.get(pod.getMetadata().getUid());
        if (known != null) {
            known.update(pod);
        } else if (!isTerminal(pod)) {
            accept(pod);
        }
    }

    private void accept(Pod pod) {
        PodSignals signals = new PodSignals(pod);
        if (pods.putIfAbsent(pod.getMetadata().getUid(), signals) == null) {
            executor.execute(replays.stream()
                    .filter(replay -> replay.take(pod, signals))
                    .findFirst()
                    .<Runnable>map(replay -> () -> replay.seeOff(signals))
                    .orElse(() -> work(pod, signals)));
        }
    }

    private void work(Pod pod, PodSignals signals) {
        new PodWorker(api, sourceFor(pod), signals, options).run();
        removeScratch(pod);
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

    private void forget(String uid) {
        PodSignals signals = pods.remove(uid);
        if (signals != null) {
            signals.gone();
        }
    }

    /**
     * Stops: kills all containers and takes the node out of the cluster. Writes no status: what becomes of its pods is left to
     * pod garbage collection.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            ear.close();
        }
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("Some pod workers have not ended within 10 s.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        heartbeat.close();
    }

    /** Hears of this node's pods until it is closed. */
    private final class Ear implements ResourceEventHandler<Pod>, AutoCloseable {
        private final SharedIndexInformer<Pod> informer;
        private volatile boolean deaf;

        Ear() {
            this.informer = client.pods()
                    .inAnyNamespace()
                    .withField("spec.nodeName", node)
                    .inform(this);
        }

        /** Enters at once what has changed since another ear was closed. */
        void catchUp() {
            List<Pod> current = informer.getStore().list();
            current.forEach(ProcessKubelet.this::consider);
            Set<String> there =
                    current.stream().map(pod -> pod.getMetadata().getUid()).collect(Collectors.toSet());
            Set.copyOf(pods.keySet()).stream()
                    .filter(uid -> !there.contains(uid))
                    .forEach(ProcessKubelet.this::forget);
        }

        @Override
        public void onAdd(Pod pod) {
            if (!deaf) {
                consider(pod);
            }
        }

        @Override
        public void onUpdate(Pod old, Pod pod) {
            if (!deaf) {
                consider(pod);
            }
        }

        @Override
        public void onDelete(Pod pod, boolean deletedFinalStateUnknown) {
            if (!deaf) {
                forget(pod.getMetadata().getUid());
            }
        }

        @Override
        public void close() {
            deaf = true;
            informer.stop();
        }
    }
}
