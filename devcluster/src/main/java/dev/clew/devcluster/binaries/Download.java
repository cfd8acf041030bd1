package dev.clew.devcluster.binaries;

import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubeapitest.KubeAPITestException;
import io.fabric8.kubeapitest.binary.BinaryManager;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Downloads: etcd, kube-apiserver and kubectl by kube-api-test's own downloader (envtest archives), the controller manager
 * from the official release, checked against its published SHA-256. Gives up within seconds when there is no way out.
 */
final class Download implements Provisioner.Source {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(4);
    private static final URI ENVTEST = URI.create("https://github.com/kubernetes-sigs/controller-tools/releases");
    private static final String RELEASE =
            "https://dl.k8s.io/release/v" + Binaries.VERSION + "/bin/" + Binaries.os() + "/" + Binaries.arch() + "/";

    private final Path testDirectory;

    Download(Path testDirectory) {
        this.testDirectory = testDirectory;
    }

    @Override
    public String description() {
        return "downloading (about 150 MB, a minute or two)";
    }

    @Override
    public void provide(Binaries target, List<String> names, Progress progress)
            throws ProvisioningException, InterruptedException {
        try (HttpClient http = HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build()) {
            // the controller manager first: it is of no use to have the others without it
            if (names.contains(Binaries.CONTROLLER_MANAGER)) {
                downloadReleased(http, target, Binaries.CONTROLLER_MANAGER, progress);
            }
            if (!names.equals(List.of(Binaries.CONTROLLER_MANAGER))) {
                reach(http, ENVTEST);
                progress.say("Downloading etcd, kube-apiserver and kubectl (envtest " + Binaries.VERSION + ").");
                downloadEnvtest(target, names);
            }
        }
    }

    private static void reach(HttpClient http, URI uri) throws ProvisioningException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .timeout(CONNECT_TIMEOUT)
                .build();
        try {
            http.send(request, BodyHandlers.discarding());
        } catch (IOException e) {
            throw unreachable(uri, e);
        }
    }

    private static ProvisioningException unreachable(URI uri, IOException e) {
        return new ProvisioningException(
                uri.getHost() + " cannot be reached (" + e + "); a network connection is needed", e);
    }

    private static void downloadReleased(HttpClient http, Binaries target, String name, Progress progress)
            throws ProvisioningException, InterruptedException {
        URI uri = URI.create(RELEASE + name);
        try {
            String expected = http.send(
                            HttpRequest.newBuilder(URI.create(RELEASE + name + ".sha256"))
                                    .timeout(CONNECT_TIMEOUT.multipliedBy(2))
                                    .build(),
                            BodyHandlers.ofString())
                    .body()
                    .strip();
            progress.say("Downloading " + uri + ".");
            HttpResponse<InputStream> response =
                    http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw new ProvisioningException(uri + " answered " + response.statusCode());
                }
                store(body, expected, target.directory().resolve(name));
            }
        } catch (IOException e) {
            throw unreachable(uri, e);
        }
    }

    private static void store(InputStream body, String sha256, Path file) throws IOException, ProvisioningException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        MessageDigest digest = sha256();
        try (DigestInputStream in = new DigestInputStream(body, digest)) {
            Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
        }
        String actual = HexFormat.of().formatHex(digest.digest());
        if (!actual.equals(sha256)) {
            Files.delete(part);
            throw new ProvisioningException(
                    "the download of %s has SHA-256 %s, published is %s".formatted(file.getFileName(), actual, sha256));
        }
        Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256.", e);
        }
    }

    /** kube-api-test downloads into a directory of its own, so that a broken download leaves nothing half done. */
    private void downloadEnvtest(Binaries target, List<String> names) throws ProvisioningException {
        Path scratch = testDirectory.resolve("download");
        try {
            // kube-api-test takes whatever directory of that version is there for a complete one
            deleteTree(scratch);
            Files.createDirectories(scratch);
            new BinaryManager(KubeAPIServerConfigBuilder.anAPIServerConfig()
                            .withTestDir(scratch.toString())
                            .withApiServerVersion(Binaries.VERSION)
                            .withOfflineMode(false)
                            .build())
                    .initAndDownloadIfRequired();
            for (String name : names) {
                Path file = Binaries.below(scratch).directory().resolve(name);
                if (Files.exists(file)) {
                    Files.move(file, target.directory().resolve(name), StandardCopyOption.ATOMIC_MOVE);
                }
            }
            deleteTree(scratch);
        } catch (KubeAPITestException | IOException e) {
            throw new ProvisioningException(
                    "kube-api-test could not download envtest " + Binaries.VERSION + " (" + e + ")", e);
        }
    }

    private static void deleteTree(Path tree) throws IOException {
        if (Files.exists(tree)) {
            try (Stream<Path> files = Files.walk(tree)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
