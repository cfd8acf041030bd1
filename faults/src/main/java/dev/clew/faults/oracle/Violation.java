package dev.clew.faults.oracle;

/**
 * Something happened that must not.
 *
 * @param guarantee G1 to G7, or "end" if the run did not end as the undisturbed one
 * @param what it was
 */
public record Violation(String guarantee, String what) {}
