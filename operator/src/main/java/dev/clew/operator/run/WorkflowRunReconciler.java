package dev.clew.operator.run;

import dev.clew.api.WorkflowRun;
import dev.clew.engine.protocol.CreateLedger;
import dev.clew.engine.protocol.RunLoop;
import dev.clew.engine.protocol.UnreadableException;
import dev.clew.operator.config.OperatorConfig;
import dev.clew.operator.event.Events;
import dev.clew.operator.event.Failures;
import dev.clew.operator.leader.Takeover;
import dev.clew.operator.pod.Pods;
import dev.clew.operator.status.StatusWriter;
import dev.clew.operator.workflow.RevisionSweep;
import dev.clew.operator.workflow.Revisions;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.informer.ManagedInformerEventSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** From an event to a pass of the loop. All that is decided is decided in the engine. */
@ControllerConfiguration(name = "workflowrun")
public final class WorkflowRunReconciler implements Reconciler<WorkflowRun> {
    private static final Logger LOG = LoggerFactory.getLogger(WorkflowRunReconciler.class);

    /** Should an event be lost after all, a run is looked at again; without anything to do that costs no request. */
    private static final Duration SAFETY_NET = Duration.ofMinutes(10);

    private final KubernetesClient client;
    private final OperatorConfig config;
    private final String identity;
    private final Revisions revisions;
    private final StatusWriter statusWriter;
    private final ExecutorService threads;
    private final Progress progress;
    private final Clock clock;
    private final Requests requests;
    private final ReadWriteLock passes = new ReentrantReadWriteLock();
    private volatile boolean stopping;

    /** Since when this process leads; null: it is a standby. */
    private volatile @Nullable Instant leadingSince;

    private final AtomicReference<RunLoop> loop = new AtomicReference<>();

    private record Watched(
            Pods pods,
            ReferencedWorkflows workflows,
            Recreations recreations,
            Takeover<WorkflowRun> takeover,
            Strays strays,
            RevisionSweep revisionSweep) {}

    private final AtomicReference<Watched> watched = new AtomicReference<>();

    /** A reconciler that watches, and acts once it {@linkplain #lead() leads}. */
    public WorkflowRunReconciler(
            KubernetesClient client,
            OperatorConfig config,
            String identity,
            Revisions revisions,
            StatusWriter statusWriter,
            ExecutorService threads,
            MeterRegistry metrics,
            Clock clock) {
        this.client = client;
        this.config = config;
        this.identity = identity;
        this.revisions = revisions;
        this.statusWriter = statusWriter;
        this.threads = threads;
        this.progress = new Progress(metrics);
        this.clock = clock;
        this.requests = new Requests(config.maxRequests());
    }

    @Override
    public List<EventSource<?, WorkflowRun>> prepareEventSources(EventSourceContext<WorkflowRun> context) {
        IndexerResourceCache<WorkflowRun> runs = context.getPrimaryCache();
        var strays = new Strays(client, runs, requests, config.maxInFlight(), () -> leadingSince != null, threads);
        var workflows = new ReferencedWorkflows(context);
        var sources = new Watched(
                new Pods(
                        client,
                        context,
                        config.namespaces(),
                        identity,
                        pod -> strays.suspect(pod, sources().pods())),
                workflows,
                new Recreations(runs, threads),
                new Takeover<>(WorkflowRun.class, runs),
                strays,
                new RevisionSweep(
                        client,
                        revisions,
                        config.namespaces(),
                        runs::list,
                        () -> workflows.eventSource().list(),
                        clock));
        watched.set(sources);
        return List.of(
                sources.pods().eventSource(),
                sources.workflows().eventSource(),
                sources.recreations(),
                sources.takeover());
    }

    /** This process leads from now on: it acts on all that it has watched until now. */
    public void lead() {
        leadingSince = clock.instant();
        sources().takeover().begin();
        sources().strays().suspectAll(sources().pods());
    }

    /** Deletes what nothing uses any more; to be called now and then. */
    public void sweep() {
        if (leadingSince == null) {
            return;
        }
        try {
            sources().revisionSweep().sweep();
        } catch (RuntimeException e) {
            LOG.warn("could not sweep revisions, and will try again: {}", e.getMessage());
        }
    }

