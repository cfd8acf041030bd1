package dev.clew.faults.oracle;

import dev.clew.faults.history.History;
import java.util.Set;

/**
 * What the oracles look at.
 *
 * @param history of one run, and of its namespace
 * @param desired values of {@code desiredState} that its user has set
 * @param foreign names of objects that are not Clew's
 * @param held the attempts whose create was held back, such as "charge 1": it may arrive after the run has turned back, and is
 *     then fenced
 */
public record Judged(History history, Set<String> desired, Set<String> foreign, Set<String> held) {
    /** No create is held back. */
    public static final Set<String> NONE_HELD = Set.of();
}
