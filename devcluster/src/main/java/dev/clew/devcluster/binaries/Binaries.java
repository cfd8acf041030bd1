package dev.clew.devcluster.binaries;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The directory with the binaries of one control plane, in the layout of kube-api-test:
 * {@code <test directory>/k8s/<version>-<os>-<arch>/}.
 *
 * @param directory the directory that holds them
 */
public record Binaries(Path directory) {
    /** The version of Kubernetes that this module runs. */
    public static final String VERSION = "1.34.4";

    static final String ETCD = "etcd";
    static final String API_SERVER = "kube-apiserver";
    static final String CONTROLLER_MANAGER = "kube-controller-manager";
    static final String KUBECTL = "kubectl";
    static final List<String> NAMES = List.of(ETCD, KUBECTL, API_SERVER, CONTROLLER_MANAGER);

    /** The place of this version's binaries below a test directory of kube-api-test. */
    public static Binaries below(Path testDirectory) {
        return new Binaries(testDirectory.resolve("k8s").resolve(VERSION + "-" + os() + "-" + arch()));
    }

    /** etcd. */
    public Path etcd() {
        return directory.resolve(ETCD);
    }

    /** kube-apiserver. */
    public Path apiServer() {
        return directory.resolve(API_SERVER);
    }

    /** kube-controller-manager. */
    public Path controllerManager() {
        return directory.resolve(CONTROLLER_MANAGER);
    }

    /** kubectl. */
    public Path kubectl() {
        return directory.resolve(KUBECTL);
    }

    /** The names of those that are not there as executable files. */
    List<String> missing() {
        return missing(NAMES);
    }

    /** Those of these names that are not there as executable files. */
    List<String> missing(List<String> names) {
        return names.stream()
                .filter(name -> !Files.isExecutable(directory.resolve(name)))
                .toList();
    }

    static String os() {
        String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        return name.startsWith("mac") ? "darwin" : name;
    }

    static String arch() {
        String arch = System.getProperty("os.arch");
        return switch (arch) {
            case "aarch64" -> "arm64";
            case "x86_64" -> "amd64";
            default -> arch;
        };
    }
}