    @Override
    public UpdateControl<WorkflowRun> reconcile(WorkflowRun run, Context<WorkflowRun> context) {
        if (context.isPrimaryResourceDeleted()) {
            sources().recreations().gone(ResourceID.fromResource(run));
        }
        Instant since = leadingSince;
        if (since == null) {
            return UpdateControl.noUpdate();
        }
        if (context.isPrimaryResourceDeleted()) {
            sources().strays().gone(run, sources().pods());
            loop(context, since).forget(run.getMetadata().getUid(), Optional.ofNullable(run.getStatus()));
            return UpdateControl.noUpdate();
        }
        if (stopping || !passes.readLock().tryLock()) {
            return UpdateControl.noUpdate();
        }
        MDC.put("run", run.getMetadata().getName());
        MDC.put("namespace", run.getMetadata().getNamespace());
        try {
            if (run.unreadable().isPresent()) {
                return leaveAlone(run, run.unreadable().get());
            }
            Optional<Instant> wakeUp = loop(context, since).pass(RunViews.of(run));
            boolean ended = run.getStatus() != null
                    && run.getStatus().phase() != null
                    && run.getStatus().phase().isEnd();
            Optional<Duration> delay = wakeUp.map(this::delay);
            return (ended
                            ? delay
                            : delay.filter(until -> until.compareTo(SAFETY_NET) < 0)
                                    .or(() -> Optional.of(SAFETY_NET)))
                    .map(until -> UpdateControl.<WorkflowRun>noUpdate().rescheduleAfter(until))
                    .orElseGet(UpdateControl::noUpdate);
        } catch (UnreadableException e) {
            return leaveAlone(run, Objects.requireNonNullElse(e.getMessage(), ""));
        } finally {
            MDC.remove("run");
            MDC.remove("namespace");
            passes.readLock().unlock();
        }
    }

    private UpdateControl<WorkflowRun> leaveAlone(WorkflowRun run, String why) {
        LOG.error("cannot read this run, and leave it alone: {}", why);
        requests.bounded(() -> statusWriter.tellUnreadable(run, why, clock.instant()));
        // should the fault be one of Clew's, what is seen of the world next may lead out of it
        return UpdateControl.<WorkflowRun>noUpdate().rescheduleAfter(SAFETY_NET);
    }

    /** Whether it has been told to stop. */
    public boolean isStopping() {
        return stopping;
    }

    /** Begins no pass any more, and waits for those under way: caches are stopped next, and a pass cannot do without. */
    public void stop(Duration atMost) {
        stopping = true;
        try {
            if (!passes.writeLock().tryLock(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("some passes have not ended within {} s", atMost.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration delay(Instant at) {
        Duration delay = Duration.between(clock.instant(), at);
        return delay.isPositive() ? delay.plusMillis(1) : Duration.ofMillis(1);
    }

    private Watched sources() {
        return Objects.requireNonNull(watched.get(), "event sources are prepared before the first event");
    }

    private RunLoop loop(Context<WorkflowRun> context, Instant since) {
        RunLoop existing = loop.get();
        if (existing != null) {
            return existing;
        }
        Watched sources = sources();
        ManagedInformerEventSource<WorkflowRun, WorkflowRun, ?> runs =
                context.eventSourceRetriever().getControllerEventSource();
        var definitions = new Definitions(revisions, sources.workflows()::get);
        var cluster = new KubernetesCluster(
                client,
                runs,
                sources.pods(),
                definitions,
                revisions,
                statusWriter,
                new Events(client, threads),
                requests,
                progress,
                clock);
        loop.compareAndSet(null, new RunLoop(cluster, new CreateLedger(config.maxInFlight(), since)));
        LOG.debug("ready for runs");
        return Objects.requireNonNull(loop.get());
    }

    @Override
    public ErrorStatusUpdateControl<WorkflowRun> updateErrorStatus(
            WorkflowRun resource, Context<WorkflowRun> context, Exception error) {
        Failures.log(LOG, resource, error);
        return ErrorStatusUpdateControl.defaultErrorProcessing();
    }
}
