package dev.clew.faults.bench;

import dev.clew.faults.proxy.Director;
import dev.clew.faults.proxy.Fault;
import dev.clew.faults.proxy.Write;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Every write takes a while, in which another operator decides the same. */
record Slow(long millis) implements Director {
    @Override
    public Fault onWrite(Write write, int nth) {
        return down(millis);
    }

    /** A write is forwarded so much later. */
    static Fault down(long millis) {
        var soon =
                CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS));
        return new Fault.Hold(() -> {}, soon);
    }
}
