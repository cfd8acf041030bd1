package dev.clew.faults.proxy;

import java.util.concurrent.CompletionStage;

/** What becomes of a write. */
public sealed interface Fault {
    /** Nothing. */
    Fault NONE = new None();

    /** It is forwarded, and its answer passed on. */
    record None() implements Fault {}

    /** The process is killed, and the write is not forwarded. */
    record KillBefore() implements Fault {}

    /** The write is forwarded, and the process killed before it gets the answer. */
    record KillAfter() implements Fault {}

    /** The write is forwarded, and the connection cut instead of an answer. */
    record DropAnswer() implements Fault {}

    /** The write is not forwarded, and answered like this. */
    record Refuse(int code, String reason) implements Fault {}

    /** The write is forwarded, and answered like this whatever the API server said. */
    record AnswerAfter(int code, String reason) implements Fault {}

    /**
     * The write is held.
     *
     * @param held called then
     * @param release when it is forwarded
     */
    record Hold(Runnable held, CompletionStage<?> release) implements Fault {}

    /** Something is done, then the write is forwarded. */
    record After(Runnable first) implements Fault {}
}
