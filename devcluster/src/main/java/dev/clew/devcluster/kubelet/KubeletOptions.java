package dev.clew.devcluster.kubelet;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How a process kubelet is to behave in time, and which images it is to miss. Immutable; start from {@link #defaults()}.
 *
 * @param startDelay between a pod's acceptance ({@code ContainerCreating}) and the start of its containers; a pod that is
 *     deleted in between is started all the same, as the real kubelet does
 * @param terminalDelay between the version with the terminated containers and the one with the terminal phase (about 1 s in
 *     the real one)
 * @param retryPeriod after which a container that could not be created is tried again
 * @param minimumGrace the shortest grace period (2 s in the real one, also for forced deletions)
 * @param leaseRenewPeriod how often the node's lease is renewed
 * @param missingImage which images cannot be pulled
 * @param logDirectory where containers' logs go, as {@code NAMESPACE/POD/CONTAINER.log}; if empty, {@code logs} in the
 *     state directory
 */
public record KubeletOptions(
        Duration startDelay,
        Duration terminalDelay,
        Duration retryPeriod,
        Duration minimumGrace,
        Duration leaseRenewPeriod,
        Predicate<String> missingImage,
        Optional<Path> logDirectory) {

    /**
     * No start delay, 50 ms to the terminal phase, tries every 500 ms, at least 2 s of grace, a lease renewal every second.
     * Missing are images whose repository begins with {@code missing/} or {@code no-such/}, or whose tag is {@code missing}.
     */
    public static KubeletOptions defaults() {
        return new KubeletOptions(
                Duration.ZERO,
                Duration.ofMillis(50),
                Duration.ofMillis(500),
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                KubeletOptions::isMarkedMissing,
                Optional.empty());
    }

    private static boolean isMarkedMissing(String image) {
        String lower = image.toLowerCase(Locale.ROOT);
        return lower.startsWith("missing/") || lower.startsWith("no-such/") || lower.endsWith(":missing");
    }

    /** With this start delay. */
    public KubeletOptions withStartDelay(Duration delay) {
        return new KubeletOptions(
                delay, terminalDelay, retryPeriod, minimumGrace, leaseRenewPeriod, missingImage, logDirectory);
    }

    /** With this delay of the terminal phase. */
    public KubeletOptions withTerminalDelay(Duration delay) {
        return new KubeletOptions(
                startDelay, delay, retryPeriod, minimumGrace, leaseRenewPeriod, missingImage, logDirectory);
    }

    /** With this shortest grace period. */
    public KubeletOptions withMinimumGrace(Duration grace) {
        return new KubeletOptions(
                startDelay, terminalDelay, retryPeriod, grace, leaseRenewPeriod, missingImage, logDirectory);
    }

    /** With a lease that is renewed this often. */
    public KubeletOptions withLeaseRenewPeriod(Duration period) {
        return new KubeletOptions(
                startDelay, terminalDelay, retryPeriod, minimumGrace, period, missingImage, logDirectory);
    }

    /** With these images missing. */
    public KubeletOptions withMissingImage(Predicate<String> missing) {
        return new KubeletOptions(
                startDelay, terminalDelay, retryPeriod, minimumGrace, leaseRenewPeriod, missing, logDirectory);
    }

    /** With the logs in this directory. */
    public KubeletOptions withLogDirectory(Path directory) {
        return new KubeletOptions(
                startDelay,
                terminalDelay,
                retryPeriod,
                minimumGrace,
                leaseRenewPeriod,
                missingImage,
                Optional.of(directory));
    }
}
