package dev.clew.faults.plan;

import dev.clew.faults.history.EffectLedger;
import dev.clew.faults.plan.Flow.Ask;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * A run of a few steps with retries, of which one may fail for good, and which its user may end.
 *
 * @param steps of each, how often it fails before it succeeds, and how often it may be tried again
 */
public record RandomFlow(List<Step> steps, Ask ask, String askAt) implements Performable {
    /** A step. */
    public record Step(String name, int failures, int retries, String seconds) {
        boolean succeeds() {
            return failures <= retries;
        }
    }

    /** Draws one. */
    public static RandomFlow draw(Random random) {
        List<Step> steps = new ArrayList<>();
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            steps.add(new Step(
                    "s" + i,
                    random.nextInt(3) == 0 ? 1 + random.nextInt(2) : 0,
                    1 + random.nextInt(2),
                    random.nextInt(3) == 0 ? "0." + random.nextInt(9) : "0"));
        }
        Ask ask = List.of(Ask.NOTHING, Ask.NOTHING, Ask.CANCEL, Ask.DELETE).get(random.nextInt(4));
        return new RandomFlow(steps, ask, "s0");
    }

    /** How it may end: what its user asks may come too late. */
    public Set<String> ends() {
        String undisturbed = steps.stream().allMatch(Step::succeeds) ? "Succeeded" : "Failed";
        return ask == Ask.NOTHING ? Set.of(undisturbed) : Set.of(undisturbed, "Cancelled");
    }

    @Override
    public Optional<String> workflow() {
        return Optional.empty();
    }

    @Override
    public String workflowYaml(EffectLedger ledger) {
        throw new IllegalStateException("it has none");
    }

    @Override
    public String runYaml(EffectLedger ledger) {
        var yaml = new StringBuilder("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: trip, labels: {team: shop}, annotations: {note: mine}}
                spec:
                  workflow:
                    pod: {terminationGracePeriodSeconds: 5}
                    steps:
                """);
        for (Step step : steps) {
            yaml.append("    - name: ").append(step.name()).append('\n');
            yaml.append("      retry: {limit: ").append(step.retries()).append(", backoffSeconds: 0}\n");
            yaml.append("      container: ")
                    .append(ledger.container(step.seconds(), "CLEW_ATTEMPT<=" + step.failures(), ""))
                    .append('\n');
            yaml.append("      compensation: {container: ")
                    .append(ledger.container("0", "0", ""))
                    .append("}\n");
        }
        return yaml.toString();
    }

    @Override
    public String run() {
        return "trip";
    }

    @Override
    public Set<String> desired() {
        return ask == Ask.CANCEL ? Set.of("Cancelled") : Set.of();
    }
}
