package dev.clew.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.clew.operator.config.OperatorConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the chart renders. */
@Tag("own-operator")
class ChartTest {
    private static final Path CRDS = Path.of("../crds");
    private static final Path CHART_CRDS = Chart.DIRECTORY.resolve("files/crds");
    /** A release is one Secret of 1 MiB at most, and others than us have run into that. */
    private static final int MOST_CRD_BYTES = 200_000;

    @TempDir
    Path directory;

    @Test
    void helmFindsNothingToComplainAbout() throws Exception {
        Chart.Said said = Chart.helm(List.of("lint", "--strict", Chart.DIRECTORY.toString()));
        assertThat(said.code()).as(said.text()).isZero();
    }

    @Test
    void theChartHasTheCrdsOfTheApiAndKeepsThem() throws Exception {
        assertThat(names(CHART_CRDS))
                .as("files of %s; mend: cp crds/*.yaml helm/clew/files/crds/", CHART_CRDS)
                .isEqualTo(names(CRDS));
        List<JsonNode> rendered = Chart.ofKind(Chart.objects("any", List.of()), "CustomResourceDefinition");
        assertThat(rendered).hasSameSizeAs(names(CRDS));
        int bytes = 0;
        for (String name : names(CRDS)) {
            String original = Files.readString(CRDS.resolve(name));
            bytes += original.length();
            assertThat(Files.readString(CHART_CRDS.resolve(name)))
                    .as("%s/%s; mend: cp crds/*.yaml helm/clew/files/crds/", CHART_CRDS, name)
                    .isEqualTo(original);
            ObjectNode expected = (ObjectNode) Chart.documents(original).getFirst();
            expected.withObject("/metadata/annotations").put("helm.sh/resource-policy", "keep");
            assertThat(rendered).contains(expected);
        }
        assertThat(bytes).as("bytes of all CRDs").isLessThan(MOST_CRD_BYTES);
    }

    @Test
    void theCrdsCanGoWithTheReleaseOrComeFromElsewhere() throws Exception {
        List<JsonNode> going = Chart.objects("any", List.of("crds.keep=false"));
        assertThat(Chart.ofKind(going, "CustomResourceDefinition"))
                .hasSize(2)
                .allSatisfy(crd -> assertThat(crd.at("/metadata/annotations").isMissingNode())
                        .isTrue());
        assertThat(Chart.ofKind(Chart.objects("any", List.of("crds.install=false")), "CustomResourceDefinition"))
                .isEmpty();
    }

    @Test
    void byDefaultTwoReplicasShareALeaseAndOneWorksInAllNamespaces() throws Exception {
        List<JsonNode> objects = Chart.objects("clew-system", List.of());
        JsonNode deployment = Chart.theOnly(objects, "Deployment");
        assertThat(deployment.at("/spec/replicas").asInt()).isEqualTo(2);
        assertThat(Chart.ofKind(objects, "PodDisruptionBudget")).hasSize(1);
        assertThat(deployment.at("/metadata/namespace").asText()).isEqualTo("clew-system");
        assertThat(Chart.theOnly(objects, "ClusterRoleBinding").at("/subjects/0"))
                .isEqualTo(yaml("{kind: ServiceAccount, name: clew, namespace: clew-system}"));
        assertThat(Chart.theOnly(objects, "Role").at("/metadata"))
                .isEqualTo(Chart.theOnly(objects, "RoleBinding").at("/metadata"));
        assertThat(Chart.theOnly(objects, "Role").at("/rules")).isEqualTo(yaml("""
                        - {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [create]}
                        - {apiGroups: [coordination.k8s.io], resources: [leases], resourceNames: [clew], verbs: [get, patch]}
                        """));
        assertThat(Chart.container(objects).path("image").asText())
                .isEqualTo("clew-operator:" + appVersion())
                .endsWith(projectVersion());
        Map<String, String> defaults =
                new TreeMap<>(OperatorConfig.read(Map.of()).effective());
        defaults.put("CLEW_LEASE_NAMESPACE", "clew-system");
        assertThat(environmentOf(objects).effective()).isEqualTo(defaults);
    }

