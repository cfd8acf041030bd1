package dev.clew.faults.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.faults.oracle.Violation;
import dev.clew.faults.plan.Plan;
import dev.clew.faults.plan.Plans;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every plan, by its name. {@code -Dplan=NAME} (or a regular expression) carries out those alone; else {@code -Dfaults.plans=quick}
 * (the default: each fault at each step of the protocol) or {@code all}.
 */
class FaultBenchTest {
    private static final Bench BENCH = Bench.open(Path.of("../crds"), Path.of("target/bench"));

    /** What is left before surefire ends this process. */
    private static final Duration PATIENCE =
            Duration.ofSeconds(Integer.getInteger("faults.timeoutSeconds", 5400) - 120);

    @AfterAll
    static void close() {
        BENCH.close();
    }

    @TestFactory
    Stream<DynamicTest> everyRunKeepsTheGuaranteesAndEndsAsIfUndisturbed() {
        var bench = new FaultBench(BENCH, selected(Plans.all(BENCH.golden().values())), PATIENCE);
        Stream<DynamicTest> plans = bench.start().entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey().name(), () -> {
                    Outcome outcome = entry.getValue().get();
                    assertThat(outcome.violations()).as(outcome.report()).isEmpty();
                }));
        return Stream.concat(plans, Stream.of(DynamicTest.dynamicTest("the table", () -> report(bench))));
    }

    /** A bench that finds nothing is worth nothing: it finds operators that break a rule. */
    @ParameterizedTest
    @EnumSource
    @DisabledIfSystemProperty(named = "plan", matches = ".+")
    void anOperatorThatBreaksARuleIsCaught(WrongOperator wrong) {
        List<Plan> plans = FaultBench.named(Plans.all(BENCH.golden().values()), wrong.plan());
        assertThat(plans).as("plans named " + wrong.plan()).hasSize(1);
        var bench = new FaultBench(BENCH.with(wrong.kind()), plans, PATIENCE);
        bench.start();
        Outcome outcome = bench.join().getFirst();
        assertThat(outcome.violations())
                .as("found in " + wrong + ": " + outcome.report())
                .extracting(Violation::guarantee)
                .contains(wrong.guarantee());
    }

    /** What is said of {@link WrongOperator#IMPATIENT} is said of one that waits long enough: it is not the plan that is wrong. */
    @Test
    @DisabledIfSystemProperty(named = "plan", matches = ".+")
    void anOperatorThatWaitsLongEnoughBearsALateCreate() {
        var patient = new Operators.Kind(
                UnaryOperator.identity(),
                Map.of("CLEW_API_SERVER_TIMEOUT_SECONDS", "21"),
                WrongOperator.IMPATIENT.lateSeconds(),
                Duration.ofSeconds(90));
        List<Plan> plans = FaultBench.named(Plans.all(BENCH.golden().values()), WrongOperator.IMPATIENT.plan());
        var bench = new FaultBench(BENCH.with(patient), plans, PATIENCE);
        bench.start();
        Outcome outcome = bench.join().getFirst();
        assertThat(outcome.violations()).as(outcome.report()).isEmpty();
    }

    private static List<Plan> selected(List<Plan> all) {
        String name = System.getProperty("plan", "");
        if (!name.isEmpty()) {
            List<Plan> named = FaultBench.named(all, name);
            assertThat(named).as("plans named " + name).isNotEmpty();
            return named;
        }
        return Objects.equals(System.getProperty("faults.plans"), "all") ? all : Plans.quick(all);
    }

    private static void report(FaultBench bench) {
        var report = new Report(bench.join());
        boolean some = !System.getProperty("plan", "").isEmpty();
        report.write(Path.of(some ? "target/faults-some.json" : "target/faults.json"));
        System.out.println(report.table() + report.summary());
    }
}
