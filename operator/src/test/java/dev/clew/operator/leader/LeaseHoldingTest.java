package dev.clew.operator.leader;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.clew.operator.config.OperatorConfig.Election;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a process keeps the Lease and gives it up, before an API server that has nothing but a Lease. */
class LeaseHoldingTest {
    private static final Duration RENEW_DEADLINE = Duration.ofSeconds(2);

    /** More than the time between two renewals, less than a request is waited for. */
    private static final Duration SLOW = RENEW_DEADLINE.dividedBy(10).multipliedBy(4);

    private final ObjectMapper json = new ObjectMapper();
    private final ObjectNode lease = json.createObjectNode();
    private final AtomicInteger lost = new AtomicInteger();
    private final HttpServer server;
    private final LeaderElection election;

    LeaseHoldingTest() throws IOException {
        lease.put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
        lease.putObject("metadata").put("namespace", "clew-system").put("name", "clew");
        lease.putObject("spec");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/apis/coordination.k8s.io/v1/namespaces/clew-system/leases/clew", this::answer);
        Config connection = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://localhost:" + server.getAddress().getPort())
                .build();
        election = new LeaderElection(
                new Election("clew-system", "clew", RENEW_DEADLINE.multipliedBy(2), RENEW_DEADLINE, "pod"),
                connection,
                "me",
                lost::incrementAndGet);
    }

    @BeforeEach
    void start() {
        server.start();
    }

    @AfterEach
    void stop() {
        election.close();
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        boolean patch = exchange.getRequestMethod().equals("PATCH");
        byte[] body = json.writeValueAsBytes(patch ? patched(json.readTree(exchange.getRequestBody())) : lease());
        if (patch && holder().isEmpty()) {
            LockSupport.parkNanos(SLOW.toNanos());
        }
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private synchronized JsonNode patched(JsonNode patch) {
        lease.withObject("/spec").setAll((ObjectNode) patch.path("spec"));
        return lease();
    }

    private synchronized JsonNode lease() {
        return lease.deepCopy();
    }

    private String holder() {
        return lease().at("/spec/holderIdentity").asText();
    }

    @Test
    void whatIsGivenBackIsNotTakenBackByARenewalThatWaitedForItsTurn() {
        election.start(() -> {});
        Awaitility.await().until(election::isLeading);
        assertThat(holder()).isEqualTo("me");

        election.close();

        assertThat(holder()).isEmpty();
        assertThat(lost).as("it was not lost").hasValue(0);
    }

    @Test
    void aLeaderThatCannotLeadGivesTheLeaseUp() {
        election.start(() -> {
            throw new IllegalStateException("nothing to lead");
        });
        Awaitility.await().until(() -> lost.get() == 1);
        assertThat(election.isLeading()).isFalse();

        election.close();

        assertThat(holder()).isEmpty();
        assertThat(lost).as("told once").hasValue(1);
    }

    /** All that virtual threads run on is taken for longer than a leader may go without a renewal. */
    @Test
    void aProcessThatHasMuchToDoKeepsTheLease() throws InterruptedException {
        election.start(() -> {});
        Awaitility.await().until(election::isLeading);
        long end = System.nanoTime() + RENEW_DEADLINE.multipliedBy(3).toNanos();
        List<Thread> passes = IntStream.range(0, Runtime.getRuntime().availableProcessors())
                .mapToObj(i -> Thread.ofVirtual().start(() -> {
                    while (System.nanoTime() < end) {
                        Thread.onSpinWait();
                    }
                }))
                .toList();
        for (Thread pass : passes) {
            pass.join();
        }
        assertThat(election.isLeading()).isTrue();
        assertThat(lost).hasValue(0);
    }
}
