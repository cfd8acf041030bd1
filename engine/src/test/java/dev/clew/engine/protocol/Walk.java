package dev.clew.engine.protocol;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** One schedule of many, taken at random, until faults stop; then on to its end. */
final class Walk {
    private static final int LONGEST = 20_000;

    private final Random random;
    private final Fingerprint.Numbers numbers = new Fingerprint.Numbers();
    private World world;
    private int moves;

    Walk(World.Setting setting, Random random) {
        this.random = random;
        this.world = new World(setting);
    }

    /** So many moves in which things may go wrong, then all comes to rest; the number of moves that it took. */
    int go(int disturbed) {
        while (moves < disturbed) {
            if (!move(true) && !timePasses()) {
                break;
            }
        }
        world.faultsLeft = 0;
        while (move(false) || timePasses() || nodesReturn() || vouched()) {
            if (moves > LONGEST) {
                throw new AssertionError("comes to no rest: " + world.status());
            }
        }
        world.atRest();
        return moves;
    }

    /** The first of what can happen, in random order, that changes anything. */
    private boolean move(boolean disturbed) {
        List<Move> all = new ArrayList<>(world.moves());
        Collections.shuffle(all, random);
        for (Move move : all) {
            boolean happens = switch (move.kind()) {
                case DUE -> true;
                case OPEN -> disturbed && random.nextInt(10) == 0;
                case FAULT -> disturbed && random.nextInt(200) == 0;
            };
            if (happens && changes(move)) {
                return true;
            }
        }
        return false;
    }

    /** A pass that only reads changes nothing, if it is let go on to its end. */
    private boolean changes(Move move) {
        World next = world.copy();
        move.effect().accept(next);
        next.changed();
        boolean reads = world.leader.idle()
                && !next.leader.idle()
                && world.next().pending().stream().noneMatch(Request::writes);
        World settled = reads ? world.looked() : next;
        boolean changed = !settled.fingerprint(numbers).equals(world.fingerprint(numbers));
        if (changed) {
            world = next;
            moves++;
        }
        return changed;
    }

    private boolean timePasses() {
        Optional<Instant> timer = world.leader.idle() ? world.nextTimer(world.looked()) : Optional.empty();
        timer.ifPresent(world::timeIs);
        world.changed();
        moves++;
        return timer.isPresent();
    }

    private boolean nodesReturn() {
        return world.moves().stream()
                .filter(move -> move.what().startsWith("node"))
                .anyMatch(this::changes);
    }

    private boolean vouched() {
        return changes(
                new Move(Move.Kind.OPEN, "a person vouches", next -> next.person.vouchesForDoubts(next.status())));
    }
}
