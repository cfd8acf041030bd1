package dev.clew.faults.proxy;

import java.util.Optional;

/** Decides what happens to what passes a gate. Called on the gate's thread: must not wait. */
public interface Director {
    /** Passes everything. */
    Director NONE = new Director() {};

    /**
     * A write arrives.
     *
     * @param nth its number at this gate, from 1
     */
    default Fault onWrite(Write write, int nth) {
        return Fault.NONE;
    }

    /**
     * A watch begins.
     *
     * @param nth which of this resource at this gate, from 1
     */
    default Watching onWatch(Target target, int nth) {
        return Watching.FAITHFUL;
    }

    /**
     * Whether a watch is refused, with 429.
     *
     * @param nth which attempt for this resource at this gate, from 1
     */
    default boolean refusesWatch(Target target, int nth) {
        return false;
    }

    /** A watch has been disturbed as {@link #onWatch} has said; called once a watch. */
    default void disturbed(Target target) {
        // most need no proof
    }

    /** The resourceVersion as of which a list is answered; empty: as it is asked for. */
    default Optional<String> listAsOf(Target target, int nth) {
        return Optional.empty();
    }

    /** A list as of another resourceVersion has been answered. */
    default void listedAsOf(Target target, int code) {
        // most need no proof
    }

    /** What is forwarded in place of the body of a write: a way to make a wrong operator of a right one. */
    default String rewrite(Write write, String body) {
        return body;
    }
}
