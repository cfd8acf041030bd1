package dev.clew.engine.graph;

import dev.clew.api.workflow.Order;
import dev.clew.api.workflow.Step;
import dev.clew.api.workflow.WorkflowSpec;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * The steps of a workflow by their index in the declaration, and which wait for which. Names that no step bears are
 * left out here; the validator reports them. Nothing in it recurses, so a long chain cannot overflow the stack.
 */
public final class StepGraph {
    private final List<String> names;
    private final Map<String, Integer> indexes;
    private final List<BitSet> dependencies;
    private final List<Integer> topologicalOrder;

    private StepGraph(List<String> names, Map<String, Integer> indexes, List<BitSet> dependencies) {
        this.names = names;
        this.indexes = indexes;
        this.dependencies = dependencies;
        this.topologicalOrder = sort(dependencies);
    }

    /** The graph of a workflow; of steps with the same name the first counts. */
    public static StepGraph of(WorkflowSpec spec) {
        List<Step> steps = spec.steps();
        List<String> names = steps.stream().map(Step::name).toList();
        Map<String, Integer> indexes = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            indexes.putIfAbsent(names.get(i), i);
        }
        List<BitSet> dependencies = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            var before = new BitSet(steps.size());
            if (spec.orderOrDefault() == Order.Graph) {
                steps.get(i).dependsOn().stream()
                        .map(indexes::get)
                        .filter(index -> index != null)
                        .forEach(before::set);
            } else if (i > 0) {
                before.set(i - 1);
            }
            dependencies.add(before);
        }
        return new StepGraph(names, indexes, dependencies);
    }

    /** Kahn's algorithm; among the free ones the first declared comes first. Steps on or behind a cycle are left out. */
    private static List<Integer> sort(List<BitSet> dependencies) {
        int size = dependencies.size();
        int[] open = new int[size];
        List<List<Integer>> dependents = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            dependents.add(new ArrayList<>());
        }
        var free = new PriorityQueue<Integer>();
        for (int i = 0; i < size; i++) {
            int step = i;
            open[i] = dependencies.get(i).cardinality();
            dependencies.get(i).stream()
                    .forEach(before -> dependents.get(before).add(step));
            if (open[i] == 0) {
                free.add(i);
            }
        }
        List<Integer> order = new ArrayList<>(size);
        for (Integer next = free.poll(); next != null; next = free.poll()) {
            order.add(next);
            for (int dependent : dependents.get(next)) {
                if (--open[dependent] == 0) {
                    free.add(dependent);
                }
            }
        }
        return List.copyOf(order);
    }

    /** Number of steps. */
    public int size() {
        return names.size();
    }

    /** Name of the step at an index. */
    public String name(int index) {
        return names.get(index);
    }

    /** Index of a step, if there is one of that name. */
    public Optional<Integer> index(String name) {
        return Optional.ofNullable(indexes.get(name));
    }

    /** All names, in the order of the declaration. */
    public List<String> names() {
        return names;
    }

    /** Indexes of the steps that a step waits for directly. Not to be changed. */
    public BitSet dependencies(int index) {
        return dependencies.get(index);
    }

    /** Indexes in an order in which each step comes after all that it waits for; ties by declaration. */
    public List<Integer> topologicalOrder() {
        return topologicalOrder;
    }

    /** Indexes of all steps that are surely done before a step begins. */
    public BitSet ancestors(int index) {
        var all = new BitSet(size());
        var todo = new BitSet(size());
        todo.or(dependencies.get(index));
        for (int next = todo.nextSetBit(0); next >= 0; next = todo.nextSetBit(0)) {
            todo.clear(next);
            if (!all.get(next)) {
                all.set(next);
                todo.or(dependencies.get(next));
                todo.andNot(all);
            }
        }
        return all;
    }

    /** A cycle as the names on it, the first one repeated at the end, if there is one. */
    public Optional<List<String>> cycle() {
        if (topologicalOrder.size() == size()) {
            return Optional.empty();
        }
        var left = new BitSet(size());
        left.set(0, size());
        topologicalOrder.forEach(left::clear);
        // each step that is left waits for another one that is left, so walking back must meet itself
        List<Integer> path = new ArrayList<>();
        int at = left.nextSetBit(0);
        while (!path.contains(at)) {
            path.add(at);
            var before = (BitSet) dependencies.get(at).clone();
            before.and(left);
            at = before.nextSetBit(0);
        }
        List<String> cycle = new ArrayList<>();
        cycle.add(names.get(at));
        for (int i = path.size() - 1; path.get(i) != at; i--) {
            cycle.add(names.get(path.get(i)));
        }
        cycle.add(names.get(at));
        return Optional.of(List.copyOf(cycle));
    }
}
