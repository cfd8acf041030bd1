package dev.clew.devcluster.kubelet;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What becomes of a pod instead of processes. Init containers succeed at once; all main containers share the outcome; the
 * message is that of {@code main}, or of the first if none is called so. Such a pod is cheap: no process, no thread, two status writes (running; terminated with the
 * terminal phase), or one if it ends at once.
 */
public sealed interface ScriptedOutcome {
    /** Ends with this exit code, at once. */
    static Exits exit(int code) {
        return new Exits(code, Duration.ZERO, Optional.empty(), Optional.empty(), 143, Duration.ZERO);
    }

    /**
     * Never starts: waits with this reason ({@code ImagePullBackOff}, {@code CreateContainerConfigError}, …) until it is
     * deleted or its deadline passes.
     */
    static NeverStarts neverStarts(String reason) {
        return new NeverStarts(reason, "scripted: " + reason);
    }

    /** Runs until the test lets it end. */
    static Held held() {
        return new Held(new CompletableFuture<>());
    }

    /**
     * Runs for a while and ends.
     *
     * @param code the exit code
     * @param delay how long it runs; with zero no version says that it runs
     * @param text the termination message; not cut
     * @param because the reason of the container's end; if empty, {@code Completed} or {@code Error}, as the exit code says
     * @param codeOnTerm the exit code with which it answers SIGTERM at once; -1: it does not, and gets 137 after the grace
     *     period
     * @param phaseDelay between the version with the terminated container and the one with the terminal phase; zero: one
     *     version
     */
    record Exits(
            int code,
            Duration delay,
            Optional<String> text,
            Optional<String> because,
            int codeOnTerm,
            Duration phaseDelay)
            implements ScriptedOutcome {
        /** Runs that long. */
        public Exits after(Duration time) {
            return new Exits(code, time, text, because, codeOnTerm, phaseDelay);
        }

        /** Ends with this termination message. */
        public Exits message(String message) {
            return new Exits(code, delay, Optional.of(message), because, codeOnTerm, phaseDelay);
        }

        /** Ends for this reason, as the container's status says: {@code OOMKilled} (with 137), … */
        public Exits reason(String reason) {
            return new Exits(code, delay, text, Optional.of(reason), codeOnTerm, phaseDelay);
        }

        /** Answers SIGTERM with this exit code, at once (by default 143). */
        public Exits onTerm(int exitCode) {
            return new Exits(code, delay, text, because, exitCode, phaseDelay);
        }

        /** Does not answer SIGTERM. */
        public Exits ignoringTerm() {
            return onTerm(-1);
        }

        /** Shows, like a real kubelet, the end of the container this long before the terminal phase. */
        public Exits phaseAfter(Duration time) {
            return new Exits(code, delay, text, because, codeOnTerm, time);
        }
    }

    /**
     * Waits for ever.
     *
     * @param reason of waiting
     * @param text the message that goes with it
     */
    record NeverStarts(String reason, String text) implements ScriptedOutcome {
        /** With this message. */
        public NeverStarts message(String message) {
            return new NeverStarts(reason, message);
        }
    }

    /**
     * Runs until {@link #complete}; SIGTERM ends it with 143. One instance for several pods ends them all.
     *
     * @param end the end
     */
    record Held(CompletableFuture<End> end) implements ScriptedOutcome {
        /** Lets it end. Only the first call counts. */
        public void complete(int exitCode, String message) {
            end.complete(new End(exitCode, Optional.of(message), Optional.empty()));
        }

        /** Lets it end without a message. Only the first call counts. */
        public void complete(int exitCode) {
            end.complete(End.of(exitCode));
        }
    }

    /** How a held pod ends. */
    record End(int exitCode, Optional<String> message, Optional<String> reason) {
        static End of(int exitCode) {
            return new End(exitCode, Optional.empty(), Optional.empty());
        }
    }
}
