package dev.clew.operator.run;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/** Bounds how many requests are under way at once: with virtual threads nothing else would. */
public final class Requests {
    private final Semaphore permits;

    /** At most so many at the same time. */
    public Requests(int most) {
        this.permits = new Semaphore(most);
    }

    /** Does all, each as soon as it may, and waits; then throws what the first of those that failed threw. */
    <T> List<T> inParallel(List<Callable<T>> tasks) {
        if (tasks.size() == 1) {
            return List.of(call(tasks.getFirst()));
        }
        List<Future<T>> futures = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            tasks.forEach(task -> futures.add(threads.submit(() -> call(task))));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> future : futures) {
            results.add(result(future));
        }
        return results;
    }

    private <T> T call(Callable<T> task) {
        permits.acquireUninterruptibly();
        try {
            return task.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            permits.release();
        }
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
