package dev.clew.faults.plan;

import dev.clew.faults.history.EffectLedger;
import dev.clew.faults.plan.Flow.Ask;
import java.util.Optional;
import java.util.Set;

/** A run, and what its user asks of it. */
public interface Performable {
    /** Its Workflow's name, if it has one. */
    Optional<String> workflow();

    /** The Workflow in YAML. */
    String workflowYaml(EffectLedger ledger);

    /** The run in YAML. */
    String runYaml(EffectLedger ledger);

    /** The name of the run. */
    String run();

    /** What is asked, once the step {@link #askAt()} has begun, or the run has ended or stalled. */
    Ask ask();

    /** The step whose beginning the user waits for; without one it is the end. */
    Optional<String> askAt();

    /** What the user may set {@code desiredState} to; if RolledBack is among it, a run that stalls is rolled back. */
    Set<String> desired();
}
