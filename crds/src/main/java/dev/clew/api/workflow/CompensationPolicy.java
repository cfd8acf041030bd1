package dev.clew.api.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** How a run that has turned back undoes what it owes. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CompensationPolicy(
        @JsonPropertyDescription("Sequential (default): one after the other. "
                + "Graph: a compensation waits only for those of the steps that depend on its step.")
        @Nullable
        Order order,

        @JsonPropertyDescription("When a compensation has used up its retries. Stop (default): the others wait. "
                + "Continue: the others are run all the same. Either way the run then waits for a person.")
        @Nullable
        CompensationFailure onFailure) {
    /** A policy that says nothing. */
    public static final CompensationPolicy UNSET = new CompensationPolicy(null, null);
}
