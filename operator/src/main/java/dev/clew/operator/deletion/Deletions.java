package dev.clew.operator.deletion;

import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import org.jspecify.annotations.Nullable;

/** Deletes an object only if it is still the one that was meant: every DELETE carries the UID. */
public final class Deletions {
    private final KubernetesClient client;

    /** Deletions with a client. */
    public Deletions(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Deletes an object.
     *
     * @param path of the object in the API, as {@code /api/v1/namespaces/shop/pods/order-42}
     * @param resourceVersion that it must still have; null if any will do
     * @return whether it was deleted; not if it is gone, another one, or changed
     */
    public boolean delete(String path, String uid, @Nullable String resourceVersion) {
        DeleteOptions options = new DeleteOptionsBuilder()
                .withNewPreconditions()
                .withUid(uid)
                .withResourceVersion(resourceVersion)
                .endPreconditions()
                .build();
        try {
            client.raw(path, "DELETE", options);
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND && e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            return false;
        }
    }
}
