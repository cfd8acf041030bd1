package dev.clew.faults.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A process of a cluster's control plane.
 *
 * @param name etcd, kube-apiserver or kube-controller-manager
 */
record ClusterProcess(Path stateDirectory, String name) {
    /** It stands still. */
    void pause() {
        signal("STOP");
    }

    /** It goes on. */
    void resume() {
        signal("CONT");
    }

    private void signal(String signal) {
        try {
            String pid = Files.readString(stateDirectory.resolve("guard/" + name + ".pid"))
                    .strip();
            int code = new ProcessBuilder("kill", "-" + signal, pid).start().waitFor();
            if (code != 0) {
                throw new IllegalStateException(name + " did not get SIG" + signal);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
