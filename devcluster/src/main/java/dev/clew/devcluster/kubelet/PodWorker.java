package dev.clew.devcluster.kubelet;

import dev.clew.devcluster.kubelet.ContainerSource.Start;
import dev.clew.devcluster.kubelet.ContainerState.Running;
import dev.clew.devcluster.kubelet.ContainerState.Terminated;
import dev.clew.devcluster.kubelet.ContainerState.Waiting;
import dev.clew.devcluster.kubelet.PodApi.PodGoneException;
import dev.clew.devcluster.kubelet.RunningContainer.Exit;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one pod on this node, from its acceptance to its terminal status, in the order in which things happen. Runs in a
 * (virtual) thread of its own; reacts to what {@link PodSignals} brings.
 */
final class PodWorker implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);

    private final PodApi api;
    private final ContainerSource source;
    private final PodSignals signals;
    private final KubeletOptions options;
    private final StatusReport report;
    private final Map<String, RunningContainer> running = new LinkedHashMap<>();
    private final Map<String, Integer> attempts = new HashMap<>();
    private Map<String, @Nullable Object> published = Map.of();
    private Instant nextRetry = Instant.MIN;

    /** Why a pod comes to its end. */
    private enum Ending {
        OVER,
        DELETED,
        DEADLINE_EXCEEDED
    }

    PodWorker(PodApi api, ContainerSource source, PodSignals signals, KubeletOptions options) {
        this.api = api;
        this.source = source;
        this.signals = signals;
        this.options = options;
        this.report = new StatusReport(signals.latest(), Instant.now());
    }

    @Override
    public void run() {
        try {
            boolean startable = !isDeleted(signals.latest());
            if (source.announcesCreation() || !startable) {
                publish();
            }
            Ending ending = startable ? runUntilEnding() : Ending.DELETED;
            end(ending);
        } catch (PodGoneException e) {
            LOG.debug("{}", e.getMessage());
            stopQuietly();
        } catch (InterruptedException e) {
            running.values().forEach(RunningContainer::kill);
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("The worker of pod {} failed", name(signals.latest()), e);
            running.values().forEach(RunningContainer::kill);
        }
    }

    /** The first pass starts containers whatever has happened since the acceptance: a deleted pod may still start. */
    private Ending runUntilEnding() throws PodGoneException, InterruptedException {
        pause(source.startDelay());
        report.sandboxIsReady();
        while (true) {
            long seen = signals.changes();
            startWhatCanStart();
            collectExits();
            if (report.isOver()) {
                if (source.terminalDelay().isPositive()) {
                    publishIfChanged();
                    awaitEnding(source.terminalDelay());
                }
                return isPastDeadline() ? Ending.DEADLINE_EXCEEDED : Ending.OVER;
            }
            publishIfChanged();
            Optional<Ending> ending = ending();
            if (ending.isPresent()) {
                return ending.orElseThrow();
            }
            signals.await(seen, untilNextEvent());
            collectExits();
            ending = report.isOver() ? Optional.empty() : ending();
            if (ending.isPresent()) {
                return ending.orElseThrow();
            }
        }
    }

    private void pause(Duration duration) throws InterruptedException {
        if (duration.isPositive()) {
            Thread.sleep(duration);
        }
    }

    private void awaitEnding(Duration atMost) throws PodGoneException, InterruptedException {
        Instant until = Instant.now().plus(atMost);
        while (Instant.now().isBefore(until) && ending().isEmpty()) {
            long seen = signals.changes();
            signals.await(seen, Duration.between(Instant.now(), until));
        }
    }

    private Optional<Ending> ending() throws PodGoneException {
        Pod pod = signals.latest();
        if (signals.isGone()) {
            throw new PodGoneException(pod, "the object is gone");
        }
        if (isDeleted(pod)) {
            return Optional.of(Ending.DELETED);
        }
        return isPastDeadline() ? Optional.of(Ending.DEADLINE_EXCEEDED) : Optional.empty();
    }

    private boolean isPastDeadline() {
        return deadline().map(at -> !Instant.now().isBefore(at)).orElse(false);
    }

    private Optional<Instant> deadline() {
        return Optional.ofNullable(signals.latest().getSpec().getActiveDeadlineSeconds())
                .map(report.startTime()::plusSeconds);
    }

    private Duration untilNextEvent() {
        Optional<Instant> retry =
                nextRetry.equals(Instant.MIN) || !hasCreatable() ? Optional.empty() : Optional.of(nextRetry);
        return Stream.of(deadline(), retry)
                .flatMap(Optional::stream)
                .map(at -> Duration.between(Instant.now(), at).plusMillis(1))
                .min(Duration::compareTo)
                .orElse(PodSignals.forever());
    }

    // ---- starting -------------------------------------------------------------------------------------------------

    private void startWhatCanStart() throws InterruptedException {
        if (Instant.now().isBefore(nextRetry)) {
            return;
        }
        while (creatable().findFirst().isPresent()) {
            List<Container> now = creatable().toList();
            for (Container container : now) {
                start(container);
            }
            boolean progress = now.stream().anyMatch(c -> !(report.state(c.getName()) instanceof Waiting));
            collectExits();
            if (!progress) {
                nextRetry = Instant.now().plus(options.retryPeriod());
                return;
            }
        }
    }

    private boolean hasCreatable() {
        return creatable().findAny().isPresent();
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

    private void start(Container container) throws InterruptedException {
        String name = container.getName();
        int attempt = attempts.merge(name, 1, Integer::sum);
        report.set(
                name,
                switch (source.start(signals.latest(), container, attempt)) {
                    case Start.Started(RunningContainer started) -> {
                        running.put(name, started);
                        var _ = started.exit().thenRun(signals::ping);
                        yield new Running(started.id(), started.startedAt());
                    }
                    case Start.Failed(String id, String message) -> Terminated.startError(id, message, Instant.now());
                    case Start.NotCreated(String reason, String message) -> new Waiting(reason, Optional.of(message));
                });
    }

    private void collectExits() {
        for (Map.Entry<String, RunningContainer> entry : List.copyOf(running.entrySet())) {
            RunningContainer container = entry.getValue();
            if (container.exit().isDone()) {
                Exit exit = container.exit().join();
                report.set(
                        entry.getKey(),
                        new Terminated(
                                exit.code(),
                                exit.code() == 0 ? "Completed" : "Error",
                                container.collect(exit),
                                container.startedAt(),
                                exit.at(),
                                container.id()));
                running.remove(entry.getKey());
            }
        }
    }

    // ---- ending ---------------------------------------------------------------------------------------------------

    private void end(Ending ending) throws PodGoneException, InterruptedException {
        Pod pod = signals.latest();
        switch (ending) {
            case OVER -> {}
            case DEADLINE_EXCEEDED -> {
                report.isToFail();
                if (!running.isEmpty() || report.hasWaitingMain()) {
                    publishIfChanged();
                }
                stop(grace(pod.getSpec().getTerminationGracePeriodSeconds()));
                report.deadlineExceeded();
                if (report.hasWaitingMain() && report.isInitialized()) {
                    publishIfChanged();
                }
            }
            case DELETED -> {
                if (report.forgetWaitingReasons()) {
                    publishIfChanged();
                }
                stop(grace(pod.getMetadata().getDeletionGracePeriodSeconds()));
            }
        }
        report.end();
        report.writeOffMissing();
        Pod written = publish();
        if (isDeleted(written)) {
            api.confirmDeletion(written);
        }
    }

    private Duration grace(@Nullable Long seconds) {
        Duration asked = Duration.ofSeconds(Objects.requireNonNullElse(seconds, 30L));
        return asked.compareTo(options.minimumGrace()) < 0 ? options.minimumGrace() : asked;
    }

    /** SIGTERM to all, and after the grace period SIGKILL. Returns when all are gone; publishes nothing. */
    private void stop(Duration grace) throws InterruptedException {
        collectExits();
        running.values().forEach(RunningContainer::terminate);
        Instant until = Instant.now().plus(grace);
        awaitExits(until);
        running.values().forEach(RunningContainer::kill);
        awaitExits(Instant.MAX);
    }

    private void awaitExits(Instant until) throws InterruptedException {
        while (!running.isEmpty() && Instant.now().isBefore(until)) {
            long seen = signals.changes();
            collectExits();
            if (!running.isEmpty()) {
                Duration left =
                        until.equals(Instant.MAX) ? PodSignals.forever() : Duration.between(Instant.now(), until);
                signals.await(seen, left);
                collectExits();
            }
        }
    }

    /** The object is gone (a forced deletion without a finalizer): there is nobody to tell. */
    private void stopQuietly() {
        try {
            stop(options.minimumGrace());
        } catch (InterruptedException e) {
            running.values().forEach(RunningContainer::kill);
            Thread.currentThread().interrupt();
        }
    }

    // ---- writing --------------------------------------------------------------------------------------------------

    private void publishIfChanged() throws PodGoneException, InterruptedException {
        if (!render().equals(published)) {
            publish();
        }
    }

    private Pod publish() throws PodGoneException, InterruptedException {
        Map<String, @Nullable Object> status = render();
        Pod written = api.patchStatus(signals.latest(), status);
        published = status;
        return written;
    }

    private Map<String, @Nullable Object> render() {
        Pod pod = signals.latest();
        return report.render(
                Instant.now(),
                pod.getMetadata().getGeneration(),
                Optional.of(pod.getStatus().getPhase())
                        .filter(phase -> phase.equals(StatusReport.SUCCEEDED) || phase.equals(StatusReport.FAILED)));
    }

    static boolean isDeleted(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    private static String name(Pod pod) {
        return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
    }
}
