package dev.clew.api;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import dev.clew.api.run.WorkflowRunSpec;
import dev.clew.api.run.WorkflowRunStatus;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalSelectableField;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a {@link Workflow} or of an inline definition. Its status records every attempt of every step; when
 * the run turns back, also every compensation. Its name has at most 63 characters.
 */
@JsonDeserialize(using = WorkflowRun.Deserializer.class)
@Group(Workflow.GROUP)
@Version(Workflow.VERSION)
@Plural("workflowruns")
@ShortNames("wfr")
@Categories("clew")
@ValidationRule(value = "size(self.metadata.name) <= 63", message = "metadata.name must have at most 63 characters")
@AdditionalPrinterColumn(
        name = "WORKFLOW",
        jsonPath = ".spec.workflowRef.name",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "STATUS", jsonPath = ".status.phase", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "STEPS", jsonPath = ".status.progress", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "UNDONE", jsonPath = ".status.undone", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "STEP", jsonPath = ".status.current", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "AGE",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "MESSAGE",
        jsonPath = ".status.message",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalSelectableField(jsonPath = ".status.phase")
@AdditionalSelectableField(jsonPath = ".spec.workflowRef.name")
public final class WorkflowRun extends CustomResource<WorkflowRunSpec, WorkflowRunStatus>
        implements Namespaced, TolerantDeserializer.Tolerated<WorkflowRunSpec, WorkflowRunStatus> {
    private transient @Nullable String unreadable;

    /** Why spec and status could not be read, if they could not; there are none then. */
    public Optional<String> unreadable() {
        return Optional.ofNullable(unreadable);
    }

    @Override
    public void setUnreadable(String why) {
        unreadable = why;
    }

    static final class Deserializer extends TolerantDeserializer<WorkflowRun, WorkflowRunSpec, WorkflowRunStatus> {
        Deserializer() {
            super(WorkflowRunSpec.class, WorkflowRunStatus.class);
        }

        @Override
        WorkflowRun create() {
            return new WorkflowRun();
        }
    }
}