    @Test
    void forSomeNamespacesThereAreRightsInThemAndNowhereElse() throws Exception {
        List<JsonNode> objects =
                Chart.objects("clew-system", List.of("watchNamespaces={shop,billing}", "rbac.aggregate=false"));
        assertThat(Chart.ofKind(objects, "ClusterRole")).isEmpty();
        assertThat(Chart.ofKind(objects, "ClusterRoleBinding")).isEmpty();
        assertThat(Chart.ofKind(objects, "Role"))
                .extracting(role -> role.at("/metadata/namespace").asText())
                .as("and the Lease is in the release's own")
                .containsExactlyInAnyOrder("shop", "billing", "clew-system");
        assertThat(Chart.ofKind(objects, "RoleBinding")).hasSize(3);
        assertThat(environmentOf(objects).namespaces()).containsExactlyInAnyOrder("shop", "billing");
    }

    @Test
    void settingsReachTheOperatorUnderNamesThatItKnows() throws Exception {
        OperatorConfig config = environmentOf(Chart.objects(
                "any",
                List.of(
                        "logLevel=debug",
                        "requests.timeoutSeconds=7",
                        "requests.apiServerTimeoutSeconds=90",
                        "requests.most=8",
                        "leaderElection.leaseSeconds=30",
                        "leaderElection.renewDeadlineSeconds=20",
                        "watchNamespaces={shop}")));
        assertThat(config)
                .isEqualTo(new OperatorConfig(
                        Set.of("shop"),
                        8080,
                        Duration.ofSeconds(7),
                        Duration.ofSeconds(90),
                        8,
                        "debug",
                        new OperatorConfig.Election(
                                "any", "clew", Duration.ofSeconds(30), Duration.ofSeconds(20), "")));
    }

    @Test
    void settingsReachThePod() throws Exception {
        List<JsonNode> objects = Chart.objects(
                "any",
                List.of(
                        "image.repository=example/clew",
                        "image.tag=1.2.3",
                        "image.pullPolicy=Always",
                        "imagePullSecrets[0].name=pull",
                        "nodeSelector.disk=ssd",
                        "podAnnotations.a=b",
                        "tolerations[0].key=only",
                        "tolerations[0].operator=Exists",
                        "resources.limits.memory=1Gi",
                        "affinity.nodeAffinity.x=y"));
        JsonNode template = Chart.theOnly(objects, "Deployment").at("/spec/template");
        assertThat(template.at("/metadata/annotations/a").asText()).isEqualTo("b");
        JsonNode pod = template.path("spec");
        assertThat(pod.path("imagePullSecrets")).isEqualTo(yaml("[{name: pull}]"));
        assertThat(pod.path("nodeSelector")).isEqualTo(yaml("{disk: ssd}"));
        assertThat(pod.path("tolerations")).isEqualTo(yaml("[{key: only, operator: Exists}]"));
        assertThat(pod.path("affinity")).isEqualTo(yaml("{nodeAffinity: {x: y}}"));
        JsonNode container = Chart.container(objects);
        assertThat(container.path("image").asText()).isEqualTo("example/clew:1.2.3");
        assertThat(container.path("imagePullPolicy").asText()).isEqualTo("Always");
        assertThat(container.at("/resources/limits/memory").asText()).isEqualTo("1Gi");
    }

    @Test
    void oneReplicaNeedsNoBudgetAndThePolicyCanBeLeftOut() throws Exception {
        List<JsonNode> objects = Chart.objects("any", List.of("replicas=1", "leaderElection.admissionPolicy=false"));
        assertThat(Chart.ofKind(objects, "PodDisruptionBudget")).isEmpty();
        assertThat(Chart.ofKind(objects, "ValidatingAdmissionPolicy")).isEmpty();
        assertThat(Chart.ofKind(objects, "ValidatingAdmissionPolicyBinding")).isEmpty();
    }

