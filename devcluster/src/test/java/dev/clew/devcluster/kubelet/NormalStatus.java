package dev.clew.devcluster.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A pod's status without what differs from run to run: times (only whether they are there, or at the epoch), ids (only
 * whether they are there), addresses.
 */
record NormalStatus(String pod, List<String> conditions, List<String> initContainers, List<String> containers) {
    static NormalStatus of(Pod pod) {
        return of(Serialization.unmarshal(Serialization.asJson(pod.getStatus()), JsonNode.class));
    }

    static NormalStatus of(JsonNode status) {
        return new NormalStatus(
                "%s reason=%s message=%s startTime=%s"
                        .formatted(
                                text(status, "phase"),
                                text(status, "reason"),
                                text(status, "message"),
                                time(status, "startTime")),
                lines(status.path("conditions"), NormalStatus::condition).stream()
                        .sorted()
                        .toList(),
                lines(status.path("initContainerStatuses"), NormalStatus::container),
                lines(status.path("containerStatuses"), NormalStatus::container));
    }

    /** Phase and the kind of each container's state: what an observer of the order of things sees. */
    String outline() {
        return pod.split(" ", 2)[0] + " "
                + containers.stream().map(line -> line.split(" ", 3)[1]).collect(Collectors.joining(" "));
    }

    /**
     * The outline without what is chance: whether {@code running} is seen at all, and so whether the phase before the terminal
     * one is Pending or Running (recording 01b).
     */
    String coarseOutline() {
        return outline().replaceFirst("^(Pending|Running)", "Live");
    }

    private interface Line {
        String of(JsonNode node);
    }

    private static List<String> lines(JsonNode array, Line line) {
        List<String> lines = new ArrayList<>();
        array.forEach(node -> lines.add(line.of(node)));
        return lines;
    }

    private static String condition(JsonNode node) {
        return "%s=%s reason=%s message=%s"
                .formatted(text(node, "type"), text(node, "status"), text(node, "reason"), text(node, "message"));
    }

    private static String container(JsonNode node) {
        JsonNode state = node.path("state");
        String kind = state.fieldNames().hasNext() ? state.fieldNames().next() : "none";
        JsonNode details = state.path(kind);
        return "%s %s exitCode=%s reason=%s message=%s startedAt=%s finishedAt=%s id=%s,%s ready=%s started=%s restarts=%s last=%s"
                .formatted(
                        text(node, "name"),
                        kind,
                        text(details, "exitCode"),
                        text(details, "reason"),
                        text(details, "message"),
                        time(details, "startedAt"),
                        time(details, "finishedAt"),
                        node.hasNonNull("containerID"),
                        details.hasNonNull("containerID"),
                        text(node, "ready"),
                        text(node, "started"),
                        text(node, "restartCount"),
                        node.path("lastState").isEmpty() ? "-" : node.path("lastState"));
    }

    private static String text(JsonNode node, String field) {
        return node.hasNonNull(field) ? node.get(field).asText() : "-";
    }

    private static String time(JsonNode node, String field) {
        String time = text(node, field);
        return time.equals("-") ? "-" : time.startsWith("1970-01-01T00:00:00") ? "epoch" : "set";
    }
}
