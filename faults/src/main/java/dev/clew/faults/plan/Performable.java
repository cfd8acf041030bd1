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

    /** What is asked, once the step {@link #askAt()} has begun. */
    Ask ask();

    /** The step whose beginning the user waits for. */
    String askAt();

    /** What the user sets {@code desiredState} to. */
    Set<String> desired();
}
