package dev.clew.devcluster.junit;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.function.Predicate;

/**
 * The namespace of one test. It is deleted after the test, without waiting until it is gone.
 *
 * @param name its name
 */
public record TestNamespace(String name) {
    /** Whether an object is in it. */
    public boolean contains(HasMetadata object) {
        return name.equals(object.getMetadata().getNamespace());
    }

    /** Matches its pods: for scripts of the kubelet that are to be of this test alone. */
    public Predicate<Pod> pods() {
        return this::contains;
    }
}
