package dev.clew.faults.proxy;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** How events come through a watch. */
public sealed interface Watching {
    /** As the API server sends them. */
    Watching FAITHFUL = new Faithful();

    /** As the API server sends them. */
    record Faithful() implements Watching {}

    /** The connection is cut after so many events. */
    record Cut(int events) implements Watching {}

    /** After so many events nothing comes any more for a while, neither events nor an end; then the connection is cut. */
    record Silent(int events, Duration duration) implements Watching {}

    /** Every event comes so much later. */
    record Delayed(Duration delay) implements Watching {}

    /** All events are held until then; those that came meanwhile follow at once. */
    record HeldUntil(CompletionStage<?> release) implements Watching {}

    /** After so many events the API server says that the version is too old. */
    record Gone(int events) implements Watching {}

    /** Every event comes twice. */
    record Twice() implements Watching {}

    /** After every event of an object the one before it comes once more. */
    record Old() implements Watching {}
}
