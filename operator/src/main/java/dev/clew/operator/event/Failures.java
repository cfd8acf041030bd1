package dev.clew.operator.event;

import dev.clew.engine.protocol.Cluster.CreateFailedException;
import dev.clew.engine.protocol.Cluster.PassingRefusalException;
import dev.clew.operator.leader.NotLeadingException;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.slf4j.Logger;

/** Logs why a reconciliation failed; JOSDK repeats it with growing waits. */
public final class Failures {
    private Failures() {}

    /** A request that failed is told in a line, a fault of ours with all there is. */
    public static void log(Logger log, HasMetadata resource, Exception error) {
        String namespace = resource.getMetadata().getNamespace();
        String name = resource.getMetadata().getName();
        Throwable cause = error.getCause() == null ? error : error.getCause();
        if (cause instanceof KubernetesClientException
                || cause instanceof PassingRefusalException
                || cause instanceof CreateFailedException
                || cause instanceof NotLeadingException) {
            log.warn("{}/{} will be tried again: {}", namespace, name, cause.getMessage());
        } else {
            log.error("{}/{} will be tried again: {}", namespace, name, error.getMessage(), error);
        }
    }
}
