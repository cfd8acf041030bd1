package dev.clew.engine.protocol;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.Doubt;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.pod.PodFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What of a state can make a difference. Times are ages, and an age counts only while something waits for it: when an attempt
 * began or ended that is over, when the run began, or when a condition changed is only shown to people. (The sagas that are
 * explored have no backoff, no time limit and no time to live, which would wait for such times.)
 */
final class Essence {
    /** Start limits and the interval of what only informs are shorter. */
    private static final Duration BEGINNING = Duration.ofSeconds(13);

    /** The grace period and what is added to it are shorter. */
    private static final Duration ENDING = Duration.ofSeconds(62);

    /** A node that is gone is waited for so long. */
    private static final Duration GONE = Duration.ofMinutes(6);

    private static final Pattern TIMES = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");

    private final Instant now;

    Essence(Instant now) {
        this.now = now;
    }

    /** An age, up to a limit; in the future, how far. */
    private @Nullable Object age(@Nullable Instant time, Duration most) {
        if (time == null) {
            return null;
        }
        Duration age = Duration.between(time, now);
        return age.compareTo(most) > 0 ? most : age;
    }

    Object of(WorkflowRunStatus status) {
        return Arrays.asList(
                status.observedGeneration(),
                status.phase(),
                timeless(status.message()),
                status.intent() == null ? null : status.intent().state(),
                status.steps().stream().map(this::of).toList(),
                status.compensation() == null
                        ? null
                        : Arrays.asList(
                                status.compensation().phase(),
                                status.compensation().reason(),
                                status.compensation().plan()),
                status.interventions().size(),
                status.conditions().stream()
                        .map(condition -> Arrays.asList(
                                condition.type(),
                                condition.status(),
                                condition.reason(),
                                timeless(condition.message())))
                        .toList());
    }

    private static @Nullable String timeless(@Nullable String text) {
        return text == null ? null : TIMES.matcher(text).replaceAll("then");
    }

    private Object of(StepStatus step) {
        return Arrays.asList(
                step.phase(),
                step.attempts().stream().map(this::of).toList(),
                step.attemptsOmitted(),
                step.failures(),
                step.mayHaveEffect(),
                step.compensation() == null
                        ? null
                        : Arrays.asList(
                                step.compensation().phase(),
                                step.compensation().attempts().stream()
                                        .map(this::of)
                                        .toList(),
                                step.compensation().failures()));
    }

    Object of(Attempt attempt) {
        Doubt doubt = attempt.doubt();
        return Arrays.asList(
                attempt.number(),
                attempt.state(),
                attempt.over() ? null : age(attempt.startTime(), BEGINNING),
                attempt.reason(),
                timeless(attempt.message()),
                attempt.waiting(),
                attempt.stopping(),
                attempt.policy(),
                doubt == null ? null : Arrays.asList(age(doubt.since(), ENDING), age(doubt.nodeGoneSince(), GONE)),
                attempt.pod());
    }

    Object of(Map<String, PodFacts> pods) {
        return pods.values().stream().collect(Collectors.toMap(PodFacts::name, this::of));
    }

    Object of(PodFacts pod) {
        return Arrays.asList(
                pod.name(),
                pod.uid(),
                pod.tracked(),
                pod.running() || pod.terminated() != null ? null : age(pod.creationTime(), BEGINNING),
                pod.deletionGraceSeconds(),
                ending(pod.deletionTime(), pod.deletionGraceSeconds(), pod.terminated()),
                pod.node(),
                pod.phase(),
                pod.reason(),
                pod.waitingReason(),
                pod.running(),
                pod.unready(),
                pod.reservation(),
                pod.conditions());
    }

    /** When it ended matters beside when its deletion was asked for, and that might be now. */
    Object ending(@Nullable Instant deletion, @Nullable Long grace, PodFacts.@Nullable Terminated end) {
        if (end == null) {
            return Arrays.asList("open", age(deletion, ENDING));
        }
        Instant finished = Objects.requireNonNullElse(end.finishedAt(), Instant.MAX);
        Instant asked = deletion == null || grace == null ? now : deletion.minusSeconds(grace);
        return Arrays.asList(
                end.exitCode(), end.reason(), end.hasContainerId(), deletion == null, finished.isBefore(asked));
    }

    /** Ages that a kubelet or a node waits for. */
    @Nullable
    Object beginning(@Nullable Instant time) {
        return age(time, BEGINNING);
    }

    @Nullable
    Object ending(@Nullable Instant time) {
        return age(time, ENDING);
    }

    @Nullable
    Object gone(@Nullable Instant time) {
        return age(time, GONE);
    }
}
