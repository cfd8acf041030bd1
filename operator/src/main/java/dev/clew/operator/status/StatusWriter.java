package dev.clew.operator.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
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
