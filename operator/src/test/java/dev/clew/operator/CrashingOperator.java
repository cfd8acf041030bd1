package dev.clew.operator;

import dev.clew.operator.config.OperatorConfig;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.IOException;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * An operator in a process of its own that kills itself, by SIGKILL, at a moment that the test chose: before a certain
 * request is sent, or once it has been answered.
 */
public final class CrashingOperator {
    private CrashingOperator() {}

    /**
     * When to die.
     *
     * @param before whether before the request is sent; else when its response has arrived
     * @param method HTTP method
     * @param path regular expression that the path must match as a whole
     * @param text what the path or the body must contain, so that only one run is meant
     * @param occurrence which of those that match, from 1
     */
    record Moment(boolean before, String method, String path, String text, int occurrence) {
        String encode() {
            return String.join(" ", before ? "before" : "after", method, path, text, Integer.toString(occurrence));
        }

        static Moment decode(String text) {
            String[] parts = text.split(" ", -1);
            return new Moment(parts[0].equals("before"), parts[1], parts[2], parts[3], Integer.parseInt(parts[4]));
        }
    }

    private static final class Crash implements Interceptor {
        private final Moment moment;
        private final Pattern path;
        private final AtomicInteger seen = new AtomicInteger();

        Crash(Moment moment) {
            this.moment = moment;
            this.path = Pattern.compile(moment.path());
        }

        private boolean isMeant(HttpRequest request) {
            String body = Objects.requireNonNullElse(request.bodyString(), "");
            return request.method().equals(moment.method())
                    && path.matcher(request.uri().getPath()).matches()
                    && (body.contains(moment.text()) || request.uri().getPath().contains(moment.text()));
        }

        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            if (moment.before() && isMeant(request) && seen.incrementAndGet() == moment.occurrence()) {
                die();
            }
        }

        @Override
        public void after(
                HttpRequest request,
                HttpResponse<?> response,
                AsyncBody.Consumer<java.util.List<java.nio.ByteBuffer>> consumer) {
            if (!moment.before() && isMeant(request) && seen.incrementAndGet() == moment.occurrence()) {
                die();
            }
        }

        private static void die() {
            try {
                new ProcessBuilder(
                                "kill",
                                "-9",
                                Long.toString(ProcessHandle.current().pid()))
                        .start()
                        .waitFor();
                new CountDownLatch(1).await();
            } catch (IOException | InterruptedException e) {
                Runtime.getRuntime().halt(137);
            }
        }
    }

    /** With a moment as its argument, or none to live on. */
    public static void main(String[] arguments) throws Exception {
        var operator = ClewOperator.start(
                OperatorConfig.read(System.getenv()),
                Config.autoConfigure(null),
                () -> Runtime.getRuntime().halt(1),
                Clock.systemUTC(),
                http -> {
                    if (arguments.length > 0) {
                        http.addOrReplaceInterceptor("crash", new Crash(Moment.decode(arguments[0])));
                    }
                });
        Runtime.getRuntime().addShutdownHook(new Thread(operator::close));
        new CountDownLatch(1).await();
    }
}
