package dev.clew.api.pod;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Names;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A reference to an object in the namespace of the run. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ObjectName(
        @JsonPropertyDescription("Name of the object.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern(Names.DNS_SUBDOMAIN)
        String name) {}
