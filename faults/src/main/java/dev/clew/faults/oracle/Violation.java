package dev.clew.faults.oracle;

/**
 * Something happened that must not.
 *
 * @param guarantee G1 to G7, "order" if steps ran otherwise than declared, "end" if the run did not end as it should, "operator" if an
 *     operator did not do what it owes beyond them, or "plan" if the plan did not do what it says
 * @param what it was
 */
public record Violation(String guarantee, String what) {}
