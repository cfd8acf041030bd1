package dev.clew.operator.run;

import dev.clew.api.Names;
import dev.clew.api.Workflow;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.protocol.Cluster;
import dev.clew.engine.run.DefinitionSeen;
import dev.clew.engine.run.NodeSeen;
import dev.clew.engine.run.RunView;
import dev.clew.operator.deletion.Deletions;
import dev.clew.operator.event.Events;
import dev.clew.operator.pod.Pods;
import dev.clew.operator.status.StatusWriter;
import dev.clew.operator.workflow.Revisions;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.processing.event.source.informer.ManagedInformerEventSource;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The loop's cluster behind the Kubernetes API. What a write is answered enters the cache that the next pass reads. */
final class KubernetesCluster implements Cluster {
    private static final Logger LOG = LoggerFactory.getLogger(KubernetesCluster.class);
    private static final int UNPROCESSABLE = 422;

    private final KubernetesClient client;
    private final ManagedInformerEventSource<WorkflowRun, WorkflowRun, ?> runs;
    private final Pods pods;
    private final Definitions definitions;
    private final Revisions revisions;
    private final StatusWriter statusWriter;
    private final Events events;
    private final Requests requests;
    private final Progress progress;
    private final Deletions deletions;
    private final Clock clock;

    KubernetesCluster(
            KubernetesClient client,
            ManagedInformerEventSource<WorkflowRun, WorkflowRun, ?> runs,
            Pods pods,
            Definitions definitions,
            Revisions revisions,
            StatusWriter statusWriter,
            Events events,
            Requests requests,
            Progress progress,
            Clock clock) {
        this.client = client;
        this.runs = runs;
        this.pods = pods;
        this.definitions = definitions;
        this.revisions = revisions;
        this.statusWriter = statusWriter;
        this.events = events;
        this.requests = requests;
        this.progress = progress;
        this.deletions = new Deletions(client);
        this.clock = clock;
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    @Override
    public DefinitionSeen definition(RunView run) {
        return definitions.of(run);
    }

    @Override
    public void ensureRevision(RunView run, DefinitionSeen.Usable definition) {
        String workflow = definition.snapshot().name();
        if (workflow != null) {
            requests.bounded(() -> {
                revisions.ensure(
                        run.namespace(), workflow, definition.definition().spec());
                return true;
            });
        }
    }

    @Override
    public Optional<RunView> readRun(RunView run) {
        WorkflowRun read = requests.bounded(() -> client.resources(WorkflowRun.class)
                .inNamespace(run.namespace())
                .withName(run.name())
                .get());
        return Optional.ofNullable(read)
                .filter(found -> found.unreadable().isEmpty())
                .map(RunViews::of)
                .filter(view -> view.uid().equals(run.uid()));
    }

    @Override
    public RunView addFinalizer(RunView run) throws StaleException {
        String add = run.finalizers().isEmpty()
                ? "\"path\":\"/metadata/finalizers\",\"value\":[\"" + Names.RUN_FINALIZER + "\"]"
                : "\"path\":\"/metadata/finalizers/-\",\"value\":\"" + Names.RUN_FINALIZER + "\"";
        return swap(run, resource -> patch(resource, run.resourceVersion(), "{\"op\":\"add\"," + add + "}"));
    }

    @Override
    public void removeFinalizer(RunView run) throws StaleException {
        int index = run.finalizers().indexOf(Names.RUN_FINALIZER);
        String remove = "{\"op\":\"remove\",\"path\":\"/metadata/finalizers/" + index + "\"}";
        swap(run, resource -> patch(resource, run.resourceVersion(), remove));
    }

    @Override
    public RunView writeStatus(RunView run, WorkflowRunStatus status) throws StaleException {
        RunView written = swap(run, resource -> statusWriter.write(resource, run.status(), status));
        progress.tell(run.status(), status);
        return written;
    }

    /** A patch that the API server refuses with 409 if the run has another resourceVersion by now. */
    private WorkflowRun patch(WorkflowRun run, String resourceVersion, String operation) {
        String condition =
                "{\"op\":\"replace\",\"path\":\"/metadata/resourceVersion\",\"value\":\"" + resourceVersion + "\"}";
        return client.resource(run).patch(PatchContext.of(PatchType.JSON), "[" + condition + "," + operation + "]");
    }

    private RunView swap(RunView run, UnaryOperator<WorkflowRun> write) throws StaleException {
        try {
            return RunViews.of(
                    requests.bounded(() -> runs.eventFilteringUpdateAndCacheResource(reference(run), write)));
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                throw new StaleException(Objects.requireNonNullElse(e.getMessage(), "conflict"));
            }
            // a patch of what the run no longer has is refused before its resourceVersion is looked at
            if (e.getCode() == UNPROCESSABLE && hasChanged(run)) {
                throw new StaleException("the run has changed since it was cached");
            }
            throw e;
        }
    }

