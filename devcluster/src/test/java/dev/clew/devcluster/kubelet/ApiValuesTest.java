package dev.clew.devcluster.kubelet;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.clew.devcluster.kubelet.ContainerEnvironment.ConfigErrorException;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import org.junit.jupiter.api.Test;

class ApiValuesTest {
    /** A configuration error keeps the container waiting; it is tried again. */
    @Test
    void what_cannot_be_read_is_a_configuration_error() {
        Config nobodyThere = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:1")
                .withRequestRetryBackoffLimit(0)
                .build();
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(nobodyThere).build()) {
            NodeLink link = new NodeLink();
            ApiValues values = new ApiValues(client, link);

            assertThatThrownBy(() -> values.secret("n", "s"))
                    .isInstanceOf(ConfigErrorException.class)
                    .hasMessageStartingWith("failed to sync secret cache: ");
            link.cut();
            assertThatThrownBy(() -> values.configMap("n", "c"))
                    .isInstanceOf(ConfigErrorException.class)
                    .hasMessage("failed to sync configmap cache: timed out waiting for the condition");
        }
    }
}
