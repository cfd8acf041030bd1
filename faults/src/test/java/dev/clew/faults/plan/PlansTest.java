package dev.clew.faults.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PlansTest {
    private static final Map<String, Integer> EVENTS = Map.of("pods", 40, "workflowruns", 12);

    private static final List<Plan> ALL = Plans.all(Stream.of(Flow.values())
            .map(flow -> new Golden(flow, List.copyOf(flow.writes()), EVENTS, MissingNode.getInstance()))
            .toList());

    @Test
    void everyWriteOfEveryFlowMeetsEveryFault() {
        Set<String> names = new HashSet<>();
        ALL.forEach(plan -> names.add(plan.name()));
        List<String> empty = new ArrayList<>();
        for (Flow flow : Flow.values()) {
            for (String write : flow.writes()) {
                for (WriteFault fault : WriteFault.values()) {
                    String cell = flow.label() + "/" + write + "/" + fault.label();
                    if (!names.contains(cell)) {
                        empty.add(cell);
                    }
                }
            }
        }
        assertThat(empty).isEmpty();
    }

    @Test
    void aNameIsThatOfOnePlan() {
        assertThat(ALL).extracting(Plan::name).doesNotHaveDuplicates();
    }

    @Test
    void theQuickOnesHaveEveryFaultButThoseThatMayTakeMinutes() {
        Set<String> missing = new HashSet<>();
        ALL.forEach(plan -> missing.add(plan.faultClass()));
        Plans.quick(ALL).forEach(plan -> missing.remove(plan.faultClass()));
        assertThat(missing).containsExactly(WatchFault.HALF_OPEN.label());
    }

    @Test
    void theQuickOnesHaveEveryFaultOfAWriteAtEveryStep() {
        assertThat(faultsAtSteps(Plans.quick(ALL))).isEqualTo(faultsAtSteps(ALL));
    }

    private static Set<String> faultsAtSteps(List<Plan> plans) {
        return plans.stream()
                .filter(plan -> plan instanceof Plan.OnWrite)
                .map(plan -> (Plan.OnWrite) plan)
                .map(plan -> Plans.step(plan.write()) + "/" + plan.faultClass())
                .collect(Collectors.toSet());
    }

    @Test
    void noWatchIsDisturbedAtAnEventThatDoesNotCome() {
        assertThat(ALL)
                .filteredOn(plan ->
                        plan instanceof Plan.OnWatch watch && watch.fault().atEvent())
                .allMatch(plan -> plan instanceof Plan.OnWatch watch
                        && watch.event() <= EVENTS.getOrDefault(watch.resource(), 40));
    }
}
