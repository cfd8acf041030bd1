package dev.clew.operator.leader;

/** A write was not sent: this process does not hold the Lease, or may no longer hold it. */
public final class NotLeadingException extends IllegalStateException {
    NotLeadingException(String request) {
        super("not sent, since this process does not hold the Lease, or may no longer hold it: " + request);
    }
}
