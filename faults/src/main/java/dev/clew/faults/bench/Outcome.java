package dev.clew.faults.bench;

import dev.clew.faults.oracle.Violation;
import dev.clew.faults.plan.Plan;
import java.util.List;

/**
 * What came of a plan.
 *
 * @param violations none, if all is well
 * @param millis how long it took
 * @param recoveryMillis from an operator being ready to its first write about the run, the longest of the plan; -1 if there was none
 * @param history in lines; empty if there was no violation
 */
public record Outcome(Plan plan, List<Violation> violations, long millis, long recoveryMillis, String history) {
    public Outcome {
        violations = List.copyOf(violations);
    }

    /** Whether nothing is wrong but that the plan did not do what its name says: on a busy machine the moment may not come. */
    boolean provesNothing() {
        return !violations.isEmpty()
                && violations.stream()
                        .allMatch(violation -> violation.guarantee().equals("plan"));
    }

    /** What is wrong, for people. */
    public String report() {
        var text = new StringBuilder(plan.name()).append('\n');
        violations.forEach(violation -> text.append(violation.guarantee())
                .append(": ")
                .append(violation.what())
                .append('\n'));
        return text.append(history).toString();
    }
}
