package dev.clew.devcluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Looking at processes. */
public final class TestProcesses {
    private TestProcesses() {}

    /** Whether a process runs; one that has ended and that nobody has reaped does not. */
    public static boolean isAlive(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return false;
        }
    }

    /** Kills a process of this test that should not be there any more. */
    public static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
}