    @Test
    void noRuleIsAWildcardAndNoneConcernsSecrets() throws Exception {
        List<JsonNode> objects = Chart.objects("any", List.of());
        assertThat(Chart.ofKind(objects, "ClusterRole"))
                .hasSize(3)
                .allSatisfy(role ->
                        assertThat(role.path("rules").toString()).doesNotContain("*", "secrets", "serviceaccounts"));
        assertThat(Chart.ofKind(objects, "ClusterRole"))
                .filteredOn(role -> role.at("/metadata/labels/rbac.authorization.k8s.io~1aggregate-to-edit")
                        .isTextual())
                .hasSize(2)
                .allSatisfy(role -> assertThat(role.path("rules").toString()).doesNotContain("status"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            image.tagg=1                        | at '/image': additional properties 'tagg' not allowed
            replicas=0                          | at '/replicas': minimum: got 0, want 1
            leaderElection.leaseSeconds=1       | at '/leaderElection/leaseSeconds': minimum: got 1, want 2
            leaderElection.leaseSeconds=9       | leaderElection.renewDeadlineSeconds must be less than leaderElection.leaseSeconds, which is 9, not 10
            logLevel=loud                       | at '/logLevel': value must be one of 'error', 'warn', 'info', 'debug', 'trace'
            watchNamespaces={Shop}              | at '/watchNamespaces/0': 'Shop' does not match pattern
            watchNamespaces=shop                | at '/watchNamespaces': got string, want array
            requests.timeoutSeconds=0           | at '/requests/timeoutSeconds': minimum: got 0, want 1
            requests.apiServerTimeoutSeconds=1m | at '/requests/apiServerTimeoutSeconds': got string, want integer
            resources.memory=1Gi                | at '/resources': additional properties 'memory' not allowed
            crds.install=maybe                  | at '/crds/install': got string, want boolean
            """)
    void aWrongValueIsRefusedByName(String setting, String complaint) throws Exception {
        Chart.Said said = Chart.template("any", List.of(setting));
        assertThat(said.code()).isNotZero();
        assertThat(said.text()).contains(complaint);
    }

    @Test
    void everyValueIsInTheSchemaAndInTheReadme() throws Exception {
        JsonNode values = new YAMLMapper().readTree(Files.readString(Chart.DIRECTORY.resolve("values.yaml")));
        JsonNode schema = new ObjectMapper().readTree(Files.readString(Chart.DIRECTORY.resolve("values.schema.json")));
        String readme = Files.readString(Chart.DIRECTORY.resolve("README.md"));
        Set<String> known = new TreeSet<>();
        schema.path("properties").fieldNames().forEachRemaining(known::add);
        known.remove("global");
        Set<String> given = new TreeSet<>();
        values.fieldNames().forEachRemaining(given::add);
        assertThat(given).isEqualTo(known);
        assertThat(given).allSatisfy(name -> assertThat(readme).contains("`" + name));
        for (String name : Set.of("image", "leaderElection", "requests", "crds")) {
            values.path(name)
                    .fieldNames()
                    .forEachRemaining(field -> assertThat(readme).contains("`" + name + "." + field + "`"));
        }
    }

    /** As from a file, of which the operator refuses keys that it does not know. */
    private OperatorConfig environmentOf(List<JsonNode> objects) throws IOException {
        Path file = directory.resolve("clew.yaml");
        Files.writeString(file, new YAMLMapper().writeValueAsString(Chart.environment(objects)));
        return OperatorConfig.read(Map.of("CLEW_CONFIG", file.toString()));
    }

    private static Set<String> names(Path crds) throws IOException {
        try (Stream<Path> files = Files.list(crds)) {
            Set<String> names = new TreeSet<>();
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml"))
                    .forEach(names::add);
            return names;
        }
    }

    private static String appVersion() throws IOException {
        return new YAMLMapper()
                .readTree(Files.readString(Chart.DIRECTORY.resolve("Chart.yaml")))
                .path("appVersion")
                .asText();
    }

    private static String projectVersion() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        return pom.substring(pom.indexOf("<version>") + "<version>".length(), pom.indexOf("</version>"));
    }

    private static JsonNode yaml(String text) throws IOException {
        return new YAMLMapper().readTree(text);
    }
}
