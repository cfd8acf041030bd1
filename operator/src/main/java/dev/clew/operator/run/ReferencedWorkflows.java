package dev.clew.operator.run;

import dev.clew.api.Workflow;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.WorkflowRef;
import dev.clew.api.run.WorkflowRunSpec;
import dev.clew.api.run.WorkflowRunStatus;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Workflows as runs refer to them: a run starts by itself once the one it waits for is there and valid. */
final class ReferencedWorkflows {
    private static final String WAITING = "waiting-for-workflow";

    private final IndexerResourceCache<WorkflowRun> runs;
    private final InformerEventSource<Workflow, WorkflowRun> cache;

    ReferencedWorkflows(EventSourceContext<WorkflowRun> context) {
        this.runs = context.getPrimaryCache();
        runs.addIndexer(WAITING, run -> waitsFor(run).map(List::of).orElse(List.of()));
        this.cache = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Workflow.class, WorkflowRun.class)
                        .withName("workflows")
                        .withInformerListLimit(500L)
                        .withSecondaryToPrimaryMapper(this::waiting)
                        .withPrimaryToSecondaryMapper(ReferencedWorkflows::referenced)
                        .build(),
                context);
    }

    InformerEventSource<Workflow, WorkflowRun> eventSource() {
        return cache;
    }

    Optional<Workflow> get(String namespace, String name) {
        return cache.get(new ResourceID(name, namespace));
    }

    private Set<ResourceID> waiting(Workflow workflow) {
        String key = key(
                workflow.getMetadata().getNamespace(), workflow.getMetadata().getName());
        return runs.byIndex(WAITING, key).stream().map(ResourceID::fromResource).collect(Collectors.toSet());
    }

    private static Set<ResourceID> referenced(WorkflowRun run) {
        return reference(run)
                .map(name -> Set.of(new ResourceID(name, run.getMetadata().getNamespace())))
                .orElse(Set.of());
    }

    private static Optional<String> reference(WorkflowRun run) {
        return Optional.ofNullable(run.getSpec())
                .map(WorkflowRunSpec::workflowRef)
                .map(WorkflowRef::name);
    }

    /** A run that has neither begun nor ended. */
    private static Optional<String> waitsFor(WorkflowRun run) {
        Optional<WorkflowRunStatus> status = Optional.ofNullable(run.getStatus());
        boolean begun = status.map(WorkflowRunStatus::workflow).isPresent();
        boolean ended =
                status.map(WorkflowRunStatus::phase).filter(RunPhase::isEnd).isPresent();
        return begun || ended
                ? Optional.empty()
                : reference(run).map(name -> key(run.getMetadata().getNamespace(), name));
    }

    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }
}
