package dev.clew.devcluster.kubelet;

import dev.clew.devcluster.kubelet.ContainerSource.Start;
import dev.clew.devcluster.kubelet.ContainerState.Running;
import dev.clew.devcluster.kubelet.ContainerState.Terminated;
import dev.clew.devcluster.kubelet.ContainerState.Waiting;
import dev.clew.devcluster.kubelet.RunningContainer.Exit;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Starts, watches and stops the containers of one pod, and enters what becomes of them in its report. Of one thread. */
final class PodContainers {
    private final ContainerSource source;
    private final PodSignals signals;
    private final StatusReport report;
    private final Duration retryPeriod;
    private final Map<String, RunningContainer> running = new LinkedHashMap<>();
    private final Map<String, Integer> attempts = new HashMap<>();
    private Optional<Instant> nextRetry = Optional.empty();

    PodContainers(ContainerSource source, PodSignals signals, StatusReport report, Duration retryPeriod) {
        this.source = source;
        this.signals = signals;
        this.report = report;
        this.retryPeriod = retryPeriod;
    }

    boolean isAnyRunning() {
        return !running.isEmpty();
    }

    /** When a container that could not be made is to be tried again, if there is one. */
    Optional<Instant> nextRetry() {
        return creatable().findAny().isPresent() ? nextRetry : Optional.empty();
    }

    /** Starts what can be started, unless it is too early to try again. */
    void startWhatCanStart() throws InterruptedException {
        if (nextRetry.map(Instant.now()::isBefore).orElse(false)) {
            return;
        }
        List<Container> due = creatable().toList();
        while (!due.isEmpty()) {
            boolean progress = false;
            for (Container container : due) {
                progress |= start(container);
            }
            collectExits();
            if (!progress) {
                nextRetry = Optional.of(Instant.now().plus(retryPeriod));
                return;
            }
            due = creatable().toList();
        }
    }

    /** Init containers one after the other, then all the others. */
    private Stream<Container> creatable() {
        var spec = signals.latest().getSpec();
        for (Container init : spec.getInitContainers()) {
            ContainerState state = report.state(init.getName());
            if (state instanceof Waiting) {
                return Stream.of(init);
            }
            if (!(state instanceof Terminated terminated && terminated.succeeded())) {
                return Stream.empty();
            }
        }
        return spec.getContainers().stream().filter(c -> report.state(c.getName()) instanceof Waiting);
    }

    private boolean start(Container container) throws InterruptedException {
        String name = container.getName();
        Pod pod = signals.latest();
        ContainerState state = switch (source.start(pod, container, attempts.merge(name, 1, Integer::sum))) {
            case Start.Started(RunningContainer started) -> {
                running.put(name, started);
                var _ = started.exit().thenRun(signals::ping);
                yield new Running(started.id(), started.startedAt());
            }
            case Start.Failed(String id, String message) -> Terminated.startError(id, message, Instant.now());
            case Start.NotCreated(String reason, String message) -> new Waiting(reason, Optional.of(message));
        };
        report.set(name, state);
        return !(state instanceof Waiting);
    }

    /** Enters the ends of those that have ended. */
    void collectExits() {
        for (Map.Entry<String, RunningContainer> entry : List.copyOf(running.entrySet())) {
            RunningContainer container = entry.getValue();
            if (container.exit().isDone()) {
                Exit exit = container.exit().join();
                report.set(
                        entry.getKey(),
                        new Terminated(
                                exit.code(),
                                exit.reason(),
                                container.collect(exit),
                                container.startedAt(),
                                exit.at(),
                                container.id()));
                running.remove(entry.getKey());
            }
        }
    }

    /** SIGTERM to all, and after the grace period SIGKILL. Returns when all are gone. */
    void stop(Duration grace) throws InterruptedException {
        collectExits();
        running.values().forEach(RunningContainer::terminate);
        awaitExits(Instant.now().plus(grace));
        kill();
        awaitExits(Instant.MAX);
    }

    /** SIGKILL to all. */
    void kill() {
        running.values().forEach(RunningContainer::kill);
    }

    private void awaitExits(Instant until) throws InterruptedException {
        long seen = signals.changes();
        collectExits();
        while (!running.isEmpty() && Instant.now().isBefore(until)) {
            signals.await(
                    seen, until.equals(Instant.MAX) ? PodSignals.FOREVER : Duration.between(Instant.now(), until));
            seen = signals.changes();
            collectExits();
        }
    }
}
