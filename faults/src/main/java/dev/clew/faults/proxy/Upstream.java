package dev.clew.faults.proxy;

import io.fabric8.kubernetes.client.Config;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.URI;

/** The real API server, reached with the rights of a configuration. */
final class Upstream implements AutoCloseable {
    static final int LARGEST_FRAME = 16 << 20;

    private final Vertx vertx;
    private final URI server;
    private final HttpClient http;
    private final WebSocketClient webSockets;

    Upstream(Vertx vertx, Config config) {
        this.vertx = vertx;
        this.server = URI.create(config.getMasterUrl());
        var key =
                new PemKeyCertOptions().setCertPath(config.getClientCertFile()).setKeyPath(config.getClientKeyFile());
        var trust = new PemTrustOptions().addCertPath(config.getCaCertFile());
        http = vertx.createHttpClient(
                new HttpClientOptions()
                        .setSsl(true)
                        .setKeyCertOptions(key)
                        .setTrustOptions(trust)
                        .setDefaultHost(server.getHost())
                        .setDefaultPort(server.getPort()),
                new PoolOptions().setHttp1MaxSize(256));
        webSockets = vertx.createWebSocketClient(new WebSocketClientOptions()
                .setSsl(true)
                .setKeyCertOptions(key)
                .setTrustOptions(trust)
                .setMaxConnections(1024)
                .setMaxFrameSize(LARGEST_FRAME)
                .setMaxMessageSize(LARGEST_FRAME));
    }

    Vertx vertx() {
        return vertx;
    }

    URI server() {
        return server;
    }

    HttpClient http() {
        return http;
    }

    WebSocketClient webSockets() {
        return webSockets;
    }

    @Override
    public void close() {
        http.close();
        webSockets.close();
    }
}
