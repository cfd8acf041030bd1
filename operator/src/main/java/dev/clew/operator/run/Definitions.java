package dev.clew.operator.run;

import dev.clew.api.Workflow;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.WorkflowRef;
import dev.clew.api.run.WorkflowRunSpec;
import dev.clew.api.run.WorkflowSnapshot;
import dev.clew.api.workflow.WorkflowSpec;
import dev.clew.engine.run.DefinitionSeen;
import dev.clew.engine.run.RunView;
import dev.clew.engine.workflow.Definition;
import dev.clew.engine.workflow.Problem;
import dev.clew.engine.workflow.Validator;
import dev.clew.operator.workflow.Revisions;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** Finds what a run works on: its revision once it has begun, else its own definition or the Workflow it names. */
final class Definitions {
    private final Revisions revisions;
    private final BiFunction<String, String, Optional<Workflow>> workflows;

    /**
     * Definitions.
     *
     * @param workflows a Workflow by namespace and name, as cached
     */
    Definitions(Revisions revisions, BiFunction<String, String, Optional<Workflow>> workflows) {
        this.revisions = revisions;
        this.workflows = workflows;
    }

    DefinitionSeen of(RunView run) {
        WorkflowRunSpec spec = run.spec();
        WorkflowSnapshot snapshot = run.status().workflow();
        WorkflowSpec inline = spec.workflow();
        if (inline != null) {
            return inline(run, inline);
        }
        if (snapshot != null && snapshot.revision() != null) {
            return stored(run, snapshot, snapshot.revision());
        }
        WorkflowRef ref = spec.workflowRef();
        if (ref == null) {
            return new DefinitionSeen.Wrong("spec: must have exactly one of workflowRef, workflow");
        }
        return workflows
                .apply(run.namespace(), ref.name())
                .map(workflow -> referenced(run, workflow))
                .orElseGet(() -> new DefinitionSeen.NotYet(
                        Reasons.WORKFLOW_MISSING,
                        "waiting for the Workflow " + ref.name() + ": there is none of that name in the namespace "
                                + run.namespace()));
    }

    private DefinitionSeen inline(RunView run, WorkflowSpec spec) {
        if (run.status().steps().isEmpty()) {
            List<Problem> problems = Validator.validate(spec, "spec.workflow");
            if (!problems.isEmpty()) {
                return new DefinitionSeen.Wrong(Problem.join(problems));
            }
        }
        return usable(run, Definition.of(spec, run.spec().params()), new WorkflowSnapshot(null, null, null));
    }

    private DefinitionSeen stored(RunView run, WorkflowSnapshot snapshot, String revision) {
        return revisions
                .snapshot(run.namespace(), revision)
                .<DefinitionSeen>map(stored -> new DefinitionSeen.Usable(
                        Definition.of(stored.spec(), stored.graph(), run.spec().params()), snapshot))
                .orElseGet(() -> new DefinitionSeen.NotYet(
                        Reasons.REVISION_MISSING,
                        "the ControllerRevision " + revision + " that this run works on is gone: restore it"));
    }

    private DefinitionSeen referenced(RunView run, Workflow workflow) {
        if (workflow.unreadable().isPresent()) {
            return new DefinitionSeen.NotYet(
                    Reasons.WORKFLOW_INVALID,
                    "waiting for the Workflow " + workflow.getMetadata().getName() + " to be mended: "
                            + workflow.unreadable().get());
        }
        List<Problem> problems = Validator.validate(workflow.getSpec(), "spec");
        String name = workflow.getMetadata().getName();
        if (!problems.isEmpty()) {
            return new DefinitionSeen.NotYet(
                    Reasons.WORKFLOW_INVALID,
                    "waiting for the Workflow " + name + " to be mended: " + Problem.join(problems));
        }
        var snapshot = new WorkflowSnapshot(
                name,
                revisions.name(name, workflow.getSpec()),
                workflow.getMetadata().getGeneration());
        return usable(run, Definition.of(workflow.getSpec(), run.spec().params()), snapshot);
    }

    private static DefinitionSeen usable(RunView run, Definition definition, WorkflowSnapshot snapshot) {
        List<Problem> problems =
                Validator.validateArguments(definition.spec(), run.spec().params());
        return problems.isEmpty()
                ? new DefinitionSeen.Usable(definition, snapshot)
                : new DefinitionSeen.Wrong(Problem.join(problems), definition);
    }
}
