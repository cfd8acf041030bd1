package dev.clew.devcluster.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.clew.devcluster.kubelet.PodApi.PodGoneException;
import dev.clew.devcluster.kubelet.PodApi.RefusedException;
import dev.clew.devcluster.kubelet.PodRecording.Version;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plays what was recorded of a pod on a pod of this cluster, version by version, when the test says so. It does what others did
 * then: writes the statuses, and deletes the pod where it was deleted, unless it is deleted by then. The kubelet leaves the pod
 * alone; only when the replay has come to its end, or is closed, does it confirm the pod's deletion.
 *
 * <p>It is of one pod: the first that matches and is new on the node. Later ones go their own way, so the second attempt of a
 * step may run.
 *
 * <p>Times are moved as a whole: from the recorded first version to the first that is played, and, once the pod is being
 * deleted, from the recorded request for deletion to the real one. So what the times of one version say of each other, and of
 * the deletion, stays true, whatever the pace of the test is; a time may lie in the future. Thread-safe.
 */
public final class PodReplay implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    private static final long NOT_DELETED = Long.MAX_VALUE;
    private static final Logger LOG = LoggerFactory.getLogger(PodReplay.class);

    private final PodApi api;
    private final Predicate<Pod> pods;
    private final PodRecording recording;
    private final CompletableFuture<PodSignals> taken = new CompletableFuture<>();
    private Optional<Duration> shift = Optional.empty();
    private int played;
    private volatile boolean over;

    PodReplay(PodApi api, Predicate<Pod> pods, PodRecording recording) {
        this.api = api;
        this.pods = pods;
        this.recording = recording;
    }

    /** Whether it takes the pod for its own; then the kubelet has no other business with it than {@link #seeOff}. */
    boolean take(Pod pod, PodSignals signals) {
        return !over && !taken.isDone() && pods.test(pod) && taken.complete(signals);
    }

    /** Whether there are versions that have not been played. */
    public synchronized boolean hasNext() {
        return !over && played < recording.versions().size();
    }

    /**
     * Plays the next version, and gives the pod as it is then (or was, if it is gone).
     *
     * @throws IllegalStateException if there is none any more, no pod comes within 30 s, or the API server refuses it
     */
    public synchronized Pod next() {
        if (!hasNext()) {
            throw new IllegalStateException("The recording " + recording.name() + " has come to its end.");
        }
        PodSignals signals = awaitPod();
        Version version = recording.versions().get(played);
        Optional<Version> before = played == 0
                ? Optional.empty()
                : Optional.of(recording.versions().get(played - 1));
        try {
            Pod pod = writeStatus(version, before, deleteIfDue(version, before, signals.latest()));
            signals.update(pod);
        } catch (PodGoneException e) {
            LOG.debug("{}", e.getMessage());
        } catch (RefusedException e) {
            throw new IllegalStateException(
                    "The API server refuses version %d of %s.".formatted(played, recording.name()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while replaying " + recording.name() + ".", e);
        }
        played++;
        if (!hasNext()) {
            close();
        }
        return signals.latest();
    }

    /** Plays all that is left, and gives the pod as it is then. */
    public Pod playAll() {
        Pod last = next();
        while (hasNext()) {
            last = next();
        }
        return last;
    }

    /**
     * Plays at least one version, and more until the pod is as wanted; gives it.
     *
     * @throws IllegalStateException if it never is
     */
    public Pod playUntil(Predicate<Pod> wanted) {
        Pod pod = next();
        while (!wanted.test(pod)) {
            pod = next();
        }
        return pod;
    }

    /** Ends it: nothing more is played, and the pod can go. */
    @Override
    public void close() {
        over = true;
        Optional.ofNullable(taken.getNow(null)).ifPresent(PodSignals::ping);
    }

    private PodSignals awaitPod() {
        try {
            return taken.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new IllegalStateException(
                    "In %d s no pod has come to the node to replay %s on."
                            .formatted(PATIENCE.toSeconds(), recording.name()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for a pod.", e);
        }
    }

    /** Deletes the pod if it was deleted then, perhaps again with a shorter grace period, and is not so far here. */
    private Pod deleteIfDue(Version version, Optional<Version> before, Pod pod)
            throws PodGoneException, InterruptedException {
        Optional<Instant> recorded = version.deletionRequestedAt();
        if (recorded.isEmpty()
                || grace(version.pod()) == before.map(PodReplay::grace).orElse(NOT_DELETED)) {
            return pod;
        }
        boolean isFirst = before.flatMap(Version::deletionRequestedAt).isEmpty();
        boolean isDue = isFirst ? !PodWorker.isDeleted(pod) : grace(version.pod()) < grace(pod);
        Pod deleted = isDue ? api.delete(pod, grace(version.pod())) : pod;
        if (isFirst) {
            shift = Version.deletionRequestedAt(deleted)
                    .map(request -> Duration.between(recorded.orElseThrow(), request));
        }
        return deleted;
    }

    private static long grace(Version version) {
        return grace(version.pod());
    }

    private static long grace(Pod pod) {
        return Objects.requireNonNullElse(pod.getMetadata().getDeletionGracePeriodSeconds(), NOT_DELETED);
    }

    private Pod writeStatus(Version version, Optional<Version> before, Pod pod)
            throws PodGoneException, InterruptedException {
        JsonNode status = json(version.pod());
        if (before.map(earlier -> json(earlier.pod())).filter(status::equals).isPresent()) {
            return pod;
        }
        Duration moved = shift.orElseGet(
                () -> Duration.between(version.at(), Instant.now()).truncatedTo(ChronoUnit.SECONDS));
        shift = Optional.of(moved);
        long generations = generation(pod) - generation(version.pod());
        ObjectNode translated = (ObjectNode) translate("status", status, moved, generations);
        json(pod).fieldNames().forEachRemaining(field -> {
            if (!translated.has(field)) {
                translated.putNull(field);
            }
        });
        return api.replaceStatus(pod, translated);
    }

    /** Without the class of service, which is the pod's own and cannot be changed. */
    private static JsonNode json(Pod pod) {
        ObjectNode status = Serialization.unmarshal(Serialization.asJson(pod.getStatus()), ObjectNode.class);
        status.remove("qosClass");
        return status;
    }

    private static long generation(Pod pod) {
        return Objects.requireNonNullElse(pod.getMetadata().getGeneration(), 0L);
    }

    private static JsonNode translate(String name, JsonNode node, Duration moved, long generations) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (node instanceof ObjectNode object) {
            ObjectNode copy = nodes.objectNode();
            object.properties()
                    .forEach(field ->
                            copy.set(field.getKey(), translate(field.getKey(), field.getValue(), moved, generations)));
            return copy;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode copy = nodes.arrayNode();
            array.forEach(item -> copy.add(translate(name, item, moved, generations)));
            return copy;
        }
        if (name.equals("observedGeneration")) {
            return nodes.numberNode(node.asLong() + generations);
        }
        // the epoch stands for a time that nobody knows
        boolean isTime = node.isTextual() && TIME.matcher(node.asText()).matches();
        return isTime && !node.asText().startsWith("1970-")
                ? nodes.textNode(Instant.parse(node.asText()).plus(moved).toString())
                : node;
    }

    /** Confirms the pod's deletion once nothing is left to play. Returns when the pod is gone. */
    void seeOff(PodSignals signals) {
        try {
            while (!signals.isGone()) {
                long seen = signals.changes();
                Pod pod = signals.latest();
                if (over && PodWorker.isDeleted(pod) && grace(pod) > 0) {
                    api.confirmDeletion(pod);
                }
                signals.await(seen, PodSignals.FOREVER);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
