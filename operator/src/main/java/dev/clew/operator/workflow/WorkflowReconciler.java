package dev.clew.operator.workflow;

import dev.clew.api.Condition;
import dev.clew.api.ConditionStatus;
import dev.clew.api.Workflow;
import dev.clew.api.run.Reasons;
import dev.clew.api.workflow.WorkflowSpec;
import dev.clew.api.workflow.WorkflowStatus;
import dev.clew.engine.workflow.Problem;
import dev.clew.engine.workflow.Validator;
import dev.clew.engine.workflow.Warnings;
import dev.clew.operator.event.Events;
import dev.clew.operator.event.Failures;
import dev.clew.operator.leader.Takeover;
import dev.clew.operator.status.StatusWriter;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whether a Workflow can be run, with every error it has, and keeps the revision of a valid one. Until it
 * {@linkplain #lead() leads} it only watches.
 */
@ControllerConfiguration(name = "workflow")
public final class WorkflowReconciler implements Reconciler<Workflow> {
    private static final Logger LOG = LoggerFactory.getLogger(WorkflowReconciler.class);

    private final StatusWriter statusWriter;
    private final Revisions revisions;
    private final Events events;
    private final Clock clock;
    private final AtomicReference<Takeover<Workflow>> takeover = new AtomicReference<>();
    private volatile boolean leading;

    /** A reconciler that writes with the given collaborators. */
    public WorkflowReconciler(StatusWriter statusWriter, Revisions revisions, Events events, Clock clock) {
        this.statusWriter = statusWriter;
        this.revisions = revisions;
        this.events = events;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, Workflow>> prepareEventSources(EventSourceContext<Workflow> context) {
        var source = new Takeover<>(Workflow.class, context.getPrimaryCache());
        takeover.set(source);
        return List.of(source);
    }

    /** This process leads from now on: it acts on all that it has watched until now. */
    public void lead() {
        leading = true;
        Objects.requireNonNull(takeover.get(), "event sources are prepared before anybody leads")
                .begin();
    }

    @Override
    public UpdateControl<Workflow> reconcile(Workflow workflow, Context<Workflow> context) {
        if (workflow.unreadable().isPresent()) {
            LOG.error(
                    "cannot read this workflow, and leave it alone: {}",
                    workflow.unreadable().get());
            return UpdateControl.noUpdate();
        }
        if (!leading || workflow.isMarkedForDeletion()) {
            return UpdateControl.noUpdate();
        }
        WorkflowStatus before =
                Objects.requireNonNullElse(workflow.getStatus(), new WorkflowStatus(null, null, null, List.of()));
        List<Problem> problems = Validator.validate(workflow.getSpec(), "spec");
        WorkflowStatus after = status(workflow, before, problems);
        if (after.revision() != null) {
            revisions.ensure(
                    workflow.getMetadata().getNamespace(),
                    workflow.getMetadata().getName(),
                    workflow.getSpec());
        }
        if (!after.equals(before)) {
            statusWriter.write(workflow, before, after);
            tell(workflow, before, after);
        }
        return UpdateControl.noUpdate();
    }

    /** An event when there are errors or warnings that were not there before. */
    private void tell(Workflow workflow, WorkflowStatus before, WorkflowStatus after) {
        Condition ready = after.conditions().getFirst();
        boolean news = before.conditions().stream()
                .noneMatch(old -> old.type().equals("Ready") && old.message().equals(ready.message()));
        if (ready.message().isEmpty()) {
            LOG.info("workflow is ready, revision {}", after.revision());
        } else if (news) {
            LOG.warn("{}: {}", ready.reason(), ready.message());
            var meta = workflow.getMetadata();
            events.tell(
                    Events.reference("Workflow", meta.getNamespace(), meta.getName(), meta.getUid()),
                    true,
                    ready.reason(),
                    ready.message(),
                    clock.instant());
        }
    }

    private WorkflowStatus status(Workflow workflow, WorkflowStatus before, List<Problem> problems) {
        WorkflowSpec spec = workflow.getSpec();
        boolean valid = problems.isEmpty();
        List<Problem> warnings = valid ? Warnings.of(spec, "spec") : List.of();
        String message = Problem.join(valid ? warnings : problems);
        String reason = valid ? warnings.isEmpty() ? "Valid" : Reasons.VALID_WITH_WARNINGS : Reasons.INVALID;
        Long generation = workflow.getMetadata().getGeneration();
        return new WorkflowStatus(
                generation,
                spec.steps().size(),
                valid ? revisions.name(workflow.getMetadata().getName(), spec) : null,
                List.of(
                        condition(before, "Ready", valid, generation, reason, message),
                        condition(before, "Stalled", !valid, generation, reason, valid ? "" : message)));
    }

    private Condition condition(
            WorkflowStatus before, String type, boolean holds, Long generation, String reason, String message) {
        ConditionStatus status = holds ? ConditionStatus.True : ConditionStatus.False;
        Optional<Condition> old = before.conditions().stream()
                .filter(condition -> condition.type().equals(type) && condition.status() == status)
                .findFirst();
        Instant since =
                old.map(Condition::lastTransitionTime).orElse(clock.instant().truncatedTo(ChronoUnit.SECONDS));
        return new Condition(type, status, generation, Objects.requireNonNull(since), reason, message);
    }

    @Override
    public ErrorStatusUpdateControl<Workflow> updateErrorStatus(
            Workflow resource, Context<Workflow> context, Exception error) {
        Failures.log(LOG, resource, error);
        return ErrorStatusUpdateControl.defaultErrorProcessing();
    }
}
