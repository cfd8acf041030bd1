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
            var outcomes = new ArrayList<Outcome>();
            for (int i = 0; i < Integer.getInteger("times", 1); i++) {
                var run = new FaultBench(bench, selected);
                run.start();
                outcomes.addAll(run.join());
            }
            var report = new Report(outcomes);
            System.out.println(report.table() + report.summary());
            report.write(Path.of("/tmp/faults-report.json"));
        }
    }
}
