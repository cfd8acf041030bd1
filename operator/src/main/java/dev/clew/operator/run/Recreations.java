package dev.clew.operator.run;

import dev.clew.api.WorkflowRun;
import io.javaoperatorsdk.operator.api.reconciler.ResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceAction;
import io.javaoperatorsdk.operator.processing.event.source.controller.ResourceEvent;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Looks again at the name of a run that is gone. JOSDK 5.3.2 forgets all it knows under a name when it has processed a
 * deletion, the arrival of a new run of the same name in that moment included; nothing would ever look at that one.
 */
final class Recreations extends AbstractEventSource<WorkflowRun, WorkflowRun> {
    private final ResourceCache<WorkflowRun> runs;
    private final Executor inASecond;

    Recreations(ResourceCache<WorkflowRun> runs, Executor threads) {
        super(WorkflowRun.class, "recreations");
        this.runs = runs;
        this.inASecond = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS, threads);
    }

    /** A deletion is being processed; what is there under that name when it has been, is looked at. */
    void gone(ResourceID id) {
        inASecond.execute(() -> runs.get(id)
                .ifPresent(run -> getEventHandler().handleEvent(new ResourceEvent(ResourceAction.ADDED, id, run))));
    }

    @Override
    public Set<WorkflowRun> getSecondaryResources(WorkflowRun primary) {
        return Set.of();
    }
}
