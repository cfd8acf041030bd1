package dev.clew.api.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A field of the pod. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record FieldRef(
        @JsonPropertyDescription("Path of the field, as metadata.name or status.podIP.")
        @Required
        @Size(min = 1, max = 253)
        String fieldPath) {}
