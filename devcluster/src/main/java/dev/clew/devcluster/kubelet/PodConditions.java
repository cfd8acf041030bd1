package dev.clew.devcluster.kubelet;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The conditions that a kubelet writes, with the times of their last transitions. Of one thread. */
final class PodConditions {
    private static final String TRUE = "True";
    private static final String FALSE = "False";

    private final Map<String, Transition> transitions = new LinkedHashMap<>();
    private boolean frozen;
    private @Nullable Verdict frozenReady;

    private record Transition(String status, Instant at) {}

    /** A condition without its times. */
    private record Verdict(
            String status,
            @Nullable String reason,
            @Nullable String message) {}

    /**
     * What the conditions follow from.
     *
     * @param phase that follows from the containers, whatever phase is published
     * @param incomplete the init containers that have not succeeded
     * @param unready the main containers that do not run
     */
    record Facts(
            boolean sandboxReady, boolean initialized, String phase, List<String> incomplete, List<String> unready) {}

    PodConditions(Pod pod) {
        for (PodCondition condition : pod.getStatus().getConditions()) {
            if (condition.getLastTransitionTime() != null) {
                transitions.put(
                        condition.getType(),
                        new Transition(condition.getStatus(), Instant.parse(condition.getLastTransitionTime())));
            }
        }
    }

    /** From now on {@code Ready} stays as it is: what a kubelet writes off at the end does not count for it. */
    void freeze() {
        frozen = true;
    }

    List<Map<String, @Nullable Object>> render(Facts facts, Instant now, @Nullable Long generation) {
        Verdict ready = frozen && frozenReady != null ? frozenReady : ready(facts);
        frozenReady = ready;
        List<Map<String, @Nullable Object>> rendered = new ArrayList<>();
        rendered.add(condition(
                "PodReadyToStartContainers",
                new Verdict(facts.sandboxReady() ? TRUE : FALSE, null, null),
                now,
                generation));
        rendered.add(condition("Initialized", initialized(facts), now, generation));
        rendered.add(condition("Ready", ready, now, generation));
        rendered.add(condition("ContainersReady", ready, now, generation));
        rendered.add(condition("PodScheduled", new Verdict(TRUE, null, null), now, generation));
        return rendered;
    }

    private static Verdict initialized(Facts facts) {
        if (!facts.initialized()) {
            return new Verdict(
                    FALSE,
                    "ContainersNotInitialized",
                    "containers with incomplete status: " + list(facts.incomplete()));
        }
        return new Verdict(TRUE, facts.phase().equals(StatusReport.SUCCEEDED) ? "PodCompleted" : null, null);
    }

    private static Verdict ready(Facts facts) {
        return switch (facts.phase()) {
            case StatusReport.SUCCEEDED -> new Verdict(FALSE, "PodCompleted", null);
            case StatusReport.FAILED -> new Verdict(FALSE, "PodFailed", null);
            default ->
                facts.unready().isEmpty()
                        ? new Verdict(TRUE, null, null)
                        : new Verdict(
                                FALSE,
                                "ContainersNotReady",
                                "containers with unready status: " + list(facts.unready()));
        };
    }

    private static String list(List<String> names) {
        return "[" + String.join(" ", names) + "]";
    }

    /** Absent reasons are written as null: the status is merged by condition type, and an old reason would stay. */
    private Map<String, @Nullable Object> condition(
            String type, Verdict verdict, Instant now, @Nullable Long generation) {
        Transition last = transitions.get(type);
        if (last == null || !last.status().equals(verdict.status())) {
            last = new Transition(verdict.status(), now.truncatedTo(ChronoUnit.SECONDS));
            transitions.put(type, last);
        }
        Map<String, @Nullable Object> condition = new LinkedHashMap<>();
        condition.put("type", type);
        condition.put("status", verdict.status());
        condition.put("observedGeneration", generation);
        condition.put("lastTransitionTime", last.at().toString());
        condition.put("reason", verdict.reason());
        condition.put("message", verdict.message());
        return condition;
    }
}
