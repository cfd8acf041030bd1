package dev.clew.devcluster.controlplane;

import dev.clew.devcluster.binaries.Binaries;
import dev.clew.devcluster.process.ProcessGuard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A directory that kube-api-test takes for its test directory, with small launchers in place of the binaries. They enter
 * themselves with the process guard, write their output to files, and set what kube-api-test has no setting for: etcd
 * listens on the loopback interface only (kube-api-test says all of them), does not sync to disk, and has its data where we say (the
 * directories that kube-api-test makes for them are removed, for nobody would when the JVM is killed); kube-apiserver has its
 * ServiceAccount admission (kube-api-test turns it off).
 * With a session of their own they do not get a terminal's Ctrl-C, which is for the JVM.
 * As the directory is new for each cluster, so are the certificates (kube-api-test would reuse expired ones).
 */
final class Launchers {
    private Launchers() {}

    static void write(Path testDirectory, Binaries binaries, Path etcdData, Path logs, ProcessGuard guard)
            throws IOException {
        Binaries launchers = Binaries.below(testDirectory);
        Files.createDirectories(launchers.directory());
        Files.createDirectories(logs);
        script(launchers.etcd(), etcd(binaries, etcdData, logs.resolve("etcd.log"), guard.pidFile(ControlPlane.ETCD)));
        script(
                launchers.apiServer(),
                apiServer(binaries, logs.resolve("kube-apiserver.log"), guard.pidFile(ControlPlane.API_SERVER)));
        Files.deleteIfExists(launchers.kubectl());
        Files.createSymbolicLink(launchers.kubectl(), binaries.kubectl());
    }

    private static String etcd(Binaries binaries, Path data, Path log, Path pidFile) {
        return """
                #!/bin/sh
                echo $$ >'%s'
                for a; do
                  shift
                  case $a in http://[0-9]*:*) a="http://127.0.0.1:${a##*:}" ;; esac
                  case $last in -data-dir | -wal-dir) rmdir "$a" ;; esac
                  last=$a
                  set -- "$@" "$a"
                done 2>/dev/null
                exec setsid '%s' "$@" --unsafe-no-fsync --data-dir '%s' --wal-dir '%s' >>'%s' 2>&1
                """.formatted(pidFile, binaries.etcd(), data.resolve("data"), data.resolve("wal"), log);
    }

    private static String apiServer(Binaries binaries, Path log, Path pidFile) {
        return """
                #!/bin/sh
                echo $$ >'%s'
                for a; do
                  shift
                  case $a in --disable-admission-plugins | ServiceAccount) continue ;; esac
                  set -- "$@" "$a"
                done
                exec setsid '%s' "$@" >>'%s' 2>&1
                """.formatted(pidFile, binaries.apiServer(), log);
    }

    private static void script(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
