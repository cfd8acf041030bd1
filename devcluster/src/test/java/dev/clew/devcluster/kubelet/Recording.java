package dev.clew.devcluster.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** What a watch saw of one pod on a real cluster (Kubernetes 1.34.4, containerd), from {@code recordings/NAME.json}. */
record Recording(String name, JsonNode json) {
    static Recording read(String name) {
        try (InputStream in = Recording.class.getResourceAsStream("/recordings/" + name + ".json")) {
            if (in == null) {
                throw new IllegalArgumentException("There is no recording " + name + ".");
            }
            return new Recording(name, Serialization.unmarshal(in, JsonNode.class));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pod as it was posted, without what the API server added. */
    Pod asPosted() {
        ObjectNode pod = json.at("/versions/0/pod").deepCopy();
        ObjectNode metadata = (ObjectNode) pod.get("metadata");
        metadata.remove(List.of("namespace", "uid", "resourceVersion", "generation", "creationTimestamp"));
        pod.remove("status");
        // another node's scheduler may have put priority there; the API server computes it
        ((ObjectNode) pod.get("spec")).remove(List.of("priority", "preemptionPolicy"));
        return Serialization.unmarshal(pod.toString(), Pod.class);
    }

    /** The statuses in the order in which the watch delivered them. */
    List<NormalStatus> statuses() {
        List<NormalStatus> statuses = new ArrayList<>();
        json.get("versions").forEach(version -> statuses.add(NormalStatus.of(version.at("/pod/status"))));
        return statuses;
    }

    @Override
    public String toString() {
        return name + ": " + json.get("case").asText();
    }
}
