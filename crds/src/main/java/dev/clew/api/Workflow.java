package dev.clew.api;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import dev.clew.api.workflow.WorkflowSpec;
import dev.clew.api.workflow.WorkflowStatus;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A definition: parameters, steps and their compensations. It runs nothing by itself; a {@link WorkflowRun} executes
 * it. Editing or deleting a Workflow changes no run that has started. Its name has at most 63 characters.
 */
@JsonDeserialize(using = Workflow.Deserializer.class)
@Group(Workflow.GROUP)
@Version(Workflow.VERSION)
@Plural("workflows")
@Categories("clew")
@ValidationRule(value = "size(self.metadata.name) <= 63", message = "metadata.name must have at most 63 characters")
@AdditionalPrinterColumn(
        name = "READY",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "STEPS", jsonPath = ".status.steps", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "REVISION", jsonPath = ".status.revision", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "AGE",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public final class Workflow extends CustomResource<WorkflowSpec, WorkflowStatus>
        implements Namespaced, TolerantDeserializer.Tolerated<WorkflowSpec, WorkflowStatus> {
    /** The API group of both kinds. */
    public static final String GROUP = "clew.dev";

    /** The API version of both kinds. */
    public static final String VERSION = "v1alpha1";

    private transient @Nullable String unreadable;

    /** Why spec and status could not be read, if they could not; there are none then. */
    public Optional<String> unreadable() {
        return Optional.ofNullable(unreadable);
    }

    @Override
    public void setUnreadable(String why) {
        unreadable = why;
    }

    static final class Deserializer extends TolerantDeserializer<Workflow, WorkflowSpec, WorkflowStatus> {
        Deserializer() {
            super(WorkflowSpec.class, WorkflowStatus.class);
        }

        @Override
        Workflow create() {
            return new Workflow();
        }
    }
}
