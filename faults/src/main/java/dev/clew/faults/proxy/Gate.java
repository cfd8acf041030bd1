package dev.clew.faults.proxy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.parsetools.RecordParser;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** A proxy between one operator and the API server. It passes on everything but what its director disturbs. */
public final class Gate implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");

    /** Of one connection, not of the request; bodies are passed whole, so their length is set anew. */
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "host",
            "content-length",
            "transfer-encoding",
            "upgrade",
            "sec-websocket-key",
            "sec-websocket-version",
            "sec-websocket-extensions",
            "sec-websocket-protocol");

    private final String name;
    private final Upstream upstream;
    private final Naming naming;
    private final Director director;
    private final Runnable kill;
    private final HttpServer server;
    private final java.util.Queue<Sent> sent = new ConcurrentLinkedQueue<>();
    private final Map<String, AtomicInteger> events = new ConcurrentHashMap<>();
    private final AtomicInteger writes = new AtomicInteger();
    private final Map<String, AtomicInteger> numbers = new ConcurrentHashMap<>();

    private Gate(String name, Upstream upstream, Naming naming, Director director, Runnable kill) {
        this.name = name;
        this.upstream = upstream;
        this.naming = naming;
        this.director = director;
        this.kill = kill;
        this.server = upstream.vertx()
                .createHttpServer(new HttpServerOptions()
                        .setMaxWebSocketFrameSize(Upstream.LARGEST_FRAME)
                        .setMaxWebSocketMessageSize(Upstream.LARGEST_FRAME));
    }

    static Gate open(String name, Upstream upstream, Naming naming, Director director, Runnable kill) {
        var gate = new Gate(name, upstream, naming, director, kill);
        gate.server.requestHandler(gate::handle);
        gate.server
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        return gate;
    }

    /** Where the operator finds what it takes for the API server. */
    public String url() {
        return "http://127.0.0.1:" + server.actualPort();
    }

    /** The writes that came so far. */
    public List<Sent> sent() {
        return List.copyOf(sent);
    }

    /** How many writes have arrived. */
    public int writes() {
        return writes.get();
    }

    /** How many events, bookmarks aside, came so far through the first watch of a resource. */
    public Map<String, Integer> events() {
        return events.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().get()));
    }

    private final class Seen implements WatchLine.Observer {
        private final Target target;
        private final int nth;

        Seen(Target target, int nth) {
            this.target = target;
            this.nth = nth;
        }

        @Override
        public void event() {
            if (nth == 1) {
                events.computeIfAbsent(target.resource(), key -> new AtomicInteger())
                        .incrementAndGet();
            }
        }

        @Override
        public void disturbed() {
            director.disturbed(target);
        }
    }

    private void handle(HttpServerRequest request) {
        Target target = Target.of(request.path());
        if ("websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
            if (!refuse(request, target)) {
                tunnel(request, target);
            }
            return;
        }
        if (request.method().name().equals("GET") && "true".equals(request.getParam("watch"))) {
            if (!refuse(request, target)) {
                stream(request, target);
            }
            return;
        }
        long arrived = System.nanoTime();
        request.body().onSuccess(body -> {
            if (READS.contains(request.method().name())) {
                read(request, target, body);
            } else {
                write(request, target, body, arrived);
            }
        });
    }

    private boolean refuse(HttpServerRequest request, Target target) {
        boolean refused = director.refusesWatch(target, number("attempt to watch " + target.resource()));
        if (refused) {
            respond(request, status(429, "TooManyRequests"));
        }
        return refused;
    }

    private void read(HttpServerRequest request, Target target, Buffer body) {
        if (target.name().isEmpty()) {
            int nth = number("list " + target.resource());
            Optional<String> version = director.listAsOf(target, nth);
            if (version.isPresent()) {
                forward(request, asOf(request.uri(), version.get()), body, answer -> {
                    director.listedAsOf(target, answer.code());
                    respond(request, answer);
                });
                return;
            }
        }
        forward(request, request.uri(), body, answer -> respond(request, answer));
    }

    private static String asOf(String uri, String version) {
        String rest = uri.replaceAll("[&?]resourceVersion(Match)?=[^&]*", "");
        return rest + (rest.contains("?") ? "&" : "?") + "resourceVersion=" + version + "&resourceVersionMatch=Exact";
    }

    private int number(String what) {
        return numbers.computeIfAbsent(what, key -> new AtomicInteger()).incrementAndGet();
    }

    private void write(HttpServerRequest request, Target target, Buffer body, long arrived) {
        JsonNode json = json(body);
        Write write = naming.name(request.method().name(), target, json);
        Buffer out = Buffer.buffer(director.rewrite(write, body.toString()));
        Consumer<Integer> record =
                code -> sent.add(new Sent(name, write, request.method().name(), target, json, arrived, code));
        Consumer<Consumer<Answer>> forward = then -> forward(request, request.uri(), out, answer -> {
            record.accept(answer.code());
            then.accept(answer);
        });
        switch (director.onWrite(write, writes.incrementAndGet())) {
            case Fault.None none -> forward.accept(answer -> respond(request, answer));
            case Fault.KillBefore before -> {
                record.accept(0);
                kill.run();
            }
            case Fault.KillAfter after -> forward.accept(answer -> kill.run());
            case Fault.DropAnswer drop ->
                forward.accept(answer -> request.connection().close());
            case Fault.Refuse(int code, String reason) -> {
                record.accept(0);
                respond(request, status(code, reason));
            }
            case Fault.AnswerAfter(int code, String reason) ->
                forward.accept(answer -> respond(request, status(code, reason)));
            case Fault.Hold(Runnable held, var release) -> {
                held.run();
                release.thenRun(() ->
                        upstream.vertx().runOnContext(now -> forward.accept(answer -> respond(request, answer))));
            }
            case Fault.After(Runnable first) -> {
                first.run();
                forward.accept(answer -> respond(request, answer));
            }
        }
    }

    private static JsonNode json(Buffer body) {
        try {
            return body.length() == 0 ? MissingNode.getInstance() : MAPPER.readTree(body.getBytes());
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private record Answer(int code, MultiMap headers, Buffer body) {}

    private static Answer status(int code, String reason) {
        var body = MAPPER.createObjectNode()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("status", "Failure")
                .put("reason", reason)
                .put("message", "the fault bench says so")
                .put("code", code);
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("Content-Type", "application/json");
        if (code == 429) {
            headers.add("Retry-After", "1");
        }
        return new Answer(code, headers, Buffer.buffer(body.toString()));
    }

    /** An API server that does not answer is shown as one: by a connection that ends. */
    private void forward(HttpServerRequest request, String uri, Buffer body, Consumer<Answer> then) {
        request(request, uri)
                .compose((HttpClientRequest forwarded) -> forwarded.send(body))
                .compose((HttpClientResponse response) ->
                        response.body().map(content -> new Answer(response.statusCode(), response.headers(), content)))
                .onSuccess(then::accept)
                .onFailure(problem -> request.connection().close());
    }

    private static void respond(HttpServerRequest request, Answer answer) {
        var response = request.response();
        if (response.closed() || response.ended()) {
            return;
        }
        response.setStatusCode(answer.code());
        copy(answer.headers(), (key, value) -> response.putHeader(key, value));
        response.end(answer.body());
    }

    private void tunnel(HttpServerRequest request, Target target) {
        var options = new WebSocketConnectOptions()
                .setSsl(true)
                .setHost(upstream.server().getHost())
                .setPort(upstream.server().getPort())
                .setURI(request.uri());
        copy(request.headers(), options::addHeader);
        request.pause();
        upstream.webSockets()
                .connect(options)
                .onSuccess(source -> {
                    if (!source.isClosed()) {
                        source.pause();
                    }
                    int nth = number("watch " + target.resource());
                    Watching how = director.onWatch(target, nth);
                    request.toWebSocket()
                            .onSuccess(sink -> {
                                if (source.isClosed()) {
                                    // the API server has ended it already
                                    sink.close((short) 1001);
                                    return;
                                }
                                var line = new WatchLine(
                                        upstream.vertx(),
                                        () -> source.close(),
                                        new WebSocketSink(sink),
                                        how,
                                        new Seen(target, nth));
                                source.textMessageHandler(line::event);
                                source.closeHandler(closed -> line.sourceClosed());
                                sink.closeHandler(closed -> line.sinkClosed());
                                line.open();
                                source.resume();
                            })
                            .onFailure(problem -> {
                                source.close();
                                request.connection().close();
                            });
                })
                .onFailure(problem -> {
                    if (problem instanceof UpgradeRejectedException rejected) {
                        request.resume();
                        Buffer body = rejected.getBody() == null ? Buffer.buffer() : rejected.getBody();
                        respond(request, new Answer(rejected.getStatus(), rejected.getHeaders(), body));
                    } else {
                        request.connection().close();
                    }
                });
    }

    private record WebSocketSink(ServerWebSocket socket) implements WatchLine.Sink {
        @Override
        public void write(String event) {
            if (!socket.isClosed()) {
                socket.writeTextMessage(event);
            }
        }

        @Override
        public void close() {
            socket.close((short) 1001);
        }
    }

    private record ResponseSink(HttpServerRequest request) implements WatchLine.Sink {
        @Override
        public void write(String event) {
            if (!request.response().closed() && !request.response().ended()) {
                request.response().write(event + "\n");
            }
        }

        @Override
        public void close() {
            if (!request.response().closed() && !request.response().ended()) {
                request.response().end();
            }
        }
    }

    /** A watch as the client does it that got no WebSocket: a response that does not end, with an event a line. */
    private void stream(HttpServerRequest request, Target target) {
        request(request, request.uri())
                .compose(HttpClientRequest::send)
                .onSuccess(source -> {
                    request.response().setStatusCode(source.statusCode()).setChunked(true);
                    copy(source.headers(), (key, value) -> request.response().putHeader(key, value));
                    int nth = number("watch " + target.resource());
                    var line = new WatchLine(
                            upstream.vertx(),
                            () -> source.request().connection().close(),
                            new ResponseSink(request),
                            director.onWatch(target, nth),
                            new Seen(target, nth));
                    var lines = RecordParser.newDelimited("\n", source);
                    lines.handler(event -> line.event(event.toString()));
                    lines.endHandler(end -> line.sourceClosed());
                    lines.exceptionHandler(problem -> line.sourceClosed());
                    request.response().closeHandler(closed -> line.sinkClosed());
                    request.response().writeHead();
                    line.open();
                })
                .onFailure(problem -> request.connection().close());
    }

    private static void copy(MultiMap headers, BiConsumer<String, String> to) {
        headers.forEach((key, value) -> {
            if (!HOP_BY_HOP.contains(key.toLowerCase(Locale.ROOT))) {
                to.accept(key, value);
            }
        });
    }

    private Future<HttpClientRequest> request(HttpServerRequest request, String uri) {
        var options = new RequestOptions().setMethod(request.method()).setURI(uri);
        copy(request.headers(), options::addHeader);
        return upstream.http().request(options);
    }

    /** Closes it, with all that is connected. */
    @Override
    public void close() {
        server.close().toCompletionStage().toCompletableFuture().join();
    }
}
