package dev.clew.devcluster.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a watch saw of one pod on a real cluster: its versions in order, those of an interest to who replays them. Left out are
 * those from before the kubelet had it, the tidying up after the recorded case, and the last event, DELETED.
 *
 * @param name of the case
 * @param versions in the order in which they came; at least one
 */
public record PodRecording(String name, List<Version> versions) {
    /**
     * One version.
     *
     * @param at when it came, by the clock of the recorded cluster
     * @param pod as it was
     */
    public record Version(Instant at, Pod pod) {
        Optional<Instant> deletionRequestedAt() {
            return deletionRequestedAt(pod);
        }

        /** The deletion timestamp is the time of the request plus the grace period. */
        static Optional<Instant> deletionRequestedAt(Pod pod) {
            return Optional.ofNullable(pod.getMetadata().getDeletionTimestamp())
                    .map(text ->
                            Instant.parse(text).minusSeconds(pod.getMetadata().getDeletionGracePeriodSeconds()));
        }
    }

    /** Copies the list. */
    public PodRecording {
        versions = List.copyOf(versions);
    }

    /**
     * Reads a recording: JSON with {@code versions} (each with {@code event}, {@code at} in seconds after the first, and
     * {@code pod}) and {@code timeline} (whose first entry that begins with {@code cleanup:} is the end).
     *
     * @throws IllegalArgumentException if the pod never came to a kubelet
     */
    public static PodRecording read(Path file) {
        try {
            JsonNode json = Serialization.unmarshal(Files.readString(file), JsonNode.class);
            String name = String.valueOf(file.getFileName()).replaceFirst("\\.json$", "");
            return new PodRecording(name, versions(name, json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Version> versions(String name, JsonNode json) {
        double end = Double.MAX_VALUE;
        for (JsonNode entry : json.path("timeline")) {
            if (entry.path("what").asText().startsWith("cleanup:")) {
                end = Math.min(end, entry.path("at").asDouble());
            }
        }
        Instant start = Instant.parse(
                json.at("/versions/0/pod/metadata/creationTimestamp").asText());
        List<Version> versions = new ArrayList<>();
        for (JsonNode version : json.path("versions")) {
            Pod pod = Serialization.unmarshal(version.path("pod").toString(), Pod.class);
            double at = version.path("at").asDouble();
            boolean isDeletion = version.path("event").asText().equals("DELETED");
            if (!isDeletion && at < end && (!versions.isEmpty() || hasBegun(pod))) {
                versions.add(new Version(start.plusMillis((long) (1000 * at)), pod));
            }
        }
        if (versions.isEmpty()) {
            throw new IllegalArgumentException(
                    "The recording " + name + " cannot be replayed: its pod never came to a kubelet.");
        }
        return versions;
    }

    private static boolean hasBegun(Pod pod) {
        return pod.getSpec().getNodeName() != null
                && (pod.getStatus().getStartTime() != null
                        || !StatusReport.PENDING.equals(pod.getStatus().getPhase()));
    }
}
