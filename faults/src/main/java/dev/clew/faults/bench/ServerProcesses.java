package dev.clew.faults.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The processes of the control plane, as the cluster's guard knows them. */
final class ServerProcesses {
    private final Path apiServerPid;
    private final Path etcdPid;
    private List<String> apiServer = List.of();

    ServerProcesses(Path stateDirectory) {
        this.apiServerPid = stateDirectory.resolve("guard/kube-apiserver.pid");
        this.etcdPid = stateDirectory.resolve("guard/etcd.pid");
    }

    private static long pid(Path file) {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL; returns when it is dead. */
    void killApiServer() {
        long pid = pid(apiServerPid);
        try {
            apiServer = List.of(Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.UTF_8)
                    .split("\0", -1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ProcessHandle.of(pid).ifPresent(process -> {
            process.destroyForcibly();
            process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
        });
    }

    /** Starts it as it was started, and entrusts it to the guard in the same way. */
    void startApiServer() {
        List<String> command = new ArrayList<>(
                List.of("/bin/sh", "-c", "echo $$ >\"$0\"; exec setsid \"$@\"", apiServerPid.toString()));
        apiServer.stream().filter(word -> !word.isEmpty()).forEach(command::add);
        try {
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void pauseEtcd() {
        signal("STOP");
    }

    void resumeEtcd() {
        signal("CONT");
    }

    private void signal(String signal) {
        try {
            new ProcessBuilder("kill", "-" + signal, Long.toString(pid(etcdPid)))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
