package dev.clew.operator.workflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.clew.api.Names;
import dev.clew.api.workflow.WorkflowSpec;
import dev.clew.engine.graph.StepGraph;
import dev.clew.operator.deletion.Deletions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Snapshots of workflows: a ControllerRevision per content, shared by all runs of it. It has no owner, so that deleting
 * the Workflow takes it from no run.
 */
public final class Revisions {
    private static final Logger LOG = LoggerFactory.getLogger(Revisions.class);
    private static final int CACHED = 200;
    private static final int HASH_CHARACTERS = 13;
    private static final int MOST_TRIES = 5;
    private static final long PAGE = 500;

    /** Annotation: since when nothing is known to use a revision. */
    static final String UNUSED_SINCE = Names.KEY_PREFIX + "unused-since";

    private final KubernetesClient client;
    private final ObjectMapper mapper = JsonMapper.builder()
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();
    private final Map<String, Snapshot> cache = Collections.synchronizedMap(new Cache());

    /** A definition with its graph, made once for all runs. */
    public record Snapshot(WorkflowSpec spec, StepGraph graph) {}

    private static final class Cache extends LinkedHashMap<String, Snapshot> {
        Cache() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Snapshot> eldest) {
            return size() > CACHED;
        }
    }

    /** Revisions in the cluster that a client talks to. */
    public Revisions(KubernetesClient client) {
        this.client = client;
    }

    /** Name of the revision of a content: the workflow's name and 52 bits of a hash. */
    public String name(String workflow, WorkflowSpec spec) {
        return workflow + "-" + hash(mapper.valueToTree(spec));
    }

    /** Over the JSON itself, so that a later version, which may know more fields, finds the same. */
    private String hash(JsonNode spec) {
        try {
            byte[] json = mapper.writeValueAsBytes(mapper.treeToValue(spec, Object.class));
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(json);
            return HexFormat.of().formatHex(digest).substring(0, HASH_CHARACTERS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written as JSON", e);
        }
    }

    /**
     * Makes sure that the revision of a content exists, with that content, and is not marked as unused: a marked one may be
     * deleted at any moment.
     *
     * @throws IllegalStateException if an object of that name has another content
     */
    public void ensure(String namespace, String workflow, WorkflowSpec spec) {
        String name = name(workflow, spec);
        for (int i = 0; i < MOST_TRIES; i++) {
            Optional<ControllerRevision> found = get(namespace, name);
            if (found.isEmpty()) {
                create(revision(namespace, workflow, name, spec));
            } else if (spec(found.get()).isEmpty()) {
                throw new IllegalStateException(
                        "the ControllerRevision " + namespace + "/" + name + " has another content than its name says");
            } else if (markedSince(found.get()).isEmpty() || unmark(found.get())) {
                return;
            }
        }
        throw new IllegalStateException(
                "the ControllerRevision " + namespace + "/" + name + " changes faster than it can be read");
    }

    /** All revisions of Clew in a namespace, or in all; read live. */
    List<ControllerRevision> list(@Nullable String namespace) {
        var revisions = client.apps().controllerRevisions();
        var options = new ListOptionsBuilder()
                .withLabelSelector(Names.MANAGED_BY_LABEL + "=" + Names.MANAGED_BY)
                .withLimit(PAGE)
                .build();
        List<ControllerRevision> all = new ArrayList<>();
        do {
            var page = namespace == null
                    ? revisions.inAnyNamespace().list(options)
                    : revisions.inNamespace(namespace).list(options);
            all.addAll(page.getItems());
            options.setContinue(page.getMetadata().getContinue());
        } while (options.getContinue() != null && !options.getContinue().isEmpty());
        return all;
    }

    /** Since when a revision is marked as unused, if it is. */
    static Optional<Instant> markedSince(ControllerRevision revision) {
        Map<String, String> annotations = revision.getMetadata().getAnnotations();
        try {
            return Optional.ofNullable(annotations == null ? null : annotations.get(UNUSED_SINCE))
                    .map(Instant::parse);
        } catch (DateTimeParseException e) {
            return Optional.of(Instant.EPOCH);
        }
    }

    /** Marks a revision as unused; false if it has changed. */
    boolean mark(ControllerRevision revision, Instant now) {
        boolean none = revision.getMetadata().getAnnotations() == null
                || revision.getMetadata().getAnnotations().isEmpty();
        return patch(
                revision,
                none
                        ? "{\"op\":\"add\",\"path\":\"/metadata/annotations\",\"value\":{\"" + UNUSED_SINCE + "\":\""
                                + now + "\"}}"
                        : "{\"op\":\"add\",\"path\":\"/metadata/annotations/" + UNUSED_SINCE.replace("/", "~1")
                                + "\",\"value\":\"" + now + "\"}");
    }

    /** Takes the mark off again; false if it has changed. */
    boolean unmark(ControllerRevision revision) {
        return patch(
                revision,
                "{\"op\":\"remove\",\"path\":\"/metadata/annotations/" + UNUSED_SINCE.replace("/", "~1") + "\"}");
    }

    private boolean patch(ControllerRevision revision, String operation) {
        String condition = "{\"op\":\"replace\",\"path\":\"/metadata/resourceVersion\",\"value\":\""
                + revision.getMetadata().getResourceVersion() + "\"}";
        try {
            client.resource(revision).patch(PatchContext.of(PatchType.JSON), "[" + condition + "," + operation + "]");
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    /** Deletes a revision, if it is still as it was read; false if not. */
    boolean delete(ControllerRevision revision) {
        ObjectMeta meta = revision.getMetadata();
        cache.remove(meta.getNamespace() + "/" + meta.getName());
        return new Deletions(client)
                .delete(
                        "/apis/apps/v1/namespaces/" + meta.getNamespace() + "/controllerrevisions/" + meta.getName(),
                        meta.getUid(),
                        meta.getResourceVersion());
    }

    private void create(ControllerRevision revision) {
        try {
            client.resource(revision).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }

    private ControllerRevision revision(String namespace, String workflow, String name, WorkflowSpec spec) {
        return new ControllerRevisionBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .addToLabels(Names.MANAGED_BY_LABEL, Names.MANAGED_BY)
                .addToLabels(Names.KEY_PREFIX + "workflow", workflow)
                .endMetadata()
                .withRevision(1L)
                .withData(Map.of("spec", mapper.convertValue(spec, Object.class)))
                .build();
    }

    /** The content of a revision, cached for ever: it never changes. Empty if there is none. */
    public Optional<Snapshot> snapshot(String namespace, String name) {
        String key = namespace + "/" + name;
        Snapshot cached = cache.get(key);
        if (cached != null) {
            return Optional.of(cached);
        }
        Optional<Snapshot> read =
                get(namespace, name).flatMap(this::spec).map(spec -> new Snapshot(spec, StepGraph.of(spec)));
        read.ifPresent(snapshot -> cache.put(key, snapshot));
        return read;
    }

    private Optional<ControllerRevision> get(String namespace, String name) {
        return Optional.ofNullable(client.apps()
                .controllerRevisions()
                .inNamespace(namespace)
                .withName(name)
                .get());
    }

    /** What a revision holds; nothing if it was made by hand in place of ours: the name tells the content. */
    private Optional<WorkflowSpec> spec(ControllerRevision revision) {
        String name = revision.getMetadata().getName();
        JsonNode spec = mapper.valueToTree(revision.getData()).path("spec");
        if (!name.endsWith("-" + hash(spec))) {
            return Optional.empty();
        }
        try {
            return Optional.of(mapper.treeToValue(spec, WorkflowSpec.class));
        } catch (JsonProcessingException e) {
            // written by a newer version: it counts as missing, and the run can be ended
            LOG.warn("cannot read the ControllerRevision {}: {}", name, e.getOriginalMessage());
            return Optional.empty();
        }
    }
}
