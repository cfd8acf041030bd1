package dev.clew.operator.scenario;

import dev.clew.api.WorkflowRun;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Watches a run, to tell what it was when it was deleted, and when that was. */
final class History implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(150);

    private final CompletableFuture<Deleted> deleted = new CompletableFuture<>();
    private final Watch watch;

    private record Deleted(WorkflowRun run, Instant at) {}

    private History(String run, Scenario scenario) {
        // from any version that the server has: its cache may not have the latest one yet, and would refuse to begin
        // there
        var fromAny = new ListOptionsBuilder().withResourceVersion("0").build();
        watch = scenario.resource(run).watch(fromAny, new Watcher<>() {
            @Override
            public void eventReceived(Action action, WorkflowRun version) {
                if (action == Action.DELETED) {
                    deleted.complete(new Deleted(version, Instant.now()));
                }
            }

            @Override
            public void onClose(@Nullable WatcherException cause) {
                if (cause != null) {
                    deleted.completeExceptionally(cause);
                }
            }
        });
    }

    static History of(String run, Scenario scenario) {
        return new History(run, scenario);
    }

    /** The last version of the run. */
    WorkflowRun awaitDeleted() throws Exception {
        return deleted.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).run();
    }

    /** When the run was gone. */
    Instant deletedAt() throws Exception {
        return deleted.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).at();
    }

    @Override
    public void close() {
        watch.close();
    }
}
