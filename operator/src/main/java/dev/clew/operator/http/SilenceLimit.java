package dev.clew.operator.http;

import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import io.vertx.ext.web.client.WebClientOptions;
import java.time.Duration;

/**
 * Gives up a connection on which something is awaited and nothing has come for a time. The client's own limit ends with the
 * head of an answer: without this one, a list whose body never comes to its end would be waited for for ever, and its
 * informer would show what there was, with no sign that it does not watch any more.
 */
public final class SilenceLimit extends VertxHttpClientFactory {
    private final Duration most;

    /**
     * For a client.
     *
     * @param most whole seconds, at least one. A watch that is quiet for longer is cut, and goes on from its last version: the API
     *     server mostly sends a bookmark about once a minute.
     */
    public SilenceLimit(Duration most) {
        this.most = most;
    }

    @Override
    protected void additionalConfig(WebClientOptions options) {
        options.setReadIdleTimeout((int) most.toSeconds());
    }
}
