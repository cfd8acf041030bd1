package dev.clew.devcluster.binaries;

/** Where one who waits for the binaries can read what is going on. */
@FunctionalInterface
public interface Progress {
    /** Says one line. */
    void say(String line);
}
