package dev.clew.devcluster.kubelet;

import dev.clew.devcluster.kubelet.ContainerState.Running;
import dev.clew.devcluster.kubelet.ContainerState.Terminated;
import dev.clew.devcluster.kubelet.ContainerState.Waiting;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Container statuses as they stand in a pod. */
final class ContainerStatuses {
    private ContainerStatuses() {}

    static List<Map<String, @Nullable Object>> render(
            Map<String, ContainerState> states, Map<String, String> images, boolean init) {
        return states.entrySet().stream()
                .map(entry -> status(entry.getKey(), images.getOrDefault(entry.getKey(), ""), entry.getValue(), init))
                .toList();
    }

    private static Map<String, @Nullable Object> status(String name, String image, ContainerState state, boolean init) {
        Map<String, @Nullable Object> status = new LinkedHashMap<>();
        status.put("name", name);
        status.put("state", state(state));
        status.put("lastState", Map.of());
        status.put("ready", isReady(state, init));
        status.put("restartCount", 0);
        status.put("image", image);
        status.put("imageID", id(state) == null ? "" : "ignored://" + image);
        put(status, "containerID", id(state));
        status.put("started", state instanceof Running);
        return status;
    }

    /** An init container is ready when it has succeeded, another one while it runs. */
    private static boolean isReady(ContainerState state, boolean init) {
        return init ? state instanceof Terminated terminated && terminated.succeeded() : state instanceof Running;
    }

    private static @Nullable String id(ContainerState state) {
        return switch (state) {
            case Waiting _ -> null;
            case Running running -> running.id();
            case Terminated terminated -> terminated.id();
        };
    }

    private static Map<String, @Nullable Object> state(ContainerState state) {
        Map<String, @Nullable Object> details = new LinkedHashMap<>();
        switch (state) {
            case Waiting waiting -> {
                details.put("reason", waiting.reason());
                put(details, "message", waiting.message());
                return Map.of("waiting", details);
            }
            case Running running -> {
                details.put("startedAt", time(running.startedAt()));
                return Map.of("running", details);
            }
            case Terminated terminated -> {
                details.put("exitCode", terminated.exitCode());
                details.put("reason", terminated.reason());
                put(details, "message", terminated.message());
                details.put("startedAt", time(terminated.startedAt()));
                details.put("finishedAt", time(terminated.finishedAt()));
                put(details, "containerID", terminated.id());
                return Map.of("terminated", details);
            }
        }
    }

    private static void put(Map<String, @Nullable Object> map, String key, Optional<String> value) {
        put(map, key, value.orElse(null));
    }

    private static void put(Map<String, @Nullable Object> map, String key, @Nullable String value) {
        if (value != null) {
            map.put(key, value);
        }
    }

    private static @Nullable String time(@Nullable Instant time) {
        return time == null ? null : time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
