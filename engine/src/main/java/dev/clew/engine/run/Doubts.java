package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.Doubt;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Settles what a pod left open: whether its process has ended. A node that has been up for as long as it gives a pod to
 * end has ended it, for its kubelet ends what the API server does not know. A node that is gone counts as switched off.
 */
final class Doubts {
    /** A node must have been gone for so long. */
    static final Duration GONE_FOR = Duration.ofMinutes(5);

    /** How often a node is looked at that does not report. Nodes are not watched: a doubt is rare. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    /** Conditions carry whole seconds. */
    private static final Duration ROUNDING = Duration.ofSeconds(1);

    private final Turn turn;
    private final Doubt doubt;

    private Doubts(Turn turn, Doubt doubt) {
        this.turn = turn;
        this.doubt = doubt;
    }

    /**
     * What is known of a doubt now.
     *
     * @param doubt as it shall be recorded
     * @param settled why the process has ended, null while that is not known
     * @param hint what it waits for
     */
    record State(Doubt doubt, @Nullable String settled, String hint) {}

    /** Looks at a doubt, at its node if need be. */
    static State of(Turn turn, Attempt attempt, AttemptPod pod) {
        Doubt known = attempt.doubt();
        if (known == null) {
            turn.decide();
            long grace =
                    Objects.requireNonNullElse(pod.graceSeconds(), turn.grace().toSeconds());
            known = new Doubt(turn.now, pod.node(), (int) grace, null);
        }
        return new Doubts(turn, known).look();
    }

    private State look() {
        Instant givenUp = doubt.since().plus(grace()).plus(Absorbing.OVERDUE);
        if (turn.givenUp() && !turn.now.isBefore(givenUp)) {
            return new State(doubt, "the run was given up, and did not wait longer", "");
        }
        if (turn.givenUp()) {
            turn.wakeAt(givenUp);
        }
        String node = doubt.node();
        if (node == null) {
            return new State(doubt, null, "its node is not known, so that only a person can tell");
        }
        return switch (turn.observed.nodes().get(node)) {
            case null -> {
                turn.nodesToRead.add(node);
                yield new State(doubt, null, "");
            }
            case NodeSeen.Ready(Instant since) -> ready(node, since);
            case NodeSeen.NotReady notReady -> {
                turn.wakeAt(turn.now.plus(LOOK_AGAIN));
                yield new State(with(null), null, "the node " + node + " does not report");
            }
            case NodeSeen.Gone gone -> gone(node);
            case NodeSeen.Forbidden forbidden ->
                new State(doubt, null, "Clew may not read nodes, so that only a person can tell");
        };
    }

    private State ready(String node, Instant since) {
        // conditions carry whole seconds: it may have come back up to one later
        Instant sinceAtTheLatest = since.plus(ROUNDING);
        Instant from = sinceAtTheLatest.isAfter(doubt.since()) ? sinceAtTheLatest : doubt.since();
        Instant until = from.plus(grace()).plus(turn.observed.maxInFlight());
        if (!turn.now.isBefore(until)) {
            return new State(doubt, "its node " + node + " has been ready for long enough to have ended it", "");
        }
        turn.wakeAt(until);
        return new State(with(null), null, "settled at " + until + " if the node " + node + " stays ready");
    }

    private State gone(String node) {
        if (doubt.nodeGoneSince() == null) {
            turn.decide();
        }
        Instant since = Objects.requireNonNullElse(doubt.nodeGoneSince(), turn.now);
        Instant until = since.plus(GONE_FOR);
        if (!turn.now.isBefore(until)) {
            return new State(doubt, "its node " + node + " has been gone for " + GONE_FOR.toMinutes() + " min", "");
        }
        // looked at now and then: it must not have come back meanwhile
        Instant again = turn.now.plus(LOOK_AGAIN);
        turn.wakeAt(again.isBefore(until) ? again : until);
        return new State(with(since), null, "settled at " + until + " if the node " + node + " stays gone");
    }

    private Doubt with(@Nullable Instant goneSince) {
        if (!Objects.equals(goneSince, doubt.nodeGoneSince())) {
            turn.decide();
        }
        return new Doubt(doubt.since(), doubt.node(), doubt.graceSeconds(), goneSince);
    }

    private Duration grace() {
        return Duration.ofSeconds(doubt.graceSeconds());
    }
}
