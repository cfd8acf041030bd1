package dev.clew.faults.proxy;

import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One watch, event by event, over a WebSocket or a response that does not end. All of it runs on one event loop. */
final class WatchLine {
    /** Where events go. */
    interface Sink {
        void write(String event);

        void close();
    }

    /** Who wants to know what comes through. */
    interface Observer {
        /** An event came that is not a bookmark. */
        void event();

        /** It did not go on as it came; told once a watch. */
        void disturbed();
    }

    private static final Pattern UID = Pattern.compile("\"uid\":\"([^\"]+)\"");
    private static final String EXPIRED = """
            {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
            "message":"too old resource version","reason":"Expired","code":410}}""";

    private final Vertx vertx;
    private final Runnable closeSource;
    private final Sink sink;
    private final Watching how;
    private final Observer observer;
    private final Map<String, String> before = new HashMap<>();
    private final Queue<String> held = new ArrayDeque<>();
    private int events;
    private boolean silent;
    private boolean holding;
    private boolean told;

    WatchLine(Vertx vertx, Runnable closeSource, Sink sink, Watching how, Observer observer) {
        this.vertx = vertx;
        this.closeSource = closeSource;
        this.sink = sink;
        this.how = how;
        this.observer = observer;
    }

    void open() {
        if (how instanceof Watching.HeldUntil(var release)) {
            holding = true;
            release.thenRun(() -> vertx.runOnContext(now -> {
                holding = false;
                held.forEach(this::deliver);
                held.clear();
            }));
        }
        fromNowOn();
    }

    /** The API server ended it. */
    void sourceClosed() {
        if (!silent) {
            sink.close();
        }
    }

    /** The operator ended it. */
    void sinkClosed() {
        closeSource.run();
    }

    /** An event comes. */
    void event(String frame) {
        boolean counts = !frame.startsWith("{\"type\":\"BOOKMARK\"");
        if (silent) {
            if (counts) {
                // a silence in which nothing happens is none
                tell();
            }
            return;
        }
        switch (how) {
            case Watching.Delayed(var delay) -> {
                vertx.setTimer(delay.toMillis(), timer -> deliver(frame));
                disturbedIf(counts);
            }
            case Watching.HeldUntil until -> {
                if (holding) {
                    held.add(frame);
                } else {
                    deliver(frame);
                }
            }
            case Watching.Twice twice -> {
                deliver(frame);
                deliver(frame);
                disturbedIf(counts);
            }
            case Watching.Old old -> {
                deliver(frame);
                if (counts) {
                    replayBefore(frame);
                }
            }
            case Watching.Faithful faithful -> deliver(frame);
            case Watching.Cut cut -> deliver(frame);
            case Watching.Silent silence -> deliver(frame);
            case Watching.Gone gone -> deliver(frame);
        }
        if (counts) {
            events++;
            observer.event();
            fromNowOn();
        }
    }

    private void tell() {
        if (!told) {
            told = true;
            observer.disturbed();
        }
    }

    private void disturbedIf(boolean condition) {
        if (condition) {
            tell();
        }
    }

    private void replayBefore(String frame) {
        Matcher uid = UID.matcher(frame);
        if (uid.find()) {
            String previous = before.put(uid.group(1), frame);
            if (previous != null && !frame.startsWith("{\"type\":\"DELETED\"")) {
                deliver(previous);
                tell();
            }
        }
    }

    /** What happens once enough events have come. */
    private void fromNowOn() {
        switch (how) {
            case Watching.Cut(int most)
            when events >= most -> {
                cut();
                tell();
            }
            case Watching.Gone(int most)
            when events >= most -> {
                deliver(EXPIRED);
                tell();
                sink.close();
            }
            case Watching.Silent(int most, var duration)
            when events >= most -> {
                silent = true;
                vertx.setTimer(Math.max(1, duration.toMillis()), timer -> cut());
            }
            default -> {
                // nothing yet
            }
        }
    }

    /** Ends it, as an API server does that goes. */
    private void cut() {
        silent = true;
        closeSource.run();
        sink.close();
    }

    private void deliver(String frame) {
        sink.write(frame);
    }
}
