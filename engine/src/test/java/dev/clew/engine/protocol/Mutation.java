package dev.clew.engine.protocol;

import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.pod.Seen;
import java.time.Duration;

/** Ways of doing it wrong that some test must notice. Not of the product: a cluster that lies makes the loop do it. */
enum Mutation {
    /** As it is. */
    NONE,
    /** A pod is made for a claim that is only in memory. */
    POD_CREATED_BEFORE_THE_CLAIM_IS_WRITTEN,
    /** What is done rests on a status from the cache. */
    STATUS_NOT_READ_LIVE,
    /** A pod that is being deleted is taken for one that has ended. */
    DELETION_TAKEN_FOR_AN_END,
    /** The plan is made while an attempt is open, because a running container is taken for one that has ended. */
    PLAN_WHILE_AN_ATTEMPT_IS_OPEN,
    /** A pod is released though a create of its name may still be on its way. */
    RELEASED_AT_ONCE;

    PodFacts distort(PodFacts facts) {
        boolean lies = (this == DELETION_TAKEN_FOR_AN_END && facts.deleting())
                || (this == PLAN_WHILE_AN_ATTEMPT_IS_OPEN && facts.running());
        return lies && facts.terminated() == null
                ? Seen.ended(facts, "Failed", new PodFacts.Terminated(137, "Error", null, null, true))
                : facts;
    }

    /** How long the loop takes a create to be on its way at most. */
    Duration maxInFlight() {
        return this == RELEASED_AT_ONCE ? Duration.ZERO : SimulatedCluster.MAX_IN_FLIGHT;
    }
}
