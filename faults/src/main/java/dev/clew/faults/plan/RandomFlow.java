package dev.clew.faults.plan;

import dev.clew.faults.history.EffectLedger;
import dev.clew.faults.plan.Flow.Ask;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * A run of a few steps with retries, of which some may fail for good, and which its user may end.
 *
 * @param steps in the order of the declaration
 * @param graph whether their order is that of {@code dependsOn}, else that of the declaration
 * @param undoneAsGraph whether branches are undone beside each other
 * @param mostParallel steps at a time; 0 for no limit
 * @param pivot the step that is the pivot, if there is one
 * @param askAt the step at whose beginning the user asks; empty for the end of the run
 */
public record RandomFlow(
        List<Step> steps,
        boolean graph,
        boolean undoneAsGraph,
        int mostParallel,
        Optional<String> pivot,
        Ask ask,
        Optional<String> askAt)
        implements Performable {
    private static final int UNDO_RETRIES = 2;

    /**
     * A step.
     *
     * @param after the steps that it waits for directly
     * @param failures how often it fails before it succeeds
     * @param retries how often it may be tried again
     * @param undoFailures how often its compensation fails before it succeeds; empty if it has none
     */
    public record Step(
            String name, Set<String> after, int failures, int retries, String seconds, Optional<Integer> undoFailures) {
        boolean fails() {
            return failures > retries;
        }
    }

    /** Draws one. */
    public static RandomFlow draw(Random random) {
        boolean graph = random.nextBoolean();
        List<Step> steps = new ArrayList<>();
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            steps.add(new Step(
                    "s" + i,
                    after(i, graph, random),
                    random.nextInt(3) == 0 ? 1 + random.nextInt(2) : 0,
                    1 + random.nextInt(2),
                    random.nextInt(3) == 0 ? "0." + random.nextInt(9) : "0",
                    undoFailures(random)));
        }
        if (graph) {
            Collections.shuffle(steps, random);
        }
        return new RandomFlow(
                steps,
                graph,
                graph && random.nextBoolean(),
                random.nextInt(3),
                random.nextInt(3) == 0 ? Optional.of("s" + random.nextInt(count)) : Optional.empty(),
                List.of(Ask.NOTHING, Ask.NOTHING, Ask.CANCEL, Ask.ROLL_BACK, Ask.DELETE)
                        .get(random.nextInt(5)),
                random.nextInt(3) == 0 ? Optional.empty() : Optional.of("s" + random.nextInt(count)));
    }

    private static Set<String> after(int step, boolean graph, Random random) {
        Set<String> after = new HashSet<>();
        for (int i = 0; i < step; i++) {
            if (graph ? random.nextInt(5) < 2 : i == step - 1) {
                after.add("s" + i);
            }
        }
        return after;
    }

    private static Optional<Integer> undoFailures(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of(1 + random.nextInt(UNDO_RETRIES));
            default -> Optional.of(0);
        };
    }

    /**
     * How it may end. What its user asks may come too late, and a step beside the pivot may fail before it succeeds or after.
     * What stalls, which a run does past its pivot, is rolled back.
     */
    public Set<String> ends() {
        Set<String> ends = new HashSet<>(undisturbed());
        switch (ask) {
            case NOTHING -> {}
            case CANCEL, DELETE -> {
                if (asksOnTheWay()) {
                    if (askAt.stream().noneMatch(this::isPastPivot)) {
                        ends.add("Cancelled");
                    }
                    if (mayPassPivot()) {
                        ends.add("RolledBack");
                    }
                }
            }
            case ROLL_BACK -> {
                if (ends.remove("Succeeded") || asksOnTheWay()) {
                    ends.add("RolledBack");
                }
            }
        }
        return ends;
    }

    private Set<String> undisturbed() {
        List<Step> failing = steps.stream().filter(Step::fails).toList();
        if (failing.isEmpty()) {
            return Set.of("Succeeded");
        }
        if (!mayPassPivot()) {
            return Set.of("Failed");
        }
        return failing.stream().map(Step::name).allMatch(this::isPastPivot)
                ? Set.of("RolledBack")
                : Set.of("Failed", "RolledBack");
    }

    /** Whether the step at which the user asks may begin. */
    private boolean asksOnTheWay() {
        return askAt.filter(step -> before(step).stream().noneMatch(this::fails))
                .isPresent();
    }

    private boolean mayPassPivot() {
        return pivot.filter(step -> !fails(step) && before(step).stream().noneMatch(this::fails))
                .isPresent();
    }

    private boolean isPastPivot(String step) {
        return pivot.filter(before(step)::contains).isPresent();
    }

    private boolean fails(String step) {
        return step(step).fails();
    }

    private Step step(String name) {
        return steps.stream()
                .filter(step -> step.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The steps that a step waits for. */
    private Set<String> before(String step) {
        Set<String> before = new HashSet<>();
        for (String direct : step(step).after()) {
            before.add(direct);
            before.addAll(before(direct));
        }
        return before;
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
                """);
        if (graph) {
            yaml.append("    order: Graph\n");
        }
        if (undoneAsGraph) {
            yaml.append("    compensation: {order: Graph}\n");
        }
        if (mostParallel > 0) {
            yaml.append("    maxParallelSteps: ").append(mostParallel).append('\n');
        }
        yaml.append("    steps:\n");
        steps.forEach(step -> yaml.append(yaml(step, ledger).indent(4)));
        return yaml.toString();
    }

    private String yaml(Step step, EffectLedger ledger) {
        var yaml = new StringBuilder("- name: " + step.name() + "\n");
        if (graph) {
            yaml.append("  dependsOn: ").append(step.after()).append('\n');
        }
        if (pivot.filter(step.name()::equals).isPresent()) {
            yaml.append("  pivot: true\n");
        }
        yaml.append("  retry: {limit: ").append(step.retries()).append(", backoffSeconds: 0}\n");
        yaml.append("  container: ").append(container(step.seconds(), step.failures(), ledger));
        step.undoFailures()
                .ifPresent(failures -> yaml.append("  compensation:\n    retry: {limit: " + UNDO_RETRIES
                                + ", backoffSeconds: 0}\n    container: ")
                        .append(container("0", failures, ledger)));
        return yaml.toString();
    }

    private static String container(String seconds, int failures, EffectLedger ledger) {
        return ledger.container(seconds, "CLEW_ATTEMPT<=" + failures, "") + "\n";
    }

    @Override
    public String run() {
        return "trip";
    }

    @Override
    public Set<String> desired() {
        Set<String> desired = new HashSet<>();
        if (ask == Ask.CANCEL) {
            desired.add("Cancelled");
        }
        if (ask == Ask.ROLL_BACK || pivot.isPresent()) {
            desired.add("RolledBack");
        }
        return desired;
    }
}