    private boolean hasChanged(RunView run) {
        return readRun(run)
                .filter(now -> now.resourceVersion().equals(run.resourceVersion()))
                .isEmpty();
    }

    /** Enough of a run to name it in a request. */
    private static WorkflowRun reference(RunView run) {
        var reference = new WorkflowRun();
        var meta = new ObjectMeta();
        meta.setNamespace(run.namespace());
        meta.setName(run.name());
        meta.setUid(run.uid());
        meta.setResourceVersion(run.resourceVersion());
        reference.setMetadata(meta);
        return reference;
    }

    @Override
    public Map<String, PodFacts> cachedPods(RunView run) {
        return pods.cached(reference(run));
    }

    @Override
    public Optional<PodFacts> readPod(String namespace, String name) {
        return requests.bounded(() -> pods.read(namespace, name));
    }

    @Override
    public NodeSeen readNode(String name) {
        try {
            Node node = requests.bounded(() -> client.nodes().withName(name).get());
            return Nodes.seen(node);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                return new NodeSeen.Forbidden();
            }
            throw e;
        }
    }

    @Override
    public void deleteRun(RunView run) throws StaleException {
        String path = "/apis/" + Workflow.GROUP + "/" + Workflow.VERSION + "/namespaces/" + run.namespace()
                + "/workflowruns/" + run.name();
        boolean deleted = requests.bounded(() -> deletions.delete(path, run.uid(), run.resourceVersion()));
        if (!deleted) {
            throw new StaleException("the run has changed since its time was up");
        }
        LOG.info("deleted: its time after the end has passed");
    }

    @Override
    public boolean isTerminating(String namespace) {
        try {
            Namespace read = requests.bounded(
                    () -> client.namespaces().withName(namespace).get());
            return read != null && read.isMarkedForDeletion();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public Created create(Pod pod) {
        Created created = requests.bounded(() -> pods.create(pod));
        Map<String, String> labels = pod.getMetadata().getLabels();
        // creates run beside each other, on threads that know nothing of the run
        try (var namespace = MDC.putCloseable("namespace", pod.getMetadata().getNamespace());
                var run = MDC.putCloseable("run", labels.get(Names.RUN_LABEL));
                var step = MDC.putCloseable("step", labels.get(Names.STEP_LABEL))) {
            switch (created) {
                case Created.Made made ->
                    LOG.info("created the pod {}", made.pod().name());
                case Created.Exists exists ->
                    LOG.info("the pod {} exists already", pod.getMetadata().getName());
                case Created.NamespaceTerminating gone ->
                    LOG.warn("the namespace is being deleted: nothing can be created");
                case Created.Refused(String reason, String message) -> LOG.warn("{}: {}", reason, message);
                case Created.Failed(String message) -> LOG.warn("the API server failed at it: {}", message);
            }
        }
        return created;
    }

    @Override
    public void delete(String namespace, String name, String uid) {
        requests.bounded(() -> {
            pods.delete(namespace, name, uid);
            return true;
        });
    }

    @Override
    public Optional<PodFacts> release(String namespace, String name, String uid) {
        return requests.bounded(() -> pods.release(namespace, name, uid));
    }

    @Override
    public void tell(RunView run, Telling telling) {
        ObjectReference about = Events.reference("WorkflowRun", run.namespace(), run.name(), run.uid());
        events.tell(about, telling.warning(), telling.reason(), telling.message(), now());
    }

    @Override
    public <T> List<T> inParallel(List<Callable<T>> tasks) {
        return Requests.inParallel(tasks);
    }
}
