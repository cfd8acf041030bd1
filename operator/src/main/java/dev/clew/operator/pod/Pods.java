package dev.clew.operator.pod;

import dev.clew.api.Names;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Reasons;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.protocol.Cluster.Created;
import dev.clew.engine.protocol.Cluster.PassingRefusalException;
import dev.clew.operator.deletion.Deletions;
import dev.clew.operator.leader.NotLeadingException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.api.model.StatusDetails;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.net.HttpURLConnection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The pods of runs: their cache, and all that is ever done to them. No other class creates, deletes or patches pods. */
public final class Pods {
    private static final int MOST_TRIES = 3;

    /** How the API server names the policy of Clew's chart in a refusal. */
    private static final Pattern LEADER_POLICY =
            Pattern.compile("ValidatingAdmissionPolicy '[^']*" + Pattern.quote(Names.LEADER_POLICY_SUFFIX) + "'");

    private final KubernetesClient client;
    private final Deletions deletions;
    private final String identity;
    private final Consumer<Pod> seen;
    private final InformerEventSource<Pod, WorkflowRun> cache;

    /**
     * Pods that a controller of runs watches.
     *
     * @param client for writes, and for reads past the cache
     * @param identity of this process, which its pods carry
     * @param seen told of each pod whenever it calls for a look
     */
    public Pods(
            KubernetesClient client,
            EventSourceContext<WorkflowRun> context,
            Set<String> namespaces,
            String identity,
            Consumer<Pod> seen) {
        this.client = client;
        this.deletions = new Deletions(client);
        this.identity = identity;
        this.seen = seen;
        var configuration = InformerEventSourceConfiguration.from(Pod.class, WorkflowRun.class)
                .withName("pods")
                .withLabelSelector(Names.MANAGED_BY_LABEL + "=" + Names.MANAGED_BY)
                .withSecondaryToPrimaryMapper(this::run)
                .withOnUpdateFilter(Pods::matters)
                // a limit makes the first list a consistent one: without it the client asks for "any version"
                .withInformerListLimit(500L);
        if (namespaces.size() <= 1) {
            configuration.withItemStore(new PrunedPods());
        }
        this.cache = new InformerEventSource<>(configuration.build(), context);
    }

    /** To be registered with the controller. */
    public InformerEventSource<Pod, WorkflowRun> eventSource() {
        return cache;
    }

    /** By label, as a pod made during a deletion has no owner. A forged label costs a look, no more. */
    private Set<ResourceID> run(Pod pod) {
        seen.accept(pod);
        Map<String, String> labels = pod.getMetadata().getLabels();
        String run = labels == null ? null : labels.get(Names.RUN_LABEL);
        return run == null
                ? Set.of()
                : Set.of(new ResourceID(run, pod.getMetadata().getNamespace()));
    }

    private static boolean matters(Pod now, Pod before) {
        return PodFacts.of(now).callsForALookAfter(PodFacts.of(before));
    }

    /** The pods of a run by name, as cached. */
    public Map<String, PodFacts> cached(WorkflowRun run) {
        Map<String, PodFacts> pods = new HashMap<>();
        for (Pod pod : cache.getSecondaryResources(run)) {
            pods.put(pod.getMetadata().getName(), PodFacts.of(pod));
        }
        return pods;
    }

    /** All pods that hold Clew's finalizer, as cached. */
    public List<Pod> tracked() {
        return cache.list()
                .filter(pod -> pod.getMetadata().getFinalizers().contains(Names.POD_FINALIZER))
                .toList();
    }

    /** A pod as it is now. */
    public Optional<PodFacts> read(String namespace, String name) {
        return live(namespace, name).map(PodFacts::of);
    }

    private Optional<Pod> live(String namespace, String name) {
        return Optional.ofNullable(
                client.pods().inNamespace(namespace).withName(name).get());
    }

    /**
     * Creates a pod; its response enters the cache.
     *
     * @throws PassingRefusalException if it is refused for a reason that passes by itself: it was not made
     */
    public Created create(Pod pod) {
        pod.getMetadata().getAnnotations().put(Names.LEADER_ANNOTATION, identity);
        try {
            Pod created = cache.eventFilteringUpdateAndCacheResource(
                    pod, rendered -> client.resource(rendered).create());
            return new Created.Made(PodFacts.of(created));
        } catch (KubernetesClientException e) {
            return refusal(e);
        } catch (NotLeadingException e) {
            throw new PassingRefusalException(Objects.requireNonNullElse(e.getMessage(), "refused"));
        }
    }

