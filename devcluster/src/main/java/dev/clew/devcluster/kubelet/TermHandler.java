package dev.clew.devcluster.kubelet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a process has a handler for SIGTERM, by {@code /proc}. */
final class TermHandler {
    private static final String CAUGHT = "SigCgt:";
    private static final long SIGTERM = 1L << (15 - 1);

    private TermHandler() {}

    static boolean isInstalled(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
                if (line.startsWith(CAUGHT)) {
                    return (Long.parseUnsignedLong(
                                            line.substring(CAUGHT.length()).strip(), 16)
                                    & SIGTERM)
                            != 0;
                }
            }
            return true;
        } catch (IOException e) {
            // gone already, or no /proc
            return true;
        }
    }
}
