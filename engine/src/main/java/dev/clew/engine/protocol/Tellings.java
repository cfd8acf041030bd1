package dev.clew.engine.protocol;

import dev.clew.api.run.InterventionStatus.Result;
import dev.clew.api.run.Reasons;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.run.Ttl;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The events of a run: what a person would want to be told. One for a run that goes well. */
final class Tellings {
    private Tellings() {}

    static List<Cluster.Telling> between(WorkflowRunStatus before, WorkflowRunStatus after) {
        List<Cluster.Telling> tellings = new ArrayList<>();
        RunPhase phase = after.phase();
        if (phase != null && phase != before.phase()) {
            tellings.addAll(ofPhase(phase, Objects.requireNonNullElse(after.message(), "")));
        }
        after.interventions().stream()
                .filter(made -> !before.interventions().contains(made) && made.result() == Result.Refused)
                .map(made -> new Cluster.Telling(
                        true,
                        Reasons.INTERVENTION_REFUSED,
                        "the intervention " + made.name() + " was refused: " + made.message()))
                .forEach(tellings::add);
        Ttl.refused(after.message())
                .filter(refusal -> !Ttl.refused(before.message()).equals(Optional.of(refusal)))
                .map(refusal -> new Cluster.Telling(true, Reasons.TTL_REFUSED, refusal))
                .ifPresent(tellings::add);
        return List.copyOf(tellings);
    }

    private static List<Cluster.Telling> ofPhase(RunPhase phase, String message) {
        return switch (phase) {
            case Running, Paused -> List.of();
            case Succeeded -> List.of(new Cluster.Telling(false, phase.name(), message));
            case Pending, Compensating, Stalled, Failed, Cancelled, RolledBack, Terminated ->
                List.of(new Cluster.Telling(true, phase.name(), message));
        };
    }
}