    private static Created refusal(KubernetesClientException e) {
        Status status = e.getStatus();
        String reason = status == null || status.getReason() == null ? "" : status.getReason();
        if (e.getCode() == HttpURLConnection.HTTP_CONFLICT && reason.equals("AlreadyExists")) {
            return new Created.Exists();
        }
        if (causes(status).stream().anyMatch(cause -> "NamespaceTerminating".equals(cause.getReason()))) {
            return new Created.NamespaceTerminating();
        }
        String told = status == null ? null : status.getMessage();
        String message = Objects.requireNonNullElse(told, Objects.requireNonNullElse(e.getMessage(), ""));
        if (e.getCode() < 400 || e.getCode() >= 500) {
            Throwable cause = e.getCause();
            return new Created.Failed(cause == null ? message : message + ": " + cause.getMessage());
        }
        if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == 429) {
            throw new PassingRefusalException(Objects.requireNonNullElse(e.getMessage(), "refused"));
        }
        if (LEADER_POLICY.matcher(message).find()) {
            // not of this pod, but of this process: it has lost the Lease, or the policy has not heard yet that it got
            // it
            throw new PassingRefusalException(message);
        }
        return new Created.Refused(Reasons.CREATE_REFUSED, message);
    }

    private static List<StatusCause> causes(@Nullable Status status) {
        return Optional.ofNullable(status)
                .map(Status::getDetails)
                .map(StatusDetails::getCauses)
                .orElse(List.of());
    }

    /** Deletes a pod with its own grace period, if it is still the one with that UID. */
    public void delete(String namespace, String name, String uid) {
        boolean deleted = deletions.delete("/api/v1/namespaces/" + namespace + "/pods/" + name, uid, null);
        if (!deleted && live(namespace, name).filter(pod -> isLeft(pod, uid)).isPresent()) {
            // a conflict that is not about the UID: nothing would delete an unowned pod later
            throw new IllegalStateException("the API server does not delete the pod " + name + " just now");
        }
    }

    private static boolean isLeft(Pod pod, String uid) {
        return uid.equals(pod.getMetadata().getUid()) && !pod.isMarkedForDeletion();
    }

    /** Takes Clew's finalizer off a pod, if it is still the one with that UID; the pod as it then is. */
    public Optional<PodFacts> release(String namespace, String name, String uid) {
        Optional<Pod> pod = cache.get(new ResourceID(name, namespace));
        for (int i = 0; i < MOST_TRIES; i++) {
            if (pod.isEmpty() || !uid.equals(pod.get().getMetadata().getUid())) {
                pod = live(namespace, name);
            }
            if (pod.isEmpty() || !uid.equals(pod.get().getMetadata().getUid())) {
                return Optional.empty();
            }
            int index = pod.get().getMetadata().getFinalizers().indexOf(Names.POD_FINALIZER);
            if (index < 0) {
                return pod.map(PodFacts::of);
            }
            try {
                return Optional.of(PodFacts.of(removeFinalizer(pod.get(), uid, index)));
            } catch (KubernetesClientException e) {
                switch (e.getCode()) {
                    case HttpURLConnection.HTTP_NOT_FOUND -> {
                        return Optional.empty();
                    }
                    // a test in the patch failed: the pod or its finalizers are not what they were
                    case 422 -> pod = live(namespace, name);
                    default -> throw e;
                }
            }
        }
        throw new IllegalStateException("the finalizers of the pod " + name + " change faster than they can be read");
    }

    private Pod removeFinalizer(Pod pod, String uid, int index) {
        String patch = """
                [{"op":"test","path":"/metadata/uid","value":"%s"},
                 {"op":"test","path":"/metadata/finalizers/%d","value":"%s"},
                 {"op":"remove","path":"/metadata/finalizers/%d"}]""".formatted(uid, index, Names.POD_FINALIZER, index);
        return cache.eventFilteringUpdateAndCacheResource(
                pod,
                tracked -> client.pods()
                        .inNamespace(tracked.getMetadata().getNamespace())
                        .withName(tracked.getMetadata().getName())
                        .patch(PatchContext.of(PatchType.JSON), patch));
    }
}
