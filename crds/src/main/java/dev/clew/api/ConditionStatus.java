package dev.clew.api;

/** The three values of a condition. */
public enum ConditionStatus {
    /** It holds. */
    True,
    /** It does not hold. */
    False,
    /** It is not known yet. */
    Unknown
}
