package dev.clew.engine.protocol;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Goes through everything that can happen, in every order, and looks at each state once: what can happen in a state does not
 * depend on how it came about. What is asserted on the way and at every end holds for all schedules. A schedule ends where
 * nothing is left to happen, or in a state that was seen before. It must not be one that the leader and time alone have led
 * away from: that would go on for ever and get nowhere.
 *
 * <p>What is left out, and why nothing is lost by it:
 *
 * <ul>
 *   <li>A pass begins with its first request, and between two requests only something can come in between that concerns the
 *       object of the next one ({@link World#moves}): the rest commutes with it and comes later.
 *   <li>That a process dies before a request is the same as that it dies after the one before: it is one move.
 *   <li>Caches show what there is, unless a watch has halted; how long it halts, and at what it halted, is explored. That it
 *       halts is one of the faults.
 *   <li>A kubelet starts a container when its pod has a node, and reports its end and the terminal phase together, unless
 *       something befalls the pod in between, which is a fault like others. Nothing rests on a phase.
 *   <li>Time passes to the next moment that anybody waits for once nothing else is left to happen; that it passes sooner is a
 *       fault. Times are ages, and only those that something waits for ({@link Essence}).
 *   <li>What is on its way and cannot take effect any more is forgotten ({@link Request#canTakeEffect}). Whether a node is away
 *       that has nothing left to report is not looked at.
 *   <li>Events, and the revision of the definition, do not come into it.
 * </ul>
 */
final class Explorer {
    /** What an exploration came to. */
    record Explored(int states, long schedules, long windows) {}

    /** So many things at most happen in one schedule. */
    private static final int LONGEST = 500;

    private final Fingerprint.Numbers numbers = new Fingerprint.Numbers();
    private final Set<Fingerprint.Value> seen = new HashSet<>();
    private final Deque<String> trace = new ArrayDeque<>();
    /** Where the leader or time leads to from a state in which nobody else must do anything. */
    private final Map<Fingerprint.Value, Fingerprint.Value> alone = new HashMap<>();

    private final int mostStates;
    private long schedules;
    private long windows;

    private Explorer(int mostStates) {
        this.mostStates = mostStates;
    }

    /** Everything. Fails at the first contradiction, and tells how it came about. */
    static Explored all(World.Setting setting) {
        return upTo(setting, Integer.MAX_VALUE);
    }

    /** The same, but not more than so many states. */
    static Explored upTo(World.Setting setting, int mostStates) {
        var explorer = new Explorer(mostStates);
        var start = new World(setting);
        Fingerprint.Value value = start.fingerprint(explorer.numbers);
        explorer.seen.add(value);
        explorer.explore(start, value);
        return new Explored(explorer.seen.size(), explorer.schedules, explorer.windows);
    }

    private void explore(World world, Fingerprint.Value here) {
        if (seen.size() >= mostStates) {
            return;
        }
        boolean aloneHere = true;
        boolean open = false;
        Optional<Fingerprint.Value> led = Optional.empty();
        for (Move move : world.moves()) {
            Optional<Fingerprint.Value> there = go(world, here, move);
            boolean moved = there.isPresent();
            if (move.kind() == Move.Kind.DUE && isTheLeaders(move)) {
                led = there;
            } else {
                aloneHere &= !moved || move.kind() != Move.Kind.DUE;
            }
            open |= moved && move.kind() == Move.Kind.OPEN && move.what().startsWith("node");
        }
        if (aloneHere) {
            (world.leader.idle() ? rest(world, here, led, open) : led).ifPresent(there -> goesOn(here, there));
        }
    }

    /** The way on from here is the only one; it must not lead back here. */
    private void goesOn(Fingerprint.Value here, Fingerprint.Value there) {
        alone.put(here, there);
        for (Fingerprint.Value at = there; at != null; at = alone.get(at)) {
            if (at.equals(here)) {
                throw contradiction(new AssertionError("goes on for ever and gets nowhere"));
            }
        }
    }

    private static boolean isTheLeaders(Move move) {
        return move.what().startsWith("leader");
    }

    /** Where a move leads to; empty if it changes nothing. */
    private Optional<Fingerprint.Value> go(World world, Fingerprint.Value here, Move move) {
        World next = world.copy();
        trace.addLast(move.what());
        try {
            move.effect().accept(next);
            next.changed();
        } catch (AssertionError e) {
            throw contradiction(e);
        }
        Fingerprint.Value there = next.fingerprint(numbers);
        boolean moved = !there.equals(here) || next.inTheWindow();
        if (trace.size() > LONGEST) {
            throw contradiction(new AssertionError("comes to no rest"));
        }
        if (moved) {
            visit(next, there);
        }
        trace.removeLast();
        return moved ? Optional.of(there) : Optional.empty();
    }

    private void visit(World world, Fingerprint.Value value) {
        if (world.inTheWindow()) {
            windows++;
            schedules++;
        } else if (seen.add(value)) {
            explore(world, value);
        } else {
            schedules++;
        }
    }

    /**
     * Nothing is left that must happen: time passes, or that was all.
     *
     * @return where that leads to without anybody else, if it does; a node that is away may stay so
     */
    private Optional<Fingerprint.Value> rest(
            World world, Fingerprint.Value here, Optional<Fingerprint.Value> led, boolean open) {
        World looked = world.looked();
        if (!looked.fingerprint(numbers).equals(here)) {
            return led;
        }
        if (looked.leader
                .wakeUp()
                .filter(at -> !at.isAfter(world.cluster.now()))
                .isPresent()) {
            throw contradiction(new AssertionError("looks again at once and gets nowhere"));
        }
        Optional<Instant> timer = world.nextTimer(looked);
        if (timer.isPresent()) {
            var there = go(world, here, new Move(Move.Kind.DUE, "time passes", next -> next.timeIs(timer.get())));
            return open ? Optional.empty() : Optional.of(there.orElse(here));
        }
        if (!open && !helped(world, here)) {
            schedules++;
            try {
                world.atRest();
            } catch (AssertionError e) {
                throw contradiction(e);
            }
        }
        return Optional.empty();
    }

    /** Whether a person could do what only a person can. */
    private boolean helped(World world, Fingerprint.Value here) {
        return go(
                        world,
                        here,
                        new Move(
                                Move.Kind.DUE,
                                "a person vouches for what is in doubt",
                                next -> next.person.vouchesForDoubts(next.status())))
                .isPresent();
    }

    private Contradiction contradiction(AssertionError found) {
        return new Contradiction(String.valueOf(found.getMessage()), List.copyOf(trace), seen.size());
    }

    /** What was promised and does not hold. */
    static final class Contradiction extends AssertionError {
        final String kind;
        final int states;

        Contradiction(String kind, List<String> trace, int states) {
            super(kind + "\nafter\n  " + String.join("\n  ", trace));
            this.kind = kind;
            this.states = states;
        }
    }
}
