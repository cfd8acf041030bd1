package dev.clew.operator.http;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SilenceLimitTest {
    /** Without the limit this waits for ever: the request's own has been met. */
    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void an_answer_that_stops_in_its_midst_is_given_up() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write("{\"kind\": ".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            // and nothing more
        });
        server.start();
        var config = new ConfigBuilder()
                .withMasterUrl("http://localhost:" + server.getAddress().getPort())
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout((int) TimeUnit.SECONDS.toMillis(10))
                .build();
        try (KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new SilenceLimit(Duration.ofSeconds(1)))
                .build()) {
            assertThatThrownBy(() -> client.pods().inNamespace("shop").list())
                    .isInstanceOf(KubernetesClientException.class);
        } finally {
            server.stop(0);
        }
    }
}
