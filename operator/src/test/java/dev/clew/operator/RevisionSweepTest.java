package dev.clew.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.clew.api.Workflow;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import dev.clew.operator.config.OperatorConfig;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of snapshots that nothing uses any more; here nobody waits for the next sweep, nor an hour. */
@OwnOperator
@WithDevCluster(crds = "../crds")
class RevisionSweepTest {
    private static final String UNUSED_SINCE = "clew.dev/unused-since";
    private static final TextNode UNKNOWN = TextNode.valueOf("Levitating");

    private KubernetesClient client;
    private String namespace;
    private ClewOperator operator;

    @BeforeEach
    void start(DevCluster cluster, TestNamespace lent) throws Exception {
        client = cluster.client();
        namespace = lent.name();
        var config = new OperatorConfig(
                Set.of(namespace), 0, Duration.ofSeconds(2), Duration.ofSeconds(1), 64, "info", null);
        operator = ClewOperator.start(config, cluster.clientConfig("clew-operator"), () -> {});
    }

    @AfterEach
    void stop() {
        operator.close();
    }

    /** Gives the Workflow a content; the name of its revision. */
    private String apply(String command) {
        Workflow applied = client.resource(
                        client.getKubernetesSerialization().unmarshal("""
                                apiVersion: clew.dev/v1alpha1
                                kind: Workflow
                                metadata: {name: trip}
                                spec: {steps: [{name: a, container: {image: busybox, command: ['%s']}}]}
                                """.formatted(command), Workflow.class))
                .inNamespace(namespace)
                .createOr(resource -> resource.patch());
        return Awaitility.await()
                .until(
                        () -> {
                            var status = workflow().get().getStatus();
                            return Objects.equals(
                                            status.observedGeneration(),
                                            applied.getMetadata().getGeneration())
                                    ? status.revision()
                                    : null;
                        },
                        Objects::nonNull);
    }

    private Resource<Workflow> workflow() {
        return client.resources(Workflow.class).inNamespace(namespace).withName("trip");
    }

    private Resource<WorkflowRun> run(String name) {
        return client.resources(WorkflowRun.class).inNamespace(namespace).withName(name);
    }

    private void createRun(String name) {
        client.resource(client.getKubernetesSerialization().unmarshal("""
                                apiVersion: clew.dev/v1alpha1
                                kind: WorkflowRun
                                metadata: {name: %s}
                                spec: {workflowRef: {name: trip}}
                                """.formatted(name), WorkflowRun.class))
                .inNamespace(namespace)
                .create();
    }

    private void runToItsEnd(String name) {
        createRun(name);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> run(name).get().getStatus().phase() == RunPhase.Succeeded
                        && run(name).get().getMetadata().getFinalizers().isEmpty());
    }

    private Resource<ControllerRevision> revision(String name) {
        return client.apps().controllerRevisions().inNamespace(namespace).withName(name);
    }

    private @Nullable String mark(String revision) {
        Map<String, String> annotations = revision(revision).get().getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(UNUSED_SINCE);
    }

    private void markedLongAgo(String revision) {
        revision(revision)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"" + UNUSED_SINCE + "\":\""
                                + Instant.now().minus(Duration.ofMinutes(61)) + "\"}}}");
    }

    /** Caches may lag: sweeps until what they know has had its effect. */
    private void sweepUntilMarked(String revision) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            operator.sweep();
            return mark(revision) != null;
        });
    }

    @Test
    void aRevisionThatNothingUsesIsMarkedAndDeletedAnHourLater() {
        String first = apply("true");
        String second = apply("date");

        sweepUntilMarked(first);
        assertThat(mark(second)).as("the Workflow has this content").isNull();

        operator.sweep();
        assertThat(revision(first).get()).as("an hour has not passed").isNotNull();

        markedLongAgo(first);
        operator.sweep();
        assertThat(revision(first).get()).isNull();
        assertThat(revision(second).get()).isNotNull();
    }

    @Test
    void aMarkedRevisionThatIsRunAgainLosesItsMark() {
        String first = apply("true");
        runToItsEnd("trip-1");
        apply("date");
        run("trip-1").delete();
        sweepUntilMarked(first);

        assertThat(apply("true")).isEqualTo(first);
        runToItsEnd("trip-2");

        assertThat(mark(first)).isNull();
        operator.sweep();
        assertThat(mark(first)).isNull();
    }

    @Test
    void whatAFinishedRunWorkedOnIsKeptAsLongAsTheRunIs() {
        String revision = apply("true");
        runToItsEnd("trip-1");
        workflow().delete();
        markedLongAgo(revision);

        operator.sweep();
        assertThat(mark(revision)).as("the mark was wrong").isNull();
        operator.sweep();
        assertThat(mark(revision)).isNull();

        isSweptOnceTheRunIsGone(revision, "trip-1");
    }

    private void isSweptOnceTheRunIsGone(String revision, String run) {
        run(run).delete();
        sweepUntilMarked(revision);
        markedLongAgo(revision);
        operator.sweep();
        assertThat(revision(revision).get()).isNull();
    }

    @Test
    void whereARunCannotBeReadNothingIsDeletedForItMayBeInUse() {
        String revision = apply("true");
        apply("date");
        runToItsEnd("newer");
        sweepUntilMarked(revision);
        editPhases(phases -> phases.getEnum().add(UNKNOWN));
        try {
            Awaitility.await()
                    .ignoreExceptions()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> run("newer")
                            .subresource("status")
                            .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"phase\":\"Levitating\"}}")
                            .unreadable()
                            .isPresent());
            isSweptOnlyOnceTheRunIsGone(revision, "newer");
        } finally {
            run("newer").delete();
            Awaitility.await().until(() -> run("newer").get() == null);
            editPhases(phases -> phases.getEnum().remove(UNKNOWN));
        }
    }

    private void isSweptOnlyOnceTheRunIsGone(String revision, String run) {
        markedLongAgo(revision);
        operator.sweep();
        operator.sweep();
        assertThat(revision(revision).get()).isNotNull();

        isSweptOnceTheRunIsGone(revision, run);
    }

    @Test
    void whereARecordContradictsItselfNothingIsDeletedEither() {
        String revision = apply("true");
        apply("date");
        runToItsEnd("odd");
        sweepUntilMarked(revision);
        run("odd")
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"steps\":[{\"name\":\"other\",\"phase\":\"Succeeded\"}]}}");
        run("odd").patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"desiredState\":\"Paused\"}}");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> run("odd").get().getStatus().conditions().stream()
                        .anyMatch(condition -> condition.reason().equals("Unreadable")));
        isSweptOnlyOnceTheRunIsGone(revision, "odd");
    }

    private void editPhases(Consumer<JSONSchemaProps> edit) {
        client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName("workflowruns.clew.dev")
                .edit(crd -> {
                    JSONSchemaProps root =
                            crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
                    JSONSchemaProps status =
                            Objects.requireNonNull(root.getProperties().get("status"));
                    edit.accept(Objects.requireNonNull(status.getProperties().get("phase")));
                    return crd;
                });
    }
}
