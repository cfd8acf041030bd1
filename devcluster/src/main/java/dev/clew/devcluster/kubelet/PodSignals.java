package dev.clew.devcluster.kubelet;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What a pod's worker has to be woken for: a newer version of the pod, its disappearance, the end of a container. */
final class PodSignals {
    /** For {@link #await} when there is no time to wait for. */
    static final Duration FOREVER = Duration.ofDays(1);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Pod latest;
    private boolean gone;
    private long changes;

    PodSignals(Pod first) {
        this.latest = first;
    }

    /** There is a version; one that is older than the latest is dropped. */
    void update(Pod pod) {
        change(() -> latest = version(pod) < version(latest) ? latest : pod);
    }

    /** Resource versions can be compared (KEP-5504). */
    static long version(Pod pod) {
        return Long.parseLong(pod.getMetadata().getResourceVersion());
    }

    /** The object is gone. */
    void gone() {
        change(() -> gone = true);
    }

    /** Something else has happened. */
    void ping() {
        change(() -> {});
    }

    private void change(Runnable action) {
        lock.lock();
        try {
            action.run();
            changes++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    Pod latest() {
        lock.lock();
        try {
            return latest;
        } finally {
            lock.unlock();
        }
    }

    boolean isGone() {
        lock.lock();
        try {
            return gone;
        } finally {
            lock.unlock();
        }
    }

    /** A number that grows with each change. To be read before looking at what may change. */
    long changes() {
        lock.lock();
        try {
            return changes;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a change after the given number, at most so long. */
    void await(long seen, Duration atMost) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = atMost.toNanos();
            while (changes == seen && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }
}
