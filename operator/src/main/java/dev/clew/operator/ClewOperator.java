package dev.clew.operator;

import dev.clew.api.Workflow;
import dev.clew.operator.config.OperatorConfig;
import dev.clew.operator.event.Events;
import dev.clew.operator.http.SilenceLimit;
import dev.clew.operator.leader.LeaderElection;
import dev.clew.operator.probe.ProbeServer;
import dev.clew.operator.run.WorkflowRunReconciler;
import dev.clew.operator.status.StatusWriter;
import dev.clew.operator.workflow.Revisions;
import dev.clew.operator.workflow.WorkflowReconciler;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.VersionInfo;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.Cloner;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetricsV2;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running operator: its controllers, its client, its probes, its part in the leader election. */
public final class ClewOperator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClewOperator.class);
    private static final int LEAST_MINOR = 31;
    private static final Duration STOP_WITHIN = Duration.ofSeconds(20);
    private static final Duration MOST_SILENCE = Duration.ofMinutes(3);

    private static final Duration SWEEP_EVERY = Duration.ofMinutes(10);

    private final KubernetesClient client;
    private final Operator operator;
    private final Optional<LeaderElection> election;
    private final WorkflowRunReconciler runs;
    private final ProbeServer probes;
    private final ExecutorService threads;
    private final Thread sweeper;
    private final AtomicBoolean ready;

    private ClewOperator(
            KubernetesClient client,
            Operator operator,
            Optional<LeaderElection> election,
            WorkflowRunReconciler runs,
            ProbeServer probes,
            ExecutorService threads,
            Thread sweeper,
            AtomicBoolean ready) {
        this.client = client;
        this.operator = operator;
        this.election = election;
        this.runs = runs;
        this.probes = probes;
        this.threads = threads;
        this.sweeper = sweeper;
        this.ready = ready;
    }

    /**
     * Starts an operator. It watches when this returns, and acts once it leads.
     *
     * @param connection how to reach the API server
     * @param lost called if it has led and may no longer: nothing is written any more, and the process must end
     * @throws IllegalStateException if the API server is too old, lacks the CRDs or does not grant the Lease
     */
    public static ClewOperator start(OperatorConfig config, Config connection, Runnable lost) throws IOException {
        return start(config, connection, lost, Clock.systemUTC());
    }

    /** The same by another clock: those of two machines differ. */
    public static ClewOperator start(OperatorConfig config, Config connection, Runnable lost, Clock clock)
            throws IOException {
        return start(config, connection, lost, clock, http -> {});
    }

    /** The same with a say in how requests are sent: tests disturb them. */
    static ClewOperator start(
            OperatorConfig config, Config connection, Runnable lost, Clock clock, Consumer<HttpClient.Builder> http)
            throws IOException {
        String identity = identity(config);
        Optional<LeaderElection> election = Optional.ofNullable(config.election())
                .map(settings -> new LeaderElection(settings, connection, identity, lost));
        KubernetesClient client = client(config, connection, builder -> {
            election.ifPresent(elected -> builder.addOrReplaceInterceptor("leader", elected.gate()));
            http.accept(builder);
        });
        try {
            refuseOldServer(client);
            refuseMissingCrds(client);
            election.ifPresent(LeaderElection::refuseWithoutAccess);
        } catch (RuntimeException e) {
            election.ifPresent(LeaderElection::close);
            client.close();
            throw e;
        }
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        PrometheusMeterRegistry registry = metrics(election);
        Operator operator = operator(repeatingReads(client), registry);
        var revisions = new Revisions(client);
        var statusWriter = new StatusWriter(client);
        var workflows = new WorkflowReconciler(statusWriter, revisions, new Events(client, threads), clock);
        var runs =
                new WorkflowRunReconciler(client, config, identity, revisions, statusWriter, threads, registry, clock);
        operator.register(workflows, overrider -> common(overrider, config));
        operator.register(runs, overrider -> common(overrider, config).withTriggerReconcilerOnAllEvents(true));
        var ready = new AtomicBoolean();
        var probes = ProbeServer.start(
                config.port(),
                () -> true,
                () -> ready.get() && operator.getRuntimeInfo().allEventSourcesAreHealthy(),
                registry::scrape);
        operator.start();
        ready.set(true);
        LOG.info("ready; health and metrics on port {}", probes.port());
        Thread sweeper = Thread.ofVirtual().name("sweeps").start(() -> sweepNowAndThen(runs));
        Runnable lead = () -> {
            workflows.lead();
            runs.lead();
        };
        election.ifPresentOrElse(elected -> elected.start(lead), lead);
        return new ClewOperator(client, operator, election, runs, probes, threads, sweeper, ready);
    }

    private static PrometheusMeterRegistry metrics(Optional<LeaderElection> election) {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        Gauge.builder(
                        "clew.leader",
                        () -> election.map(LeaderElection::isLeading).orElse(true) ? 1 : 0)
                .description("1 while this process acts, 0 while it stands by")
                .register(registry);
        return registry;
    }

    private static Operator operator(KubernetesClient client, MeterRegistry registry) {
        return new Operator(overrider -> overrider
                .withKubernetesClient(client)
                .withExecutorService(Executors.newVirtualThreadPerTaskExecutor())
                .withMetrics(MicrometerMetricsV2.newBuilder(registry).build())
                .withUseSSAToPatchPrimaryResource(false)
                // nothing here changes what comes from a cache, so that no copy is needed
                .withResourceCloner(new NoCloner())
                .withCloseClientOnStop(false)
                // a busy API server may refuse a watch at first: that is no reason to end the process
                .withStopOnInformerErrorDuringStartup(false)
                .withReconciliationTerminationTimeout(STOP_WITHIN));
    }

    /** Another one for each process: what a former one of the same pod sent must not pass for this one's. */
    private static String identity(OperatorConfig config) {
        String host = config.election() == null ? "alone" : config.election().podUid();
        return host + "_" + UUID.randomUUID();
    }

    /** A POST that the client repeats by itself could create a pod twice: no write is repeated but by the loop. */
    private static KubernetesClient client(
            OperatorConfig config, Config connection, Consumer<HttpClient.Builder> http) {
        Config own = new ConfigBuilder(connection)
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout((int) config.requestTimeout().toMillis())
                .withUserAgent("clew-operator")
                .build();
        return new KubernetesClientBuilder()
                .withConfig(own)
                .withHttpClientFactory(new SilenceLimit(MOST_SILENCE))
                .withHttpClientBuilderConsumer(
                        http.andThen(builder -> builder.addOrReplaceInterceptor("once", new WritesOnce())))
                .build();
    }

    /**
     * The same client for informers, repeating what is refused for some 19 s. An API server that has only just begun refuses watches with 429, and
     * JOSDK cannot bear that while it starts: it holds a lock until the first watch is there, the handlers of what was listed
     * wait for the lock, and the list that follows a refused watch waits for the handlers, for two minutes.
     */
    private static KubernetesClient repeatingReads(KubernetesClient client) {
        RequestConfig repeating = new RequestConfigBuilder(
                        client.getConfiguration().getRequestConfig())
                .withRequestRetryBackoffLimit(Config.DEFAULT_REQUEST_RETRY_BACKOFFLIMIT)
                .build();
        return client.newClient(repeating).adapt(KubernetesClient.class);
    }

    /** Refuses to send a write in a way that could repeat it. */
    private static final class WritesOnce implements Interceptor {
        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            if (!request.method().equals("GET")
                    && tags.getTag(RequestConfig.class).getRequestRetryBackoffLimit() != 0) {
                throw new IllegalStateException(request.method() + " " + request.uri() + " could be sent twice");
            }
        }
    }

    private static void refuseOldServer(KubernetesClient client) {
        VersionInfo version = client.getKubernetesVersion();
        int major = Integer.parseInt(version.getMajor().replaceAll("\\D", ""));
        int minor = Integer.parseInt(version.getMinor().replaceAll("\\D", ""));
        if (major == 1 && minor < LEAST_MINOR) {
            throw new IllegalStateException("this API server is " + version.getGitVersion()
                    + "; Clew needs Kubernetes 1." + LEAST_MINOR + " or newer");
        }
    }

    private static void refuseMissingCrds(KubernetesClient client) {
        if (client.getApiResources(Workflow.GROUP + "/" + Workflow.VERSION) == null) {
            throw new IllegalStateException("the API server does not know " + Workflow.GROUP + "/" + Workflow.VERSION
                    + ": install the CRDs first (kubectl apply -f crds/)");
        }
    }

    private static <R extends HasMetadata> ControllerConfigurationOverrider<R> common(
            ControllerConfigurationOverrider<R> overrider, OperatorConfig config) {
        var retry = new GenericRetry()
                .setMaxAttempts(-1)
                .setInitialInterval(200)
                .setIntervalMultiplier(2)
                .setMaxInterval(15_000);
        overrider.withRetry(retry).withInformerListLimit(500L);
        return config.namespaces().isEmpty()
                ? overrider.watchingAllNamespaces()
                : overrider.settingNamespaces(config.namespaces());
    }

    private static final class NoCloner implements Cloner {
        @Override
        public <R extends HasMetadata> R clone(R resource) {
            return resource;
        }
    }

    /** The port of the probes. */
    public int port() {
        return probes.port();
    }

    private static void sweepNowAndThen(WorkflowRunReconciler runs) {
        try {
            while (!runs.isStopping()) {
                Thread.sleep(SWEEP_EVERY);
                runs.sweep();
            }
        } catch (InterruptedException e) {
            // the operator stops
        }
    }

    /** Sweeps now, not only now and then: tests do not wait. */
    void sweep() {
        runs.sweep();
    }

    /** Stops: no new pass begins, those under way may end. */
    @Override
    public void close() {
        ready.set(false);
        sweeper.interrupt();
        runs.stop(STOP_WITHIN);
        operator.stop();
        // what is left are events, and whoever asks for metrics; another process need not wait for those
        election.ifPresent(LeaderElection::close);
        probes.close();
        threads.shutdownNow();
        client.close();
        LOG.info("stopped");
    }
}
