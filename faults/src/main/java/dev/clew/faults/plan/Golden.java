package dev.clew.faults.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * An undisturbed run.
 *
 * @param writes names of the operator's writes, in order
 * @param end what it came to
 */
public record Golden(Flow flow, List<String> writes, JsonNode end) {
    public Golden {
        writes = List.copyOf(writes);
    }
}
