package dev.clew.faults.bench;

import dev.clew.faults.plan.Plan;
import dev.clew.faults.plan.Plans;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

public final class BenchMain {
    public static void main(String[] args) {
        try (Bench bench = Bench.open(Path.of("crds"), Path.of(System.getProperty("dir", "faults/target/bench")))) {
            List<Plan> all = Plans.all(bench.golden().values());
            System.out.println(all.size() + " plans, quick " + Plans.quick(all).size());
            List<Plan> selected = new ArrayList<>();
            for (String pattern : args) {
                selected.addAll(pattern.equals("quick") ? Plans.quick(all) : FaultBench.named(all, pattern));
            }
            var run = new FaultBench(bench, selected);
            run.start();
            var report = new Report(run.join());
            report.outcomes().stream().filter(o -> !o.violations().isEmpty()).forEach(o -> System.out.println(o.report()));
            System.out.println(report.table() + report.summary());
            report.write(Path.of("/tmp/faults-report.json"));
        }
    }
}
