package dev.clew.faults.history;

import com.fasterxml.jackson.databind.JsonNode;
import dev.clew.faults.proxy.Naming;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * One version of an object.
 *
 * @param resource plural, such as pods
 * @param revision the resourceVersion, which orders versions of all kinds (etcd counts its writes); of a deletion, that of
 *     the deletion
 * @param deleted whether this is the last one, at its deletion
 * @param object the object
 * @param seen when the recorder saw it, by {@link System#nanoTime}
 */
public record Version(String resource, long revision, boolean deleted, JsonNode object, long seen) {
    public String namespace() {
        return metadata().path("namespace").asText();
    }

    public String name() {
        return metadata().path("name").asText();
    }

    public String uid() {
        return metadata().path("uid").asText();
    }

    public JsonNode metadata() {
        return object.path("metadata");
    }

    /** The annotation that says which attempt a pod is; empty for a pod that is none. */
    public String attempt() {
        return metadata().path("annotations").path("clew.dev/attempt").asText();
    }

    /** The attempt that a pod is: "charge 1" or "undo charge 1". */
    public String what() {
        return Naming.attempt(object);
    }

    public boolean isReservation() {
        return metadata().path("annotations").has("clew.dev/reservation");
    }

    public boolean hasFinalizer(String finalizer) {
        return elements(metadata().path("finalizers"))
                .anyMatch(found -> found.asText().equals(finalizer));
    }

    /** Whether a container of the pod was started, as far as its kubelet has told. */
    public boolean started() {
        return containers()
                .anyMatch(state -> state.has("running")
                        || !state.path("terminated")
                                .path("containerID")
                                .asText()
                                .isEmpty());
    }

    /** Whether the step container is terminated. */
    public boolean terminated() {
        return containers().anyMatch(state -> state.has("terminated"));
    }

    /** Whether a pod without a node will never get one. */
    public boolean neverRuns() {
        String phase = object.path("status").path("phase").asText();
        return object.path("spec").path("nodeName").asText().isEmpty()
                && (metadata().has("deletionTimestamp") || phase.equals("Failed") || phase.equals("Succeeded"));
    }

    private Stream<JsonNode> containers() {
        return elements(object.path("status").path("containerStatuses"))
                .filter(container -> container.path("name").asText().equals("main"))
                .map(container -> container.path("state"));
    }

    /** The elements of an array; none of anything else. */
    public static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
