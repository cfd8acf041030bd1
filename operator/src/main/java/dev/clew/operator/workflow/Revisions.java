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
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Snapshots of workflows: a ControllerRevision per content, shared by all runs of it. It has no owner, so that deleting
 * the Workflow takes it from no run.
 */
public final class Revisions {
    private static final int CACHED = 200;
    private static final int HASH_CHARACTERS = 13;

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
     * Makes sure that the revision of a content exists, with that content.
     *
     * @throws IllegalStateException if an object of that name has another content
     */
    public void ensure(String namespace, String workflow, WorkflowSpec spec) {
        String name = name(workflow, spec);
        if (read(namespace, name).isEmpty()) {
            create(revision(namespace, workflow, name, spec));
            if (read(namespace, name).isEmpty()) {
                throw new IllegalStateException(
                        "the ControllerRevision " + namespace + "/" + name + " has another content than its name says");
            }
        }
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
        Optional<Snapshot> read = read(namespace, name).map(spec -> new Snapshot(spec, StepGraph.of(spec)));
        read.ifPresent(snapshot -> cache.put(key, snapshot));
        return read;
    }

    private Optional<WorkflowSpec> read(String namespace, String name) {
        ControllerRevision revision = client.apps()
                .controllerRevisions()
                .inNamespace(namespace)
                .withName(name)
                .get();
        if (revision == null || revision.getData() == null) {
            return Optional.empty();
        }
        JsonNode spec = mapper.valueToTree(revision.getData()).path("spec");
        if (!name.endsWith("-" + hash(spec))) {
            // made by hand in its place: the name tells the content
            return Optional.empty();
        }
        try {
            return Optional.of(mapper.treeToValue(spec, WorkflowSpec.class));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "the ControllerRevision " + namespace + "/" + name + " holds no workflow: "
                            + e.getOriginalMessage(),
                    e);
        }
    }
}
