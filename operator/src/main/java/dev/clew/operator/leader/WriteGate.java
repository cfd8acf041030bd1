package dev.clew.operator.leader;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets a process write only while it surely leads: until the renew deadline after its last renewal, by a clock that nobody
 * sets. It stands before every request of the client, so that nothing is forgotten.
 */
final class WriteGate implements Interceptor {
    /** This process does not lead, or may no longer do. */
    static final class NotLeadingException extends IllegalStateException {
        NotLeadingException(String request) {
            super("not sent, since this process does not hold the Lease, or may no longer hold it: " + request);
        }
    }

    private final Duration renewDeadline;
    private final LongSupplier nanoTime;
    private volatile boolean closed;
    private volatile @Nullable Long renewedAt;

    /**
     * A gate that is closed.
     *
     * @param nanoTime {@link System#nanoTime()}
     */
    WriteGate(Duration renewDeadline, LongSupplier nanoTime) {
        this.renewDeadline = renewDeadline;
        this.nanoTime = nanoTime;
    }

    /**
     * The Lease was taken or renewed.
     *
     * @param sentAt when the request was sent that did so, not when it was answered
     */
    void renewed(long sentAt) {
        renewedAt = sentAt;
    }

    /** The Lease is about to be given back, or is lost: this process will not lead again, whatever is still answered. */
    void close() {
        closed = true;
    }

    boolean isOpen() {
        Long since = renewedAt;
        return !closed && since != null && nanoTime.getAsLong() - since <= renewDeadline.toNanos();
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        if (!request.method().equals("GET") && !isOpen()) {
            throw new NotLeadingException(request.method() + " " + request.uri().getPath());
        }
    }
}
