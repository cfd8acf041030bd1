package dev.clew.faults.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * An undisturbed run.
 *
 * @param writes names of the operator's writes, in order
 * @param events how many came through the watch of each resource that the operator watches
 * @param end what it came to
 */
public record Golden(Flow flow, List<String> writes, Map<String, Integer> events, JsonNode end) {
    public Golden {
        writes = List.copyOf(writes);
        events = Map.copyOf(events);
    }

    /** How many events come through a watch of a resource, or for "all" through the busiest one. */
    public int events(String resource) {
        return resource.equals("all")
                ? events.values().stream().mapToInt(Integer::intValue).max().orElse(0)
                : events.getOrDefault(resource, 0);
    }
}
