package dev.clew.devcluster.kubelet;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The way from a node to the API server, which can be cut: nothing passes then, while the node works on. Thread-safe. */
final class NodeLink {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean cut;
    private int underway;

    boolean isUp() {
        lock.lock();
        try {
            return !cut;
        } finally {
            lock.unlock();
        }
    }

    /** Begins a request, unless the link is cut; {@link #leave} ends it. */
    boolean tryEnter() {
        lock.lock();
        try {
            if (!cut) {
                underway++;
            }
            return !cut;
        } finally {
            lock.unlock();
        }
    }

    /** Begins a request, as soon as the link is up; {@link #leave} ends it. */
    void enter() throws InterruptedException {
        do {
            awaitUp();
        } while (!tryEnter());
    }

    /** Ends a request. */
    void leave() {
        lock.lock();
        try {
            underway--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns when the link is up. */
    void awaitUp() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (cut) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets no request begin any more, and returns when the last has ended. */
    void cut() {
        lock.lock();
        try {
            cut = true;
            while (underway > 0) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets requests pass again. */
    void restore() {
        lock.lock();
        try {
            cut = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
