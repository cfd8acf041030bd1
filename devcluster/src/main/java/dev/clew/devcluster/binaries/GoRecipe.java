package dev.clew.devcluster.binaries;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What to build of one Go module that pins all others.
 *
 * @param module names the module's directory below the work directory
 * @param sources the module's files, and the resources that they come from
 * @param targets what to build, by the name of the binary
 * @param linkerFlags what the linker sets: versions
 * @param effort how long it takes, for the one who waits
 * @param instead what can be installed instead of Go, to be put behind that word; or nothing
 */
record GoRecipe(
        String module,
        Map<String, String> sources,
        Map<String, Target> targets,
        List<String> linkerFlags,
        String effort,
        String instead) {

    /** A main package, and how long its build takes on two cores with an empty cache. */
    record Target(String source, Duration usually) {}

    static final GoRecipe CONTROL_PLANE = new GoRecipe(
            Binaries.VERSION,
            Map.of(
                    "go.mod", "go.mod.txt",
                    "go.sum", "go.sum.txt",
                    "tools.go", "tools.go.txt",
                    "etcd/main.go", "etcd-main.go.txt"),
            Map.of(
                    Binaries.ETCD, new Target("./etcd", Duration.ofSeconds(60)),
                    Binaries.KUBECTL, new Target("k8s.io/kubernetes/cmd/kubectl", Duration.ofSeconds(90)),
                    Binaries.API_SERVER, new Target("k8s.io/kubernetes/cmd/kube-apiserver", Duration.ofMinutes(5)),
                    Binaries.CONTROLLER_MANAGER,
                            new Target("k8s.io/kubernetes/cmd/kube-controller-manager", Duration.ofMinutes(3))),
            List.of(
                    "k8s.io/component-base/version.gitVersion=v" + Binaries.VERSION,
                    "k8s.io/component-base/version.gitMajor=" + part(Binaries.VERSION, 0),
                    "k8s.io/component-base/version.gitMinor=" + part(Binaries.VERSION, 1)),
            "about 10 minutes on 2 cores, once per machine",
            "");

    /** Helm believes that it renders for the Kubernetes of the control plane, if it is not told otherwise. */
    static final GoRecipe HELM = new GoRecipe(
            "helm-" + Helm.VERSION,
            Map.of(
                    "go.mod", "helm/go.mod.txt",
                    "go.sum", "helm/go.sum.txt",
                    "tools.go", "helm/tools.go.txt"),
            Map.of(Helm.NAME, new Target("helm.sh/helm/v3/cmd/helm", Duration.ofSeconds(90))),
            List.of(
                    "helm.sh/helm/v3/internal/version.version=v" + Helm.VERSION,
                    "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=" + part(Binaries.VERSION, 0),
                    "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=" + part(Binaries.VERSION, 1),
                    "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor=" + part(Binaries.VERSION, 0),
                    "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor=" + part(Binaries.VERSION, 1)),
            "about 90 seconds on 2 cores, once per machine",
            ", or Helm 3." + Helm.LEAST_MINOR + " or newer (not 4)");

    private static String part(String version, int index) {
        return version.split("\\.", -1)[index];
    }
}
