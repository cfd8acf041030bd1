package dev.clew.engine.protocol;

/** The record of a run contradicts itself; the message says how. Somebody else than Clew has written it. */
public final class UnreadableException extends RuntimeException {
    UnreadableException(String why) {
        super(why);
    }
}
