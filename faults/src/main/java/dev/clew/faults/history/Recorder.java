package dev.clew.faults.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches the API server itself, not through a gate, and keeps every version of every object. */
public final class Recorder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final KubernetesClient client;
    private final Map<String, ConcurrentLinkedQueue<Version>> versions = new ConcurrentHashMap<>();
    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService again = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("recorder").factory());
    private volatile boolean closed;
    private volatile boolean gap;

    private Recorder(KubernetesClient client) {
        this.client = client;
    }

    /** Begins to record; what is there already is not recorded. */
    public static Recorder start(KubernetesClient client) {
        var recorder = new Recorder(client);
        recorder.record("clew.dev", "v1alpha1", "WorkflowRun", "workflowruns");
        recorder.record("clew.dev", "v1alpha1", "Workflow", "workflows");
        recorder.record("", "v1", "Pod", "pods");
        recorder.record("", "v1", "ConfigMap", "configmaps");
        recorder.record("apps", "v1", "ControllerRevision", "controllerrevisions");
        recorder.record("events.k8s.io", "v1", "Event", "events");
        recorder.record("coordination.k8s.io", "v1", "Lease", "leases");
        return recorder;
    }

    private void record(String group, String version, String kind, String plural) {
        var context = new ResourceDefinitionContext.Builder()
                .withGroup(group)
                .withVersion(version)
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(true)
                .build();
        var line = new Line(context);
        GenericKubernetesResourceList list =
                client.genericKubernetesResources(context).inAnyNamespace().list();
        line.last = list.getMetadata().getResourceVersion();
        lines.add(line);
        line.open();
    }

    /** The watch of one kind, which goes on where it was when it is cut. */
    private final class Line implements Watcher<GenericKubernetesResource> {
        private final ResourceDefinitionContext context;
        private volatile String last = "0";
        private volatile @Nullable Watch watch;

        Line(ResourceDefinitionContext context) {
            this.context = context;
        }

        void open() {
            if (closed) {
                return;
            }
            try {
                watch = client.genericKubernetesResources(context)
                        .inAnyNamespace()
                        .watch(
                                new ListOptionsBuilder()
                                        .withResourceVersion(last)
                                        .build(),
                                this);
            } catch (KubernetesClientException e) {
                LOG.info("cannot record {} just now: {}", context.getPlural(), e.getMessage());
                var _ = again.schedule(this::open, 200, TimeUnit.MILLISECONDS);
            }
        }

        @Override
        public void eventReceived(Action action, GenericKubernetesResource object) {
            if (action == Action.ERROR) {
                gap = true;
                return;
            }
            last = object.getMetadata().getResourceVersion();
            if (action == Action.BOOKMARK) {
                return;
            }
            JsonNode json = MAPPER.valueToTree(object);
            String namespace = object.getMetadata().getNamespace();
            versions.computeIfAbsent(namespace, key -> new ConcurrentLinkedQueue<>())
                    .add(new Version(
                            context.getPlural(),
                            Long.parseLong(last),
                            action == Action.DELETED,
                            json,
                            System.nanoTime()));
        }

        @Override
        public void onClose(@Nullable WatcherException cause) {
            if (cause != null && cause.isHttpGone()) {
                gap = true;
            }
            if (!closed) {
                var _ = again.schedule(this::open, 50, TimeUnit.MILLISECONDS);
            }
        }

        @Override
        public void onClose() {
            onClose(null);
        }

        @Override
        public boolean reconnecting() {
            return false;
        }
    }

    /** What has been recorded of a namespace. */
    public List<Version> of(String namespace) {
        var recorded = versions.get(namespace);
        return recorded == null ? List.of() : List.copyOf(recorded);
    }

    /** Waits until a version of a namespace is recorded that is as it should be; false if none came in time. */
    public boolean await(String namespace, Predicate<Version> condition, Duration patience) {
        Instant until = Instant.now().plus(patience);
        while (Instant.now().isBefore(until)) {
            if (of(namespace).stream().anyMatch(condition)) {
                return true;
            }
            pause();
        }
        return false;
    }

    /** Waits until all that is in a namespace now has been recorded. */
    public boolean catchUp(String namespace, Duration patience) {
        List<Predicate<Version>> expected = new ArrayList<>();
        for (Line line : lines) {
            client.genericKubernetesResources(line.context).inNamespace(namespace).list().getItems().stream()
                    .map(object -> object.getMetadata())
                    .forEach(meta -> expected.add(version -> version.uid().equals(meta.getUid())
                            && version.revision() >= Long.parseLong(meta.getResourceVersion())));
        }
        return expected.stream().allMatch(condition -> await(namespace, condition, patience));
    }

    /** Whether the API server could not go on where a watch was cut, so that versions may be missing. */
    public boolean hasGap() {
        return gap;
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Forgets a namespace: its plan has been judged. */
    public void forget(String namespace) {
        versions.remove(namespace);
    }

    @Override
    public void close() {
        closed = true;
        for (Line line : lines) {
            Watch watch = line.watch;
            if (watch != null) {
                watch.close();
            }
        }
        again.shutdownNow();
    }
}
