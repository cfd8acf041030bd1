package dev.clew.devcluster.kubelet;

import dev.clew.devcluster.kubelet.PodApi.PodGoneException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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
    private static final long DEFAULT_GRACE_SECONDS = 30;

    private final PodApi api;
    private final ContainerSource source;
    private final PodSignals signals;
    private final Duration minimumGrace;
    private final StatusReport report;
    private final PodContainers containers;
    private Map<String, @Nullable Object> published = Map.of();
    private Optional<Pod> written = Optional.empty();

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
        this.minimumGrace = options.minimumGrace();
        this.report = new StatusReport(signals.latest(), Instant.now());
        this.containers = new PodContainers(source, signals, report, options.retryPeriod());
    }

    @Override
    public void run() {
        try {
            boolean startable = !isDeleted(signals.latest());
            if (source.announcesCreation() || !startable) {
                publish();
            }
            end(startable ? runUntilEnding() : Ending.DELETED);
        } catch (PodGoneException e) {
            LOG.debug("{}", e.getMessage());
            stopUnseen();
        } catch (InterruptedException e) {
            containers.kill();
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error(
                    "The worker of pod {} failed",
                    signals.latest().getMetadata().getName(),
                    e);
            containers.kill();
        }
    }

    /** The first pass starts containers whatever has happened since the acceptance: a deleted pod may still start. */
    private Ending runUntilEnding() throws PodGoneException, InterruptedException {
        TimeUnit.NANOSECONDS.sleep(source.startDelay().toNanos());
        report.sandboxIsReady();
        while (true) {
            long seen = signals.changes();
            containers.startWhatCanStart();
            containers.collectExits();
            if (report.isOver()) {
                return over();
            }
            publishIfChanged();
            if (ending().isEmpty()) {
                signals.await(seen, untilNextEvent());
                containers.collectExits();
            }
            Optional<Ending> ending = ending();
            if (ending.isPresent() && !report.isOver()) {
                return ending.orElseThrow();
            }
        }
    }

    /** The end of the containers is seen before the phase; what happens in between may still change the phase. */
    private Ending over() throws PodGoneException, InterruptedException {
        if (source.terminalDelay().isPositive()) {
            publishIfChanged();
            Instant until = Instant.now().plus(source.terminalDelay());
            long seen = signals.changes();
            while (Instant.now().isBefore(until) && ending().isEmpty()) {
                signals.await(seen, Duration.between(Instant.now(), until));
                seen = signals.changes();
            }
        }
        return isPastDeadline() ? Ending.DEADLINE_EXCEEDED : Ending.OVER;
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
        return Stream.of(deadline(), containers.nextRetry())
                .flatMap(Optional::stream)
                .map(at -> Duration.between(Instant.now(), at).plusMillis(1))
                .min(Duration::compareTo)
                .orElse(PodSignals.FOREVER);
    }

    private void end(Ending ending) throws PodGoneException, InterruptedException {
        Pod pod = signals.latest();
        switch (ending) {
            case OVER -> {}
            case DEADLINE_EXCEEDED -> {
                report.isToFail();
                if (containers.isAnyRunning() || report.hasWaitingMain()) {
                    publishIfChanged();
                }
                containers.stop(grace(pod.getSpec().getTerminationGracePeriodSeconds()));
                report.deadlineExceeded();
                if (report.hasWaitingMain() && report.isInitialized()) {
                    publishIfChanged();
                }
            }
            case DELETED -> {
                if (report.forgetWaitingReasons()) {
                    publishIfChanged();
                }
                containers.stop(grace(pod.getMetadata().getDeletionGracePeriodSeconds()));
            }
        }
        report.end();
        report.writeOffMissing();
        Pod last = publishLast();
        if (isDeleted(last)) {
            api.confirmDeletion(last);
        }
    }

    private Duration grace(@Nullable Long seconds) {
        Duration asked = Duration.ofSeconds(Objects.requireNonNullElse(seconds, DEFAULT_GRACE_SECONDS));
        return asked.compareTo(minimumGrace) < 0 ? minimumGrace : asked;
    }

    /** The object is gone (a forced deletion without a finalizer): there is nobody to tell. */
    private void stopUnseen() {
        try {
            containers.stop(minimumGrace);
        } catch (InterruptedException e) {
            containers.kill();
            Thread.currentThread().interrupt();
        }
    }

    private void publishIfChanged() throws PodGoneException, InterruptedException {
        if (!render().equals(published) || isReadyOverwritten()) {
            publish();
        }
    }

    /** While the node is cut off this writes nothing; then the next one has more to tell. */
    private void publish() throws PodGoneException, InterruptedException {
        Map<String, @Nullable Object> status = render();
        Optional<Pod> answer = api.patchStatus(signals.latest(), status);
        if (answer.isPresent()) {
            published = status;
            written = answer;
        }
    }

    /** What is told last is outwaited, and is told as it is then: meanwhile others may have made the pod terminal. */
    private Pod publishLast() throws PodGoneException, InterruptedException {
        written = Optional.empty();
        while (written.isEmpty()) {
            api.awaitLink();
            publish();
        }
        return written.orElseThrow();
    }

    /** The node lifecycle controller makes the pods of a silent node unready; a kubelet that is back puts that right. */
    private boolean isReadyOverwritten() {
        Pod latest = signals.latest();
        return written.filter(mine -> PodSignals.version(mine) < PodSignals.version(latest))
                .map(mine -> !ready(mine).equals(ready(latest)))
                .orElse(false);
    }

    private static String ready(Pod pod) {
        return pod.getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals("Ready"))
                .map(PodCondition::getStatus)
                .findFirst()
                .orElse("");
    }

    /** A terminal phase that another (pod garbage collection) has written stays. */
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
}
