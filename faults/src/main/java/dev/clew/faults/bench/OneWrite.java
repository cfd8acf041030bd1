package dev.clew.faults.bench;

import dev.clew.faults.proxy.Director;
import dev.clew.faults.proxy.Fault;
import dev.clew.faults.proxy.Write;
import java.util.concurrent.CompletableFuture;

/**
 * Disturbs a write of a flow, once.
 *
 * @param name of the write
 * @param met completed when it comes
 */
record OneWrite(String name, Fault fault, CompletableFuture<Write> met) implements Director {
    @Override
    public Fault onWrite(Write write, int nth) {
        return write.name().equals(name) && met.complete(write) ? fault : Fault.NONE;
    }
}
