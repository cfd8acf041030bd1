package dev.clew.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What kubectl prints when somebody applies something wrong, as a whole. */
@WithDevCluster(crds = ".")
class MistakesTest {
    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of(
                        "dependsOn in a sequential workflow",
                        """
                        spec:
                          steps:
                          - {name: reserve, container: {image: busybox}}
                          - {name: charge, dependsOn: [reserve], container: {image: busybox}}
                        """,
                        "The Workflow \"mistake\" is invalid: spec.order: Invalid value: \"object\": a step has dependsOn, but the order is"
                                + " Sequential, where each step follows the one above it: set order: Graph, or remove dependsOn\n"),
                Arguments.of(
                        "two actions in a step",
                        """
                        spec:
                          steps:
                          - {name: reserve, container: {image: busybox}, http: {url: 'https://example.com'}}
                        """,
                        "Error from server (BadRequest): error when creating \"STDIN\": Workflow in version \"v1alpha1\" cannot be"
                                + " handled as a Workflow: strict decoding error: unknown field \"spec.steps[0].http\"\n"),
                Arguments.of(
                        "no action in a step",
                        """
                        spec:
                          steps:
                          - {name: reserve}
                        """,
                        "The Workflow \"mistake\" is invalid: \n"
                                + "* spec.steps[0].container: Required value\n"
                                + "* <nil>: Invalid value: null: some validation rules were not checked because the object was"
                                + " invalid; correct the existing errors to complete validation\n"),
                Arguments.of(
                        "a reserved environment variable",
                        """
                        spec:
                          steps:
                          - {name: reserve, container: {image: busybox, env: [{name: CLEW_RUN, value: mine}]}}
                        """,
                        "The Workflow \"mistake\" is invalid: spec.steps[0].container.env[0].name: Invalid value: \"object\": names that"
                                + " begin with CLEW_ are reserved: Clew sets them itself\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void kubectlSaysWhatIsWrong(String what, String spec, String expected, DevCluster cluster, TestNamespace namespace)
            throws Exception {
        var kubectl = new ProcessBuilder(cluster.kubectl().toString(), "apply", "-n", namespace.name(), "-f", "-")
                .redirectErrorStream(true);
        kubectl.environment().put("KUBECONFIG", cluster.kubeconfig().toString());
        Process process = kubectl.start();
        try (var input = process.getOutputStream()) {
            input.write(("apiVersion: clew.dev/v1alpha1\nkind: Workflow\nmetadata: {name: mistake}\n" + spec)
                    .getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isNotZero();
        assertThat(output).isEqualTo(expected);
    }
}
