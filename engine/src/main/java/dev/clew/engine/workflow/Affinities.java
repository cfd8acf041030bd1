package dev.clew.engine.workflow;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Affinity;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Reads {@code spec.pod.affinity}, which the schema leaves open. */
public final class Affinities {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private Affinities() {}

    /**
     * The affinity of a pod.
     *
     * @throws IllegalArgumentException if it does not have the shape of a pod's affinity
     */
    public static Affinity read(Map<String, Object> affinity) {
        return MAPPER.convertValue(affinity, Affinity.class);
    }

    /** What is wrong with it, if it cannot be read. */
    static Optional<String> problem(Map<String, Object> affinity) {
        try {
            read(affinity);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            String path = e.getCause() instanceof JsonMappingException cause ? path(cause) : "";
            return Optional.of("must have the shape of a pod's affinity" + path);
        }
    }

    private static String path(JsonMappingException cause) {
        StringBuilder path = new StringBuilder();
        cause.getPath()
                .forEach(part -> path.append(
                        part.getFieldName() == null
                                ? "[" + part.getIndex() + "]"
                                : "." + Objects.requireNonNull(part.getFieldName())));
        return path.isEmpty() ? "" : ": see " + path.substring(1);
    }
}
