package dev.clew.operator.run;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** Bounds how many requests are under way at once: with virtual threads nothing else would. */
public final class Requests {
    private final Semaphore permits;

    /** At most so many at the same time. */
    public Requests(int most) {
        this.permits = new Semaphore(most);
    }

    /** Makes a request as soon as it may. Not to be nested: a request that waits for another one would hold two places. */
    <T> T bounded(Supplier<T> request) {
        permits.acquireUninterruptibly();
        try {
            return request.get();
        } finally {
            permits.release();
        }
    }

    /** Does all beside each other, and waits; then throws what the first of those that failed threw. */
    static <T> List<T> inParallel(List<Callable<T>> tasks) {
        List<Future<T>> futures = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            tasks.forEach(task -> futures.add(threads.submit(task)));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> future : futures) {
            results.add(result(future));
        }
        return results;
    }

    private static <T> T result(Future<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopped", e);
        }
    }
}
