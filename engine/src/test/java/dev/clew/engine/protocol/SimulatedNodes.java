package dev.clew.engine.protocol;

import dev.clew.engine.run.NodeSeen;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The nodes of a simulated cluster. What runs on a lost one runs on, and nobody hears of it. */
final class SimulatedNodes {
    /** So long a node that is lost is still taken for ready; less than a request can be on its way. */
    static final Duration NOTICED_AFTER = Duration.ofSeconds(4);

    private enum State {
        UP,
        LOST,
        GONE
    }

    private static final class Node {
        private State state = State.UP;
        /** Since when it is in this state. */
        private Instant since;
        /** Since when its condition says ready. */
        private Instant readySince;

        Node(Instant since) {
            this.since = since;
            this.readySince = since;
        }

        Node(Node other) {
            this.state = other.state;
            this.since = other.since;
            this.readySince = other.readySince;
        }

        List<@Nullable Object> facts(Essence essence) {
            return switch (state) {
                case UP -> Arrays.asList(state, essence.ending(since), essence.ending(readySince));
                case LOST -> Arrays.asList(state, essence.ending(since), essence.ending(readySince));
                case GONE -> Arrays.asList(state, essence.gone(since), null);
            };
        }
    }

    private final Map<String, Node> nodes = new TreeMap<>();
    private boolean forbidden;
    private int next;

    SimulatedNodes(Instant now) {
        for (int i = 1; i <= 3; i++) {
            nodes.put("node-" + i, new Node(now));
        }
    }

    private SimulatedNodes(SimulatedNodes other) {
        other.nodes.forEach((name, node) -> nodes.put(name, new Node(node)));
        this.forbidden = other.forbidden;
        this.next = other.next;
    }

    /** The same nodes in a world that goes another way from here. */
    SimulatedNodes copy() {
        return new SimulatedNodes(this);
    }

    /** What of them can make a difference. */
    List<Object> state(Essence essence) {
        return List.of(nodes.values().stream().map(node -> node.facts(essence)).toList(), next % nodes.size());
    }

    List<String> names() {
        return List.copyOf(nodes.keySet());
    }

    /** A node for the next pod, in turn. */
    Optional<String> free() {
        List<String> up = names().stream().filter(this::isUp).toList();
        return up.isEmpty() ? Optional.empty() : Optional.of(up.get(next++ % up.size()));
    }

    private Node node(String name) {
        return Objects.requireNonNull(nodes.get(name));
    }

    boolean isUp(String name) {
        return node(name).state == State.UP;
    }

    boolean isLost(String name) {
        return node(name).state == State.LOST;
    }

    /** Since when its kubelet is connected; null while it is not. */
    @Nullable
    Instant connectedSince(String name) {
        return isUp(name) ? node(name).since : null;
    }

    /** Since when it is gone; null while it is not. */
    @Nullable
    Instant goneSince(String name) {
        return node(name).state == State.GONE ? node(name).since : null;
    }

    /** Whether the node controller has noticed that it does not report. */
    boolean isKnownToBeAway(String name, Instant now) {
        return !isUp(name) && !now.isBefore(node(name).since.plus(NOTICED_AFTER));
    }

    void lose(String name, Instant now) {
        if (isUp(name)) {
            node(name).state = State.LOST;
            node(name).since = now;
        }
    }

    void back(String name, Instant now) {
        Node node = node(name);
        if (node.state == State.LOST) {
            if (!now.isBefore(node.since.plus(NOTICED_AFTER))) {
                node.readySince = now;
            }
            node.state = State.UP;
            node.since = now;
        }
    }

    /** It is switched off for good; another one takes its place. */
    void remove(String name, Instant now) {
        Node node = node(name);
        if (node.state != State.GONE) {
            node.state = State.GONE;
            node.since = now;
            nodes.put("node-" + (nodes.size() + 1), new Node(now));
        }
    }

    /** It was not switched off after all. */
    void restore(String name, Instant now) {
        Node node = node(name);
        node.state = State.UP;
        node.since = now;
        node.readySince = now;
    }

    void forbid(boolean whether) {
        forbidden = whether;
    }

    NodeSeen seen(String name, Instant now) {
        if (forbidden) {
            return new NodeSeen.Forbidden();
        }
        Node node = node(name);
        return switch (node.state) {
            case UP -> new NodeSeen.Ready(node.readySince.truncatedTo(ChronoUnit.SECONDS));
            case LOST ->
                now.isBefore(node.since.plus(NOTICED_AFTER))
                        ? new NodeSeen.Ready(node.readySince.truncatedTo(ChronoUnit.SECONDS))
                        : new NodeSeen.NotReady();
            case GONE -> new NodeSeen.Gone();
        };
    }
}
