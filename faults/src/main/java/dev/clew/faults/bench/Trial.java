package dev.clew.faults.bench;

import dev.clew.faults.plan.Plan;
import dev.clew.faults.plan.Plan.OnWrite;
import dev.clew.faults.plan.Plans;
import java.nio.file.Path;
import java.util.List;

public final class Trial {
    public static void main(String[] args) {
        try (Bench bench = Bench.open(Path.of("crds"), Path.of("faults/target/bench"))) {
            List<Plan> plans = Plans.onWrites(bench.golden().values());
            System.out.println(plans.size() + " plans");
            for (String pattern : args) {
                for (Plan plan : plans) {
                    if (plan.name().matches(pattern)) {
                        Outcome outcome = new WritePlans(bench).perform((OnWrite) plan);
                        System.out.println((outcome.violations().isEmpty() ? "ok " : "VIOLATION ") + outcome.millis()
                                + " ms, recovery " + outcome.recoveryMillis() + " " + plan.name());
                        if (!outcome.violations().isEmpty()) {
                            System.out.println(outcome.report());
                        }
                    }
                }
            }
        }
    }
}
