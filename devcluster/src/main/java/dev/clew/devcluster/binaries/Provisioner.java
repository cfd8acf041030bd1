package dev.clew.devcluster.binaries;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the binaries of the control plane or gets them: from the test directory of kube-api-test; else by download; else by
 * a build from the Go module proxy. Safe to run in several processes at once: one works, the others wait.
 */
public final class Provisioner {
    private final Path testDirectory;
    private final List<Source> sources;
    private final Progress progress;

    /** One way to get binaries that are missing. */
    interface Source {
        /** What it does, as in "downloading …". */
        String description();

        /**
         * Puts the named binaries into the directory. Each appears there complete or not at all.
         *
         * @throws ProvisioningException if this way is closed; the message says what would open it
         */
        void provide(Binaries target, List<String> names, Progress progress)
                throws ProvisioningException, InterruptedException;
    }

    Provisioner(Path testDirectory, List<Source> sources, Progress progress) {
        this.testDirectory = testDirectory;
        this.sources = sources;
        this.progress = progress;
    }

    /** The usual one: {@code KUBE_API_TEST_DIR} or {@code ~/.kubeapitest}; download, then build. */
    public static Provisioner standard(Progress progress) {
        Path directory = testDirectory();
        return new Provisioner(
                directory, List.of(new Download(directory), new GoBuild(directory.resolve("build"), "go")), progress);
    }

    /** The test directory of kube-api-test: {@code KUBE_API_TEST_DIR}, or {@code .kubeapitest} in the home directory. */
    public static Path testDirectory() {
        String configured = System.getenv("KUBE_API_TEST_DIR");
        return configured == null || configured.isBlank()
                ? Path.of(System.getProperty("user.home"), ".kubeapitest")
                : Path.of(configured).toAbsolutePath();
    }

    /**
     * The binaries; gets them if they are not there, which can take ten minutes.
     *
     * @throws IllegalStateException if there is no way to get them; the message says what was tried and what to install
     */
    public Binaries provide() {
        Binaries binaries = Binaries.below(testDirectory);
        provide(binaries, Binaries.NAMES, "Kubernetes " + Binaries.VERSION);
        return binaries;
    }

    /** Sees to it that binaries of these names are in a directory; {@code what} they are, is for messages. */
    void provide(Binaries binaries, List<String> names, String what) {
        if (binaries.missing(names).isEmpty()) {
            return;
        }
        try {
            Files.createDirectories(binaries.directory());
            provideUnderLock(binaries, names, what);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write to " + binaries.directory(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(
                    "Interrupted while getting the binaries of " + what + ". What is done is kept; start again.", e);
        }
    }

    private void provideUnderLock(Binaries binaries, List<String> names, String what)
            throws IOException, InterruptedException {
        Path lockFile = testDirectory.resolve("provision.lock");
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = lock(channel, lockFile)) {
            List<String> failures = new ArrayList<>();
            for (Source source : sources) {
                List<String> missing = binaries.missing(names);
                if (missing.isEmpty()) {
                    break;
                }
                progress.say(
                        "Not in %s: %s. Trying: %s.".formatted(binaries.directory(), missing, source.description()));
                try {
                    source.provide(binaries, missing, progress);
                } catch (ProvisioningException e) {
                    String why = String.valueOf(e.getMessage());
                    progress.say(why);
                    failures.add("- " + source.description() + ": " + why);
                }
            }
            List<String> missing = binaries.missing(names);
            if (!missing.isEmpty()) {
                throw new IllegalStateException("The binaries %s of %s are not in %s and cannot be got:%n%s"
                        .formatted(missing, what, binaries.directory(), String.join("\n", failures)));
            }
            progress.say("The binaries of %s are in %s.".formatted(what, binaries.directory()));
            assert lock.isValid();
        }
    }

    private FileLock lock(FileChannel channel, Path lockFile) throws IOException {
        FileLock lock = channel.tryLock();
        if (lock != null) {
            return lock;
        }
        progress.say("Another process is getting the binaries (it holds " + lockFile + "); waiting for it.");
        return channel.lock();
    }
}
