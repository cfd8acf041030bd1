package dev.clew.operator.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import dev.clew.operator.ClewOperator;
import dev.clew.operator.config.OperatorConfig;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The operator with the ServiceAccount, the rights and the settings that the chart gives it. */
@Tag("own-operator")
@WithDevCluster(crds = "../crds")
class InstalledOperatorTest {
    /** Requests are on their way for three seconds at most here. */
    private static final List<String> QUICK =
            List.of("requests.timeoutSeconds=2", "requests.apiServerTimeoutSeconds=1");

    private static final Duration SOON = Duration.ofSeconds(60);

    /** Deleted while its step runs. */
    private static final String DELETED_RUN = """
            apiVersion: clew.dev/v1alpha1
            kind: WorkflowRun
            metadata: {name: deleted}
            spec:
              workflow:
                steps:
                - name: wait
                  container:
                    image: busybox
                    command: [sh, -c, 'trap "exit 1" TERM; sleep 60 & wait']
                  compensation: {container: {image: busybox, command: ['true']}}
            """;

    @Test
    void forAllNamespacesItRunsTheSampleWithTheRightsOfItsRole(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) throws Exception {
        String elsewhere = another(client, namespace, "elsewhere");
        List<JsonNode> objects = install(client, namespace.name(), QUICK);
        runsTheSample(cluster, namespace.name(), elsewhere, objects, "ClusterRole");
    }

    @Test
    void forOneNamespaceItRunsTheSampleThereAndHasNoRightsElsewhere(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) throws Exception {
        String shop = another(client, namespace, "shop");
        List<String> settings = Stream.concat(QUICK.stream(), Stream.of("watchNamespaces={" + shop + "}"))
                .toList();
        List<JsonNode> objects = install(client, namespace.name(), settings);
        try (KubernetesClient limited = limited(cluster, namespace.name(), "by-hand")) {
            assertForbidden(() ->
                    limited.pods().inNamespace(namespace.name()).withName("any").get());
            assertForbidden(() -> limited.resources(WorkflowRun.class)
                    .inNamespace(namespace.name())
                    .list());
            assertForbidden(
                    () -> limited.namespaces().withName(namespace.name()).get());
            assertThat(limited.namespaces().withName(shop).get()).isNotNull();
        }
        runsTheSample(cluster, namespace.name(), shop, objects, "Role");
    }

    private static void runsTheSample(
            DevCluster cluster, String release, String namespace, List<JsonNode> objects, String kindOfRole)
            throws Exception {
        KubernetesClient client = cluster.client();
        try (KubernetesClient limited = limited(cluster, release, "by-hand")) {
            assertForbidden(() -> limited.secrets().inNamespace(namespace).list());
            assertForbidden(() -> limited.secrets().inNamespace(release).list());
            assertThat(limited.apps()
                            .controllerRevisions()
                            .inNamespace(namespace)
                            .list()
                            .getItems())
                    .isEmpty();
            if (kindOfRole.equals("ClusterRole")) {
                assertThat(limited.nodes().withName("missing").get()).isNull();
            } else {
                assertForbidden(() -> limited.nodes().withName("missing").get());
            }
        }
        Map<String, String> environment = new HashMap<>(Chart.environment(objects));
        environment.put("CLEW_PORT", "0");
        String agent = "clew-operator";
        try (ClewOperator operator =
                ClewOperator.start(OperatorConfig.read(environment), config(cluster, release, agent), () -> {})) {
            assertThat(operator.port()).isPositive();
            Map<String, Optional<RunPhase>> expected = applySamples(cluster, namespace);
            client.resource(client.getKubernetesSerialization().unmarshal(DELETED_RUN, WorkflowRun.class))
                    .inNamespace(namespace)
                    .create();
            Awaitility.await()
                    .atMost(SOON)
                    .until(
                            () -> client
                                    .pods()
                                    .inNamespace(namespace)
                                    .withLabel("clew.dev/run", "deleted")
                                    .list()
                                    .getItems()
                                    .stream()
                                    .anyMatch(pod ->
                                            "Running".equals(pod.getStatus().getPhase())));
            client.resources(WorkflowRun.class)
                    .inNamespace(namespace)
                    .withName("deleted")
                    .delete();
            Awaitility.await().atMost(SOON).untilAsserted(() -> {
                doWhatSamplesSay(client, namespace);
                assertThat(phases(client, namespace)).isEqualTo(expected);
            });
        }
        // a watch enters the log when the server has seen it end
        Awaitility.await().atMost(SOON).untilAsserted(() -> {
            Asked asked = Asked.by("system:serviceaccount:" + release + ":clew", agent, auditLog(cluster));
            assertThat(asked.refused())
                    .as(
                            "requests that the role does not allow; a Role cannot allow any about nodes, and Clew can do without")
                    .isSubsetOf(kindOfRole.equals("Role") ? Set.of("get nodes") : Set.of());
            assertThat(asked.allowed())
                    .as("what the operator asked for")
                    .contains("create pods", "delete pods", "patch workflowruns/status", "create controllerrevisions")
                    .isSubsetOf(granted(objects, kindOfRole));
            Set<String> unused = new TreeSet<>(granted(objects, kindOfRole));
            unused.removeAll(asked.allowed());
            assertThat(unused)
                    .as(
                            "granted and not asked for; these are for answers that got lost, namespaces being deleted, nodes"
                                    + " that were lost, and what happens long after the end of a run")
                    .isSubsetOf(
                            "get pods",
                            "get workflowruns",
                            "get namespaces",
                            "get nodes",
                            "delete workflowruns",
                            "list controllerrevisions",
                            "patch controllerrevisions",
                            "delete controllerrevisions");
        });
    }

