package dev.clew.operator.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.clew.api.Workflow;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Reasons;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Writes status, and is the only one to do so: as a JSON patch of what has changed, which the API server refuses with
 * 409 if the object has another resourceVersion by now.
 */
public final class StatusWriter {
    private final KubernetesClient client;
    private final ObjectMapper mapper = StatusJson.mapper();

    /** Of what is told of a record that cannot be read; a message has 32 KiB at most. */
    private static final int LONGEST_REASON = 2_000;

    /** A writer that uses a client. */
    public StatusWriter(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Writes a status.
     *
     * @param resource the object as it was read, with the resourceVersion that the write depends on
     * @param before its status as it was read
     * @return the object as it then is
     * @throws io.fabric8.kubernetes.client.KubernetesClientException with code 409 if it has changed meanwhile, 404 if it
     *     is gone
     */
    public <R extends CustomResource<?, S>, S> R write(R resource, S before, S after) {
        JsonNode patch = patch(
                resource.getMetadata().getResourceVersion(), mapper.valueToTree(before), mapper.valueToTree(after));
        return client.resource(resource).subresource("status").patch(PatchContext.of(PatchType.JSON), patch.toString());
    }

    /**
     * Says in the conditions of a run that its record cannot be read, and changes nothing else in it.
     *
     * @return whether that was news
     */
    public boolean tellUnreadable(WorkflowRun run, String why, Instant now) {
        var resource = client.genericKubernetesResources(Workflow.GROUP + "/" + Workflow.VERSION, "WorkflowRun")
                .inNamespace(run.getMetadata().getNamespace())
                .withName(run.getMetadata().getName());
        GenericKubernetesResource raw = resource.get();
        if (raw == null) {
            return false;
        }
        String message = "Clew cannot read the record of this run, and leaves it alone: "
                + why.substring(0, Math.min(why.length(), LONGEST_REASON));
        JsonNode status = mapper.valueToTree(raw.getAdditionalProperties()).path("status");
        ArrayNode conditions = JsonNodeFactory.instance.arrayNode();
        for (JsonNode condition : status.path("conditions")) {
            if (!"ActionRequired".equals(condition.path("type").asText())) {
                conditions.add(condition);
            } else if (message.equals(condition.path("message").asText())) {
                return false;
            }
        }
        conditions
                .addObject()
                .put("type", "ActionRequired")
                .put("status", "True")
                .put("observedGeneration", raw.getMetadata().getGeneration())
                .put("lastTransitionTime", now.truncatedTo(ChronoUnit.SECONDS).toString())
                .put("reason", Reasons.UNREADABLE)
                .put("message", message);
        ArrayNode patch = JsonNodeFactory.instance.arrayNode();
        operation(patch, "replace", "/metadata/resourceVersion")
                .put("value", raw.getMetadata().getResourceVersion());
        operation(patch, "add", "/status/conditions").set("value", conditions);
        resource.subresource("status").patch(PatchContext.of(PatchType.JSON), patch.toString());
        return true;
    }

    static ArrayNode patch(String resourceVersion, ObjectNode before, ObjectNode after) {
        ArrayNode patch = JsonNodeFactory.instance.arrayNode();
        operation(patch, "replace", "/metadata/resourceVersion").put("value", Objects.requireNonNull(resourceVersion));
        Set<String> fields = new TreeSet<>();
        before.fieldNames().forEachRemaining(fields::add);
        after.fieldNames().forEachRemaining(fields::add);
        for (String field : fields) {
            JsonNode old = before.path(field);
            JsonNode now = after.path(field);
            String path = "/status/" + field;
            if (now.isMissingNode()) {
                operation(patch, "remove", path);
            } else if (old.isArray() && now.isArray() && old.size() == now.size()) {
                for (int i = 0; i < now.size(); i++) {
                    if (!now.get(i).equals(old.get(i))) {
                        operation(patch, "replace", path + "/" + i).set("value", now.get(i));
                    }
                }
            } else if (!now.equals(old)) {
                operation(patch, "add", path).set("value", now);
            }
        }
        return patch;
    }

    private static ObjectNode operation(ArrayNode patch, String operation, String path) {
        return patch.addObject().put("op", operation).put("path", path);
    }
}
