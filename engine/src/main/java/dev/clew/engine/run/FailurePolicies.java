package dev.clew.engine.run;

import dev.clew.api.run.AttemptState;
import dev.clew.api.workflow.ExitCodes;
import dev.clew.api.workflow.FailureAction;
import dev.clew.api.workflow.FailurePolicy;
import dev.clew.api.workflow.FailureRule;
import dev.clew.api.workflow.PodConditionPattern;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.pod.Verdict;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a step's failure policy makes of a failed attempt: the first rule that matches decides, as for a Job. */
final class FailurePolicies {
    private FailurePolicies() {}

    /** The action of the first rule that matches; null if the attempt counts, or did not fail. */
    static @Nullable FailureAction action(
            @Nullable FailurePolicy policy, Verdict.Over outcome, List<PodFacts.PodCondition> conditions) {
        boolean failed = outcome.state() == AttemptState.Failed || outcome.state() == AttemptState.Lost;
        Optional<FailureAction> action = policy == null || !failed
                ? Optional.empty()
                : policy.rules().stream()
                        .filter(rule -> matches(rule, outcome.exitCode(), conditions))
                        .map(FailureRule::action)
                        .findFirst();
        return action.filter(found -> found != FailureAction.Count).orElse(null);
    }

    private static boolean matches(
            FailureRule rule, @Nullable Integer exitCode, List<PodFacts.PodCondition> conditions) {
        ExitCodes codes = rule.onExitCodes();
        if (codes != null) {
            return exitCode != null && exitCode != 0 && matches(codes, exitCode);
        }
        return rule.onPodConditions().stream()
                .anyMatch(pattern -> conditions.stream().anyMatch(condition -> matches(pattern, condition)));
    }

    private static boolean matches(ExitCodes codes, int exitCode) {
        return switch (codes.operator()) {
            case In -> codes.values().contains(exitCode);
            case NotIn -> !codes.values().contains(exitCode);
        };
    }

    private static boolean matches(PodConditionPattern pattern, PodFacts.PodCondition condition) {
        String status = pattern.status() == null ? "True" : pattern.status().name();
        return pattern.type().equals(condition.type()) && status.equals(condition.status());
    }
}
