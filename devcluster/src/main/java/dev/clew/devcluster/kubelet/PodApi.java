package dev.clew.devcluster.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writes of a kubelet, each one request (fabric8's own patch reads first) and each guarded by the pod's UID. Trouble that
 * may pass is outwaited; only a status is not written later than it was true, so it is dropped while the link is cut.
 */
final class PodApi {
    private static final Logger LOG = LoggerFactory.getLogger(PodApi.class);
    private static final String STRATEGIC = "application/strategic-merge-patch+json";
    private static final String MERGE = "application/merge-patch+json";
    private static final String JSON = "application/json";
    private static final long MAX_BACKOFF_MILLIS = 1_000;

    private final KubernetesClient client;
    private final NodeLink link;

    PodApi(KubernetesClient client, NodeLink link) {
        this.client = client;
        this.link = link;
    }

    /** Returns when the API server can be reached. */
    void awaitLink() throws InterruptedException {
        link.awaitUp();
    }

    /** The pod is gone, or another object has its name: there is nothing to write to. */
    static final class PodGoneException extends Exception {
        PodGoneException(Pod pod, String why) {
            super(pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName() + ": " + why);
        }
    }

    /** A request is wrong in itself. */
    static final class RefusedException extends RuntimeException {
        RefusedException(HttpRequest request, String why) {
            super(request.method() + " " + request.uri() + " is wrong: " + why);
        }
    }

    /** Merges into the status; gives the pod as it is then, or nothing if the link is cut. */
    Optional<Pod> patchStatus(Pod pod, Map<String, ? extends @Nullable Object> status)
            throws PodGoneException, InterruptedException {
        Map<String, Object> patch = new LinkedHashMap<>();
        patch.put("metadata", Map.of("uid", pod.getMetadata().getUid()));
        patch.put("status", status);
        HttpRequest request = request("PATCH", url(pod) + "/status", STRATEGIC, Serialization.asJson(patch));
        return send(pod, request, link::tryEnter).map(PodApi::pod);
    }

    /** Binds a pod to a node; false if it has been bound by another, or the binding is refused. */
    boolean bind(Pod pod, String node) throws InterruptedException {
        Map<String, Object> binding = Map.of(
                "apiVersion",
                "v1",
                "kind",
                "Binding",
                "metadata",
                Map.of(
                        "name", pod.getMetadata().getName(),
                        "namespace", pod.getMetadata().getNamespace(),
                        "uid", pod.getMetadata().getUid()),
                "target",
                Map.of("apiVersion", "v1", "kind", "Node", "name", node));
        try {
            var _ = send(pod, request("POST", url(pod) + "/binding", JSON, Serialization.asJson(binding)), this::enter);
            return true;
        } catch (PodGoneException e) {
            LOG.debug("Not bound: {}", e.getMessage());
            return false;
        }
    }

    /** Replaces the fields of the status that are given; gives the pod as it is then. */
    Pod replaceStatus(Pod pod, JsonNode status) throws PodGoneException, InterruptedException {
        Map<String, Object> patch =
                Map.of("metadata", Map.of("uid", pod.getMetadata().getUid()), "status", status);
        HttpRequest request = request("PATCH", url(pod) + "/status", MERGE, Serialization.asJson(patch));
        return pod(send(pod, request, this::enter).orElseThrow());
    }

    /** The kubelet's own, last DELETE: the pod's containers are gone, its name may be free. */
    void confirmDeletion(Pod pod) throws InterruptedException {
        try {
            var _ = delete(pod, 0);
        } catch (PodGoneException e) {
            LOG.debug("Deletion already confirmed: {}", e.getMessage());
        }
    }

    /** Gives the pod as it is then. */
    Pod delete(Pod pod, long graceSeconds) throws PodGoneException, InterruptedException {
        Map<String, Object> options = Map.of(
                "apiVersion",
                "v1",
                "kind",
                "DeleteOptions",
                "gracePeriodSeconds",
                graceSeconds,
                "preconditions",
                Map.of("uid", pod.getMetadata().getUid()));
        HttpRequest request = request("DELETE", url(pod), JSON, Serialization.asJson(options));
        return pod(send(pod, request, this::enter).orElseThrow());
    }

    private static Pod pod(HttpResponse<String> response) {
        return Serialization.unmarshal(response.body(), Pod.class);
    }

    private String url(Pod pod) {
        return client.getConfiguration().getMasterUrl() + "api/v1/namespaces/"
                + pod.getMetadata().getNamespace() + "/pods/"
                + pod.getMetadata().getName();
    }

    private HttpRequest request(String method, String url, String contentType, String body) {
        return client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(url)
                .method(method, contentType, body)
                .build();
    }

    private interface Entrance {
        boolean open() throws InterruptedException;
    }

    private boolean enter() throws InterruptedException {
        link.enter();
        return true;
    }

    private Optional<HttpResponse<String>> send(Pod pod, HttpRequest request, Entrance entrance)
            throws PodGoneException, InterruptedException {
        for (long backoff = 50; ; backoff = Math.min(2 * backoff, MAX_BACKOFF_MILLIS)) {
            if (!entrance.open()) {
                return Optional.empty();
            }
            String trouble;
            try {
                HttpResponse<String> response =
                        client.getHttpClient().sendAsync(request, String.class).get();
                if (response.isSuccessful()) {
                    return Optional.of(response);
                }
                trouble = response.code() + " " + response.body();
                failIfFinal(pod, request, response.code(), trouble);
            } catch (ExecutionException e) {
                trouble = String.valueOf(e.getCause());
            } finally {
                link.leave();
            }
            LOG.debug("{} {}: {}; again in {} ms", request.method(), request.uri(), trouble, backoff);
            TimeUnit.MILLISECONDS.sleep(backoff);
        }
    }

    private static void failIfFinal(Pod pod, HttpRequest request, int code, String trouble) throws PodGoneException {
        boolean otherObject = trouble.contains("metadata.uid") || trouble.contains("precondition");
        boolean binding = request.uri().getPath().endsWith("/binding");
        if (code == 404 || ((code == 409 || code == 422) && (otherObject || binding))) {
            throw new PodGoneException(pod, trouble);
        }
        if (code == 403 && trouble.contains("NamespaceTerminating")) {
            throw new PodGoneException(pod, trouble);
        }
        if (code == 400 || code == 422) {
            throw new RefusedException(request, trouble);
        }
    }
}