    /** Patches runs at the moment that their annotations name, as the demo does. */
    private static void doWhatSamplesSay(KubernetesClient client, String namespace) {
        for (WorkflowRun run : client.resources(WorkflowRun.class)
                .inNamespace(namespace)
                .list()
                .getItems()) {
            Map<String, String> annotations =
                    Objects.requireNonNullElse(run.getMetadata().getAnnotations(), Map.of());
            String at = annotations.get("samples.clew.dev/patch-at");
            boolean now = at != null
                    && run.getMetadata().getGeneration() == 1
                    && (at.equals(run.getStatus().current())
                            || at.equals(String.valueOf(run.getStatus().phase())));
            if (now) {
                client.resource(run)
                        .patch(PatchContext.of(PatchType.JSON_MERGE), annotations.get("samples.clew.dev/patch"));
            }
        }
    }

    /** All samples, with their directories below the cluster's own; how their runs must end. Those to be deleted are left out. */
    private static Map<String, Optional<RunPhase>> applySamples(DevCluster cluster, String namespace)
            throws IOException {
        KubernetesClient client = cluster.client();
        Path worlds = cluster.stateDirectory().resolve("installed").resolve(namespace);
        Files.createDirectories(worlds);
        Map<String, Optional<RunPhase>> expected = new HashMap<>();
        try (var samples = Files.list(Path.of("../samples"))) {
            for (Path sample : samples.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList()) {
                String yaml = Files.readString(sample).replace("/tmp/clew-", worlds + "/");
                for (HasMetadata item : client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                        .items()) {
                    Map<String, String> annotations =
                            Objects.requireNonNullElse(item.getMetadata().getAnnotations(), Map.of());
                    if (annotations.containsKey("samples.clew.dev/delete-at")) {
                        continue;
                    }
                    if (item.getKind().equals("WorkflowRun")) {
                        expected.put(
                                item.getMetadata().getName(),
                                Optional.of(RunPhase.valueOf(
                                        Objects.requireNonNull(annotations.get("samples.clew.dev/expect")))));
                    }
                    client.resource(item).inNamespace(namespace).create();
                }
            }
        }
        assertThat(expected).hasSizeGreaterThan(15);
        return expected;
    }

    @Test
    void withoutTheRightToTheLeaseItSaysWhatToGrantAndDoesNotStart(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) throws Exception {
        List<JsonNode> objects = install(client, namespace.name(), QUICK);
        client.rbac()
                .roleBindings()
                .inNamespace(namespace.name())
                .withName("clew-leader-election")
                .delete();
        Map<String, String> environment = new HashMap<>(Chart.environment(objects));
        environment.put("CLEW_PORT", "0");
        Config connection = config(cluster, namespace.name(), "clew-operator");
        Awaitility.await()
                .atMost(SOON)
                .ignoreExceptions()
                .untilAsserted(() -> Assertions.assertThatThrownBy(
                                () -> ClewOperator.start(OperatorConfig.read(environment), connection, () -> {})
                                        .close())
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("leases.coordination.k8s.io \"clew\" is forbidden")
                        .hasMessageEndingWith("; grant get, create and patch of leases, or set"
                                + " CLEW_LEADER_ELECTION=false if this is the only process"));
    }

