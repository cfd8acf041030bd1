package dev.clew.operator.workflow;

import dev.clew.api.Workflow;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.WorkflowSnapshot;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes revisions that nothing uses: no run names them, and no Workflow has this content. One that seems unused is marked
 * first and deleted an hour later, if it is still unused by then; a run that is about to name it takes the mark off.
 */
public final class RevisionSweep {
    private static final Logger LOG = LoggerFactory.getLogger(RevisionSweep.class);

    /** So long a revision stays marked before it is deleted: longer than any pass of a run. */
    static final Duration MARKED_FOR = Duration.ofHours(1);

    private static final long PAGE = 500;
    private static final String ANY = "/*";

    private final KubernetesClient client;
    private final Revisions revisions;
    private final Set<String> namespaces;
    private final Supplier<Stream<WorkflowRun>> cachedRuns;
    private final Supplier<Stream<Workflow>> cachedWorkflows;
    private final Clock clock;

    /**
     * A sweep.
     *
     * @param namespaces to sweep; empty means all
     */
    public RevisionSweep(
            KubernetesClient client,
            Revisions revisions,
            Set<String> namespaces,
            Supplier<Stream<WorkflowRun>> cachedRuns,
            Supplier<Stream<Workflow>> cachedWorkflows,
            Clock clock) {
        this.client = client;
        this.revisions = revisions;
        this.namespaces = namespaces;
        this.cachedRuns = cachedRuns;
        this.cachedWorkflows = cachedWorkflows;
        this.clock = clock;
    }

    /** Sweeps once. */
    public void sweep() {
        Set<String> used = used(cachedRuns.get(), cachedWorkflows.get());
        List<ControllerRevision> all = namespaces.isEmpty()
                ? revisions.list(null)
                : namespaces.stream()
                        .map(revisions::list)
                        .flatMap(Collection::stream)
                        .toList();
        for (ControllerRevision revision : all) {
            try {
                sweep(revision, isUsed(used, revision));
            } catch (RuntimeException e) {
                LOG.warn("will look again at the revision {}: {}", key(revision), e.getMessage());
            }
        }
    }

    private void sweep(ControllerRevision revision, boolean isUsed) {
        Optional<Instant> marked = Revisions.markedSince(revision);
        if (isUsed) {
            marked.ifPresent(since -> revisions.unmark(revision));
        } else if (marked.isEmpty()) {
            revisions.mark(revision, clock.instant());
        } else if (!clock.instant().isBefore(marked.get().plus(MARKED_FOR))) {
            delete(revision);
        }
    }

    /** What the caches say does not suffice here. */
    private void delete(ControllerRevision revision) {
        String namespace = revision.getMetadata().getNamespace();
        if (isUsed(live(namespace), revision)) {
            revisions.unmark(revision);
        } else if (revisions.delete(revision)) {
            LOG.info("deleted the unused revision {}", key(revision));
        }
    }

    private Set<String> live(String namespace) {
        var workflows =
                client.resources(Workflow.class).inNamespace(namespace).list().getItems();
        Set<String> used = new HashSet<>(used(Stream.empty(), workflows.stream()));
        var options = new ListOptionsBuilder().withLimit(PAGE).build();
        do {
            var page =
                    client.resources(WorkflowRun.class).inNamespace(namespace).list(options);
            used.addAll(used(page.getItems().stream(), Stream.empty()));
            options.setContinue(page.getMetadata().getContinue());
        } while (options.getContinue() != null && !options.getContinue().isEmpty());
        return used;
    }

    private static boolean isLeftAlone(WorkflowRun run) {
        return run.getStatus() != null
                && run.getStatus().conditions().stream()
                        .anyMatch(condition -> Reasons.UNREADABLE.equals(condition.reason()));
    }

    /** A run that cannot be read may name any revision of its namespace: nothing is deleted there. */
    private Set<String> used(Stream<WorkflowRun> runs, Stream<Workflow> workflows) {
        Set<String> used = new HashSet<>();
        runs.forEach(run -> {
            String namespace = run.getMetadata().getNamespace();
            if (run.unreadable().isPresent() || isLeftAlone(run)) {
                used.add(namespace + ANY);
            }
            Optional.ofNullable(run.getStatus())
                    .map(status -> status.workflow())
                    .map(WorkflowSnapshot::revision)
                    .ifPresent(name -> used.add(namespace + "/" + name));
        });
        workflows
                .filter(workflow -> workflow.getSpec() != null)
                .forEach(workflow -> used.add(workflow.getMetadata().getNamespace() + "/"
                        + revisions.name(workflow.getMetadata().getName(), workflow.getSpec())));
        return used;
    }

    private static boolean isUsed(Set<String> used, ControllerRevision revision) {
        return used.contains(key(revision))
                || used.contains(revision.getMetadata().getNamespace() + ANY);
    }

    private static String key(ControllerRevision revision) {
        return revision.getMetadata().getNamespace() + "/"
                + revision.getMetadata().getName();
    }
}
