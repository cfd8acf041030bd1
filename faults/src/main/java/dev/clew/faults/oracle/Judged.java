package dev.clew.faults.oracle;

import dev.clew.faults.history.History;
import java.util.Set;

/**
 * What the oracles look at.
 *
 * @param history of one run, and of its namespace
 * @param desired values of {@code desiredState} that its user has set
 * @param foreign names of objects that are not Clew's
 * @param lateCreates whether the plan holds creates back, so that one may arrive after the run has turned back; it is then fenced
 */
public record Judged(History history, Set<String> desired, Set<String> foreign, boolean lateCreates) {}
