package dev.clew.devcluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The directories of one running cluster. Locked while it is open, for two clusters in one directory would disturb each other.
 * What an earlier cluster left is removed at the start: a cluster always starts empty.
 */
final class StateDirectory implements AutoCloseable {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/._+-]+");

    private final Path root;
    private final FileChannel lock;
    private final List<Path> temporary = new ArrayList<>();
    private final Path etcdData;
    private final Path scratch;

    private StateDirectory(Path root, FileChannel lock, boolean isTemporary) throws IOException {
        this.root = root;
        this.lock = lock;
        if (isTemporary) {
            temporary.add(root);
        }
        this.etcdData = temporaryDirectory("clew-etcd-");
        // the path gets into shell scripts, in place of the termination message path
        this.scratch =
                PLAIN.matcher(root.toString()).matches() ? root.resolve("pods") : temporaryDirectory("clew-pods-");
    }

    /**
     * Opens and locks it, and removes what an earlier cluster left there.
     *
     * @param configured where; if empty, a new temporary directory
     */
    static StateDirectory open(Optional<Path> configured) {
        try {
            if (configured.isEmpty()) {
                Path root = Files.createTempDirectory("clew-devcluster-");
                return new StateDirectory(root, lock(root), true);
            }
            Path root = Files.createDirectories(configured.orElseThrow());
            FileChannel lock = lock(root);
            StateDirectory directory = new StateDirectory(root, lock, false);
            directory.removeWhatIsOld();
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileChannel lock(Path root) throws IOException {
        FileChannel channel =
                FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // another cluster of this JVM
        }
        channel.close();
        throw new IllegalStateException("Another development cluster runs in the state directory " + root
                + "; stop it or take another directory.");
    }

    /** Only in a directory that has been a state directory before: else a {@code logs} in it is somebody else's. */
    private void removeWhatIsOld() throws IOException {
        if (!Files.isDirectory(guard())) {
            return;
        }
        for (Path old : List.of(guard(), controlPlane(), logs(), root.resolve("pods"), auditLog(), kubeconfig())) {
            remove(old);
        }
    }

    private static void remove(Path tree) throws IOException {
        if (Files.exists(tree)) {
            try (Stream<Path> files = Files.walk(tree)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** In memory, where the system has such a directory. */
    private Path temporaryDirectory(String prefix) throws IOException {
        Path directory = Files.isWritable(SHARED_MEMORY)
                ? Files.createTempDirectory(SHARED_MEMORY, prefix)
                : Files.createTempDirectory(prefix);
        temporary.add(directory);
        return directory;
    }

    Path root() {
        return root;
    }

    Path guard() {
        return root.resolve("guard");
    }

    Path controlPlane() {
        return root.resolve("control-plane");
    }

    Path controlPlaneLogs() {
        return controlPlane().resolve("logs");
    }

    Path logs() {
        return root.resolve("logs");
    }

    Path auditLog() {
        return root.resolve("audit.log");
    }

    Path kubeconfig() {
        return root.resolve("kubeconfig");
    }

    Path etcdData() {
        return etcdData;
    }

    /** For the containers' own directories; its path needs no quoting in a shell. */
    Path scratch() {
        return scratch;
    }

    /** What is to be removed when the cluster is gone. */
    List<Path> temporary() {
        return List.copyOf(temporary);
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
