package dev.clew.engine.pod;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What an attempt is, for ever: at most one pod ever starts for it. Its pod's name is a function of it.
 *
 * @param runUid UID of the run
 * @param step name of the step
 * @param kind forward or compensation
 * @param number from 1; forward attempts and compensations count by themselves
 */
public record AttemptId(String runUid, String step, Kind kind, int number) {
    private static final int MOST = 63;
    private static final int HASH_CHARACTERS = 11;
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

    /** Value of the annotation by which a pod is known to be this attempt. */
    public String annotation() {
        return runUid + "/" + step + "/" + kind + "/" + number;
    }

    /**
     * Name of the attempt's pod: readable first, then 55 bits of a hash over everything that the attempt is; at most 63
     * characters, a DNS label. The step stays readable when the run's name is long.
     */
    public String podName(String runName) {
        String tail = "-" + step + (kind == Kind.Compensation ? "-undo" : "");
        int room = MOST - HASH_CHARACTERS - 1;
        String head = runName.replace('.', '-');
        head = head.substring(0, Math.max(1, Math.min(head.length(), room - tail.length())));
        String readable = head + tail;
        readable = readable.substring(0, Math.min(readable.length(), room));
        return readable + "-" + hash();
    }

    private String hash() {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(annotation().getBytes(StandardCharsets.UTF_8));
            var text = new StringBuilder();
            for (int i = 0; i < HASH_CHARACTERS; i++) {
                text.append(ALPHABET.charAt(digest[i] & 31));
            }
            return text.toString();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
