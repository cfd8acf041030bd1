package dev.clew.api.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** How often and after what wait a failed attempt is repeated. Defaults are applied by the operator. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Retry(
        @JsonPropertyDescription("Retries after the first attempt, 0 to 20. Default 0; in a compensation 10.")
        @Min(0)
        @Max(20)
        @Nullable
        Integer limit,

        @JsonPropertyDescription("Seconds to wait before the first retry, 0 to 86400. Default 10.")
        @Min(0)
        @Max(86400)
        @Nullable
        Integer backoffSeconds,

        @JsonPropertyDescription("Exponential (default) doubles the wait after each failure; Constant keeps it.")
        @Nullable
        BackoffPolicy backoffPolicy,

        @JsonPropertyDescription("Longest wait between two attempts in seconds, 0 to 86400. Default 300.")
        @Min(0)
        @Max(86400)
        @Nullable
        Integer maxBackoffSeconds) {
    /** Retries of a step that says nothing about them. */
    public static final int STEP_LIMIT = 0;

    /** Retries of a compensation that says nothing about them: undoing is worth trying hard. */
    public static final int COMPENSATION_LIMIT = 10;

    /** A retry block that says nothing. */
    public static final Retry UNSET = new Retry(null, null, null, null);

    /** The number of retries, or {@code otherwise} if none is given. */
    public int limitOr(int otherwise) {
        return limit == null ? otherwise : limit;
    }

    /** Seconds to wait after the {@code failures}th failure (from 1) before the next attempt. */
    public long waitSeconds(int failures) {
        long first = backoffSeconds == null ? 10 : backoffSeconds;
        long most = maxBackoffSeconds == null ? 300 : maxBackoffSeconds;
        int doublings = backoffPolicy == BackoffPolicy.Constant ? 0 : Math.min(failures - 1, 30);
        return Math.min(first << doublings, most);
    }
}
