package dev.clew.operator.run;

import dev.clew.engine.run.NodeSeen;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a node says about the processes on it. */
final class Nodes {
    private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

    private Nodes() {}

    static NodeSeen seen(@Nullable Node node) {
        if (node == null || isOutOfService(node)) {
            return new NodeSeen.Gone();
        }
        return readySince(node).<NodeSeen>map(NodeSeen.Ready::new).orElseGet(NodeSeen.NotReady::new);
    }

    private static boolean isOutOfService(Node node) {
        return node.getSpec() != null
                && node.getSpec().getTaints().stream().anyMatch(taint -> OUT_OF_SERVICE.equals(taint.getKey()));
    }

    private static Optional<Instant> readySince(Node node) {
        return node.getStatus() == null
                ? Optional.empty()
                : node.getStatus().getConditions().stream()
                        .filter(condition ->
                                "Ready".equals(condition.getType()) && "True".equals(condition.getStatus()))
                        .map(NodeCondition::getLastTransitionTime)
                        .flatMap(time -> parse(time).stream())
                        .findFirst();
    }

    private static Optional<Instant> parse(@Nullable String time) {
        try {
            return time == null ? Optional.empty() : Optional.of(Instant.parse(time));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
