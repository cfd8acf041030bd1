package dev.clew.engine.run;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds out which GitOps tool keeps an object, and would create it again if it were deleted. */
public final class GitOps {
    private GitOps() {}

    /** The tool; null if there is none, or if the object is a hook, which the tool itself deletes and creates. */
    public static @Nullable String tool(Map<String, String> labels, Map<String, String> annotations) {
        if (annotations.containsKey("argocd.argoproj.io/hook") || annotations.containsKey("helm.sh/hook")) {
            return null;
        }
        if (annotations.containsKey("argocd.argoproj.io/tracking-id")) {
            return "Argo CD";
        }
        boolean flux = labels.containsKey("kustomize.toolkit.fluxcd.io/name")
                || labels.containsKey("helm.toolkit.fluxcd.io/name");
        return flux ? "Flux" : null;
    }
}
