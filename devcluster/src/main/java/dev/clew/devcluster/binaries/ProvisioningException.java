package dev.clew.devcluster.binaries;

/** One way to get the binaries is closed. The message says why, and what would open it. */
final class ProvisioningException extends Exception {
    ProvisioningException(String message) {
        super(message);
    }

    ProvisioningException(String message, Throwable cause) {
        super(message, cause);
    }
}
