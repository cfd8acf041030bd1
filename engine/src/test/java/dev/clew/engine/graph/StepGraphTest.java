package dev.clew.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.engine.workflow.Workflows;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StepGraphTest {
    private static final String DIAMOND = """
            order: Graph
            steps:
            - {name: pack, dependsOn: [reserve, charge], container: {image: a}}
            - {name: reserve, container: {image: a}}
            - {name: charge, dependsOn: [reserve], container: {image: a}}
            - {name: mail, dependsOn: [charge], container: {image: a}}
            """;

    private static StepGraph graph(String yaml) {
        return StepGraph.of(Workflows.yaml(yaml));
    }

    private static List<String> names(StepGraph graph, Iterable<Integer> indexes) {
        return java.util.stream.StreamSupport.stream(indexes.spliterator(), false)
                .map(graph::name)
                .toList();
    }

    @Test
    void a_sequence_is_a_chain_in_the_order_of_the_declaration() {
        StepGraph graph = graph("steps: [{name: b, container: {image: a}}, {name: a, container: {image: a}}]");
        assertThat(names(graph, graph.topologicalOrder())).containsExactly("b", "a");
        assertThat(graph.dependencies(0).isEmpty()).isTrue();
        assertThat(graph.dependencies(1).stream().boxed()).containsExactly(0);
    }

    @Test
    void a_graph_is_ordered_by_what_waits_for_what_and_then_by_declaration() {
        StepGraph graph = graph(DIAMOND);
        assertThat(names(graph, graph.topologicalOrder())).containsExactly("reserve", "charge", "pack", "mail");
    }

    @Test
    void ancestors_are_all_that_is_surely_done_before() {
        StepGraph graph = graph(DIAMOND);
        assertThat(names(graph, graph.ancestors(3).stream().boxed().toList())).containsExactly("reserve", "charge");
        assertThat(graph.ancestors(1).isEmpty()).isTrue();
    }

    @Test
    void a_cycle_is_found_and_what_is_not_on_it_is_left_out() {
        StepGraph graph = graph("""
                order: Graph
                steps:
                - {name: before, container: {image: a}}
                - {name: behind, dependsOn: [c], container: {image: a}}
                - {name: a, dependsOn: [before, c], container: {image: a}}
                - {name: b, dependsOn: [a], container: {image: a}}
                - {name: c, dependsOn: [b], container: {image: a}}
                """);
        assertThat(graph.cycle())
                .hasValueSatisfying(cycle ->
                        assertThat(cycle).hasSize(4).startsWith(cycle.getLast()).containsOnly("a", "b", "c"));
        assertThat(names(graph, graph.topologicalOrder())).containsExactly("before");
    }

    @Test
    void without_a_cycle_there_is_none() {
        assertThat(graph(DIAMOND).cycle()).isEmpty();
    }

    @Test
    void a_chain_of_512_steps_is_no_trouble() {
        String steps = IntStream.range(0, 512)
                .mapToObj(i -> "- {name: s" + i + (i == 511 ? "" : ", dependsOn: [s" + (i + 1) + "]")
                        + ", container: {image: a}}")
                .collect(Collectors.joining("\n"));
        StepGraph graph = graph("order: Graph\nsteps:\n" + steps);
        assertThat(graph.topologicalOrder().getFirst()).isEqualTo(511);
        assertThat(graph.ancestors(0).cardinality()).isEqualTo(511);
    }
}