    @Test
    void thePodKeepsTheRestrictedStandard(KubernetesClient client, TestNamespace namespace) throws Exception {
        String restricted = namespace.name() + "-restricted";
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(restricted)
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .create();
        client.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("clew")
                        .withNamespace(restricted)
                        .endMetadata()
                        .build())
                .create();
        Deployment deployment = client.getKubernetesSerialization()
                .unmarshal(
                        Chart.theOnly(Chart.objects(restricted, List.of()), "Deployment")
                                .toString(),
                        Deployment.class);
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName("operator")
                .withNamespace(restricted)
                .endMetadata()
                .withSpec(deployment.getSpec().getTemplate().getSpec())
                .build();
        assertThat(client.resource(pod).create().getMetadata().getUid()).isNotEmpty();
        pod.getSpec().getContainers().getFirst().getSecurityContext().setAllowPrivilegeEscalation(true);
        pod.getMetadata().setName("other");
        Assertions.assertThatThrownBy(() -> client.resource(pod).create())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("violates PodSecurity \"restricted:latest\"");
    }

    @Test
    void usersMayWorkWithRunsAndNobodyWritesTheirStatus(KubernetesClient client, TestNamespace namespace)
            throws Exception {
        install(client, namespace.name(), List.of());
        // the controller that makes one role of several does not run here: each user has the parts
        bind(client, namespace.name(), "viewer", "view");
        bind(client, namespace.name(), "editor", "view");
        bind(client, namespace.name(), "editor", "edit");
        Awaitility.await().atMost(SOON).until(() -> may(client, namespace.name(), "editor", "create", ""));
        Awaitility.await().atMost(SOON).until(() -> may(client, namespace.name(), "viewer", "watch", ""));
        assertThat(may(client, namespace.name(), "editor", "get", "")).isTrue();
        assertThat(may(client, namespace.name(), "editor", "delete", "")).isTrue();
        assertThat(may(client, namespace.name(), "viewer", "create", "")).isFalse();
        for (String user : List.of("viewer", "editor")) {
            assertThat(may(client, namespace.name(), user, "patch", "status")).isFalse();
            assertThat(may(client, namespace.name(), user, "update", "status")).isFalse();
        }
    }

    @Test
    void helmInstallsItSaysWhatToDoNextAndLeavesTheCrdsWhenItGoes(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) throws Exception {
        String chart = Chart.DIRECTORY.toString();
        List<String> where = List.of("--kubeconfig", cluster.kubeconfig().toString(), "-n", namespace.name());
        // the cluster of the tests has the CRDs already
        Chart.Said installed = Chart.helm(plus(where, "install", "clew", chart, "--take-ownership"));
        assertThat(installed.text())
                .contains("works in all namespaces, with 2 replicas, of which one acts.")
                .contains("kubectl -n " + namespace.name() + " rollout status deployment/clew")
                .contains("kubectl apply -f samples/order.yaml");
        assertThat(installed.code()).isZero();
        Chart.Said upgraded = Chart.helm(
                plus(where, "upgrade", "clew", chart, "--set", "watchNamespaces={" + namespace.name() + "}"));
        assertThat(upgraded.text()).contains("kubectl apply -n " + namespace.name() + " -f samples/order.yaml");
        assertThat(upgraded.code()).isZero();
        assertThat(client.rbac()
                        .clusterRoles()
                        .withName(namespace.name() + "-clew")
                        .get())
                .isNull();
        Chart.Said gone = Chart.helm(plus(where, "uninstall", "clew"));
        assertThat(gone.code()).as(gone.text()).isZero();
        assertThat(client.apps()
                        .deployments()
                        .inNamespace(namespace.name())
                        .withName("clew")
                        .get())
                .isNull();
        assertThat(client.apiextensions()
                        .v1()
                        .customResourceDefinitions()
                        .withName("workflowruns.clew.dev")
                        .get()
                        .isMarkedForDeletion())
                .isFalse();
    }

    private static void bind(KubernetesClient client, String namespace, String user, String part) {
        client.resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName(user + "-" + part)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", namespace + "-clew-" + part)
                        .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
                        .build())
                .create();
    }

    private static List<String> plus(List<String> where, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(where);
        return all;
    }

    static List<JsonNode> install(KubernetesClient client, String release, List<String> settings) throws Exception {
        String yaml = Chart.template(release, settings).text();
        List<HasMetadata> items = client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .items();
        assertThat(items).extracting(HasMetadata::getKind).contains("CustomResourceDefinition", "Deployment");
        items.forEach(item -> client.resource(item).forceConflicts().serverSideApply());
        return Chart.documents(yaml);
    }

    private static String another(KubernetesClient client, TestNamespace namespace, String suffix) {
        String name = namespace.name() + "-" + suffix;
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        return name;
    }

    /** Nothing but a token of the rendered ServiceAccount. */
    private static Config config(DevCluster cluster, String release, String agent) {
        TokenRequest token = cluster.client()
                .serviceAccounts()
                .inNamespace(release)
                .withName("clew")
                .tokenRequest(new TokenRequest());
        Config all = cluster.clientConfig(agent);
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(all.getMasterUrl())
                .withCaCertFile(all.getCaCertFile())
                .withOauthToken(token.getStatus().getToken())
                .withRequestRetryBackoffLimit(0)
                .withUserAgent(agent)
                .build();
    }

    static KubernetesClient limited(DevCluster cluster, String release, String agent) {
        return new KubernetesClientBuilder()
                .withConfig(config(cluster, release, agent))
                .build();
    }

    private static void assertForbidden(ThrowingCallable request) {
        Assertions.assertThatThrownBy(request)
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        refusal -> assertThat(refusal.getCode()).isEqualTo(403));
    }

    private static boolean may(
            KubernetesClient client, String namespace, String user, String verb, String subresource) {
        return client.resource(new SubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withUser(user)
                        .withNewResourceAttributes()
                        .withGroup("clew.dev")
                        .withResource("workflowruns")
                        .withSubresource(subresource)
                        .withNamespace(namespace)
                        .withVerb(verb)
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .create()
                .getStatus()
                .getAllowed();
    }

    private static Map<String, Optional<RunPhase>> phases(KubernetesClient client, String namespace) {
        Map<String, Optional<RunPhase>> phases = new HashMap<>();
        client.resources(WorkflowRun.class)
                .inNamespace(namespace)
                .list()
                .getItems()
                .forEach(run -> phases.put(
                        run.getMetadata().getName(),
                        Optional.ofNullable(run.getStatus()).map(WorkflowRunStatus::phase)));
        return phases;
    }

    /** The operator's roles, as "verb resource". */
    private static Set<String> granted(List<JsonNode> objects, String kind) {
        Set<String> granted = new TreeSet<>();
        Stream.of(kind, "Role")
                .flatMap(each -> Chart.ofKind(objects, each).stream())
                .filter(role -> role.at("/metadata/name").asText().matches(".*-clew|clew-leader-election"))
                .forEach(role -> role.path("rules")
                        .forEach(rule -> rule.path("resources")
                                .forEach(resource -> rule.path("verbs")
                                        .forEach(verb -> granted.add(verb.asText() + " " + resource.asText())))));
        return granted;
    }

    private static Path auditLog(DevCluster cluster) {
        return cluster.auditLog().orElseThrow();
    }

    /** What a user asked for, as "verb resource". */
    private record Asked(Set<String> allowed, Set<String> refused) {
        static Asked by(String user, String agent, Path log) throws IOException {
            var mapper = new ObjectMapper();
            var asked = new Asked(new TreeSet<>(), new TreeSet<>());
            for (String line : Files.readAllLines(log)) {
                JsonNode event = line.contains(user) ? mapper.readTree(line) : mapper.nullNode();
                JsonNode object = event.path("objectRef");
                if (user.equals(event.at("/user/username").asText())
                        && event.path("userAgent").asText().startsWith(agent)
                        && object.has("resource")) {
                    String subresource = object.path("subresource").asText();
                    String what = event.path("verb").asText() + " "
                            + object.path("resource").asText() + (subresource.isEmpty() ? "" : "/" + subresource);
                    boolean forbidden = event.at("/responseStatus/code").asInt() == 403;
                    (forbidden ? asked.refused() : asked.allowed()).add(what);
                }
            }
            return asked;
        }
    }
}
