package dev.clew.engine.protocol;

import dev.clew.engine.protocol.Request.Answer;
import java.util.List;
import java.util.function.Consumer;

/** What befalls requests and the processes that send them. */
final class Misfortunes {
    private Misfortunes() {}

    static Move fault(String what, Consumer<World> effect) {
        return new Move(Move.Kind.FAULT, "! " + what, world -> {
            world.faultsLeft--;
            effect.accept(world);
        });
    }

    /** What befalls the request that the leader is about to send. */
    static void ofRequest(List<Move> moves, Request request, boolean underWay) {
        String what = World.brief(request);
        if (!request.writes()) {
            if (underWay) {
                moves.add(fault("gets no answer when it " + what, world -> fails(world)));
            }
            return;
        }
        moves.add(fault("fails to be heard when it " + what, Misfortunes::fails));
        moves.add(fault("does not hear that it " + what, world -> {
            Leader sender = world.next();
            world.takeEffect(request);
            world.leader = sender.hear(world.cluster, new Answer.None());
        }));
        moves.add(fault("waits no longer until it " + what, world -> {
            Leader sender = world.next();
            world.holdUp(request, false);
            world.leader = sender.hear(world.cluster, new Answer.None());
        }));
        moves.add(fault("is paused and deposed when it " + what, world -> {
            world.holdUp(request, true);
            world.leader = world.leader.successor(world.cluster.now());
        }));
        if (request instanceof Request.WriteStatus || request instanceof Request.RemoveFinalizer) {
            moves.add(fault("meets somebody who touches the run before it " + what, world -> {
                world.leader = world.next();
                world.cluster.spec(spec -> spec);
                world.forgetWhatIsStale();
            }));
        }
    }

    private static void fails(World world) {
        world.leader = world.next().hear(world.cluster, new Answer.None());
    }

    /** It dies between two requests: after the one was answered and before the other is sent. */
    static void ofProcess(List<Move> moves) {
        moves.add(fault("the leader dies", world -> world.leader = world.leader.successor(world.cluster.now())));
    }
}
