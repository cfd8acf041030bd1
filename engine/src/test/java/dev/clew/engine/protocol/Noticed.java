package dev.clew.engine.protocol;

import java.util.function.IntConsumer;

/** What is done wrong is to be noticed by the check that is there for it; that others fail as well proves nothing. */
final class Noticed {
    private static final int TRIES = 5_000;

    private Noticed() {}

    /** Some try, each of which is random by its number, fails and says so. */
    static void by(String message, IntConsumer attempt) {
        AssertionError other = null;
        for (int seed = 0; seed < TRIES; seed++) {
            try {
                attempt.accept(seed);
            } catch (AssertionError e) {
                if (String.valueOf(e.getMessage()).contains(message)) {
                    return;
                }
                other = e;
            }
        }
        throw new AssertionError("nobody said \"" + message + "\"", other);
    }
}
