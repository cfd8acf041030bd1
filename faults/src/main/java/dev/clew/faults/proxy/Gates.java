package dev.clew.faults.proxy;

import io.fabric8.kubernetes.client.Config;
import io.vertx.core.Vertx;

/** Opens gates before one API server. */
public final class Gates implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final Upstream upstream;

    /** Gates whose requests go on with the rights of this configuration. */
    public Gates(Config config) {
        upstream = new Upstream(vertx, config);
    }

    /**
     * Opens a gate on a free port of the loopback interface, for one operator.
     *
     * @param kill kills that operator; returns at once
     */
    public Gate open(String name, Naming naming, Director director, Runnable kill) {
        return Gate.open(name, upstream, naming, director, kill);
    }

    @Override
    public void close() {
        upstream.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
