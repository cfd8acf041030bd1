package dev.clew.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.ObjectCodec;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads an object of ours even where its spec or status cannot be understood (written by a newer version, or by hand): it then
 * has neither, and says why. Otherwise one such object would end the watch of all the others.
 */
abstract class TolerantDeserializer<R extends TolerantDeserializer.Tolerated<S, T>, S, T> extends JsonDeserializer<R> {
    private final Class<S> spec;
    private final Class<T> status;

    /** An object of ours. */
    interface Tolerated<S, T> extends io.fabric8.kubernetes.api.model.HasMetadata {
        void setSpec(@Nullable S spec);

        void setStatus(@Nullable T status);

        void setUnreadable(String why);
    }

    TolerantDeserializer(Class<S> spec, Class<T> status) {
        this.spec = spec;
        this.status = status;
    }

    abstract R create();

    @Override
    public R deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        ObjectCodec codec = parser.getCodec();
        JsonNode tree = codec.readTree(parser);
        R resource = create();
        if (tree.hasNonNull("metadata")) {
            resource.setMetadata(codec.treeToValue(tree.get("metadata"), ObjectMeta.class));
        }
        try {
            Optional<S> readSpec = read(codec, tree, "spec", spec);
            Optional<T> readStatus = read(codec, tree, "status", status);
            resource.setSpec(readSpec.orElse(null));
            resource.setStatus(readStatus.orElse(null));
            if (readSpec.isEmpty()) {
                resource.setUnreadable("it has no spec");
            }
        } catch (JsonProcessingException e) {
            resource.setSpec(null);
            resource.setStatus(null);
            resource.setUnreadable(e.getOriginalMessage());
        }
        return resource;
    }

    private static <V> Optional<V> read(ObjectCodec codec, JsonNode tree, String field, Class<V> type)
            throws JsonProcessingException {
        return tree.hasNonNull(field) ? Optional.of(codec.treeToValue(tree.get(field), type)) : Optional.empty();
    }
}
