package dev.clew.api.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Names;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** The workflow to run, in the namespace of the run. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record WorkflowRef(
        @JsonPropertyDescription("Name of the Workflow.")
        @Required
        @Size(min = 1, max = 63)
        @Pattern(Names.DNS_SUBDOMAIN)
        String name) {}
