package dev.clew.engine.protocol;

import dev.clew.api.run.DesiredState;
import dev.clew.api.workflow.Step;
import dev.clew.api.workflow.WorkflowSpec;
import dev.clew.engine.workflow.Workflows;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A run whose schedules are explored.
 *
 * @param fates what the pods of attempts do, like "charge/1" or "undo charge/1", if nothing befalls them; the others succeed
 * @param wishes what a person asks for, each at any time or never, in this order
 */
record Saga(String name, WorkflowSpec spec, Map<String, SimulatedPod.Fate> fates, List<DesiredState> wishes) {
    private static final String CONTAINER = "{image: busybox:1.36}";

    private static final String UNDO =
            "{startTimeoutSeconds: 12, retry: {backoffSeconds: 0}, container: " + CONTAINER + "}";

    /** The step "a". */
    static Saga single(String name) {
        return of(name, "order: Sequential\nsteps:\n" + step("a", ""));
    }

    /** Steps "a", "b", "c", each after the one before it. */
    static Saga sequential(String name) {
        return of(name, "order: Sequential\nsteps:\n" + step("a", "") + step("b", "") + step("c", ""));
    }

    /** Steps "a"; "b" and "c" after it, beside each other; "d" after both. */
    static Saga diamond(String name) {
        return of(
                name,
                "order: Graph\ncompensation: {order: Graph}\nsteps:\n" + step("a", "") + step("b", "dependsOn: [a]")
                        + step("c", "dependsOn: [a]") + step("d", "dependsOn: [b, c]"));
    }

    /** Steps "a", "b", "c", with no way back once "b" has succeeded. */
    static Saga withPivot(String name) {
        return of(name, "order: Sequential\nsteps:\n" + step("a", "") + step("b", "pivot: true") + step("c", ""));
    }

    /** Steps "a", "b", of which the second may be tried again so many times. */
    static Saga retrying(String name, int limit) {
        return of(name, "order: Sequential\nsteps:\n" + step("a", "") + step("b", limit, ""));
    }

    /** So many steps, each of which waits for some of those before it; one of them fails. */
    static Saga random(Random random, int size) {
        var yaml = new StringBuilder(
                "order: Graph\ncompensation: {order: " + (random.nextBoolean() ? "Graph" : "Sequential")
                        + "}\nmaxParallelSteps: " + (1 + random.nextInt(8)) + "\nsteps:\n");
        for (int i = 0; i < size; i++) {
            List<String> before = IntStream.range(0, i)
                    .filter(other -> random.nextInt(size) < 3)
                    .mapToObj(other -> "s" + other)
                    .toList();
            yaml.append(step("s" + i, "dependsOn: [" + String.join(", ", before) + "]"));
        }
        return of("of " + size + " steps", yaml.toString()).fails("s" + random.nextInt(size) + "/1");
    }

    private static String step(String name, String more) {
        return step(name, 0, more);
    }

    /** No time passes before it is tried again, nor where that is because it did not start. */
    private static String step(String name, int retries, String more) {
        return "- {name: " + name + ", startTimeoutSeconds: 12, retry: {limit: " + retries
                + ", backoffSeconds: 0}, container: " + CONTAINER + ", compensation: " + UNDO
                + (more.isEmpty() ? "" : ", " + more) + "}\n";
    }

    private static Saga of(String name, String yaml) {
        return new Saga(name, Workflows.yaml(yaml), Map.of(), List.of());
    }

    /** Whether it may have to wait for a person. */
    boolean stalls() {
        return spec.steps().stream().anyMatch(Step::pivotOrDefault);
    }

    Saga all(SimulatedPod.Fate fate, String... attempts) {
        Map<String, SimulatedPod.Fate> all = new HashMap<>(fates);
        for (String attempt : attempts) {
            all.put(attempt, fate);
        }
        return new Saga(name, spec, Map.copyOf(all), wishes);
    }

    Saga fails(String... attempts) {
        return all(SimulatedPod.Fate.FAILS, attempts);
    }

    Saga neverStarts(String... attempts) {
        return all(SimulatedPod.Fate.NEVER_STARTS, attempts);
    }

    Saga wishes(DesiredState... states) {
        return new Saga(name, spec, fates, List.of(states));
    }

    /** What the pods do. */
    Faults pods() {
        return new Faults() {
            @Override
            public Fault next(String request) {
                return Fault.NONE;
            }

            @Override
            public SimulatedPod.Fate fate(String annotation) {
                String[] parts = annotation.split("/", -1);
                String attempt = (parts[2].equals("Step") ? "" : "undo ") + parts[1] + "/" + parts[3];
                return fates.getOrDefault(attempt, SimulatedPod.Fate.SUCCEEDS);
            }
        };
    }
}
