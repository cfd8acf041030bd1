package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.clew.api.Workflow;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.RunPhase;
import dev.clew.devcluster.kubelet.ScriptedOutcome;
import dev.clew.engine.pod.AttemptId;
import dev.clew.engine.pod.Kind;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Objects that nobody in his right mind would make, and pods that pretend to be Clew's. Clew neither falls nor stumbles: other
 * runs go on, whatever was made can be ended, and no forged pod is believed.
 */
@WithClew
class HostileInputTest {
    private static final long SEED = 20261128;
    private static final int WORKFLOWS = 160;
    private static final int INLINE_RUNS = 80;
    private static final int STATUSES = 80;
    private static final Duration PATIENCE = Duration.ofSeconds(150);

    private static final String ORDINARY = "ordinary";

    private static final ObjectMapper JSON = new ObjectMapper();

    private static ResourceDefinitionContext kind(String kind, String plural) {
        return new ResourceDefinitionContext.Builder()
                .withGroup("clew.dev")
                .withVersion("v1alpha1")
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(true)
                .build();
    }

    /** No pod of these tests runs anything: what random words would do as commands nobody wants to know. */
    private static void script(Scenario scenario, Random random) {
        scenario.cluster()
                .kubelet()
                .script(pod -> scenario.namespace().equals(pod.getMetadata().getNamespace())
                                && !ORDINARY.equals(
                                        pod.getMetadata().getLabels().get("clew.dev/run"))
                        ? Optional.of(outcome(random))
                        : Optional.empty());
    }

    private static ScriptedOutcome outcome(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> ScriptedOutcome.exit(1);
            case 1 -> ScriptedOutcome.exit(255).message("\uFFFD=\u0000==\n=\n" + "a=b\n".repeat(100));
            case 2 -> ScriptedOutcome.exit(0).message("a=" + "z".repeat(300_000));
            case 3 -> ScriptedOutcome.neverStarts("InvalidImageName");
            default -> ScriptedOutcome.exit(0);
        };
    }

    /** Applies an object as it is, past all that a client would check; false if the API server refuses it. */
    private static boolean create(Scenario scenario, ResourceDefinitionContext kind, String name, JsonNode spec) {
        ObjectNode object = JSON.createObjectNode();
        object.put("apiVersion", "clew.dev/v1alpha1").put("kind", kind.getKind());
        object.putObject("metadata").put("name", name);
        object.set("spec", spec);
        try {
            GenericKubernetesResource resource = JSON.convertValue(object, GenericKubernetesResource.class);
            scenario.client()
                    .genericKubernetesResources(kind)
                    .inNamespace(scenario.namespace())
                    .resource(resource)
                    .create();
            return true;
        } catch (KubernetesClientException e) {
            assertThat(e.getCode()).as(e.getMessage()).isBetween(400, 499);
            return false;
        }
    }

    private static void anOrdinaryRunSucceeds(Scenario scenario) {
        scenario.apply(Flows.inline(ORDINARY, """
                steps:
                - {name: a, container: {image: busybox, command: ['true']}}
                - {name: b, container: {image: busybox, command: ['true']}}
                """));
        scenario.awaitEnd(ORDINARY, RunPhase.Succeeded);
    }

    /** Gives up all runs; those whose record nobody can make sense of are left alone, and say so. */
    private static void allCanBeEnded(Scenario scenario) {
        for (WorkflowRun run : runs(scenario)) {
            try {
                scenario.patch(run.getMetadata().getName(), "desiredState", "Terminated");
            } catch (KubernetesClientException e) {
                assertThat(e.getCode())
                        .as("its time after the end was up: %s", e.getMessage())
                        .isEqualTo(404);
            }
        }
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(runs(scenario).stream()
                                .filter(run -> run.unreadable().isEmpty())
                                .filter(run -> !hasEnded(run) && !saysThatItIsLeftAlone(run))
                                .map(run -> run.getMetadata().getName() + " "
                                        + run.getMetadata().getFinalizers() + " "
                                        + Serialization.asJson(run.getStatus())))
                        .isEmpty());
    }

    private static boolean hasEnded(WorkflowRun run) {
        RunPhase phase = Scenario.phase(run);
        return phase != null
                && phase.isEnd()
                && run.getMetadata().getFinalizers().isEmpty();
    }

    private static boolean saysThatItIsLeftAlone(WorkflowRun run) {
        return run.getStatus() != null
                && Scenario.actionRequired(run)
                        .filter(condition -> condition.reason().equals("Unreadable"))
                        .isPresent();
    }

    private static List<WorkflowRun> runs(Scenario scenario) {
        return scenario.client()
                .resources(WorkflowRun.class)
                .inNamespace(scenario.namespace())
                .list()
                .getItems();
    }

    @Test
    void workflowsAndRunsAtRandomAreRefusedOrToldWhatIsWrongOrRun(Scenario scenario) throws IOException {
        var random = new Random(SEED);
        var examples = new SchemaExamples(random);
        script(scenario, random);
        JsonNode workflowSpec = SchemaExamples.schema("workflows", "spec");
        JsonNode runSpec = SchemaExamples.schema("workflowruns", "spec");
        int taken = 0;
        for (int i = 0; i < WORKFLOWS; i++) {
            JsonNode spec = examples.valid(workflowSpec);
            JsonNode sent = i % 2 == 0 ? spec : examples.tampered(spec);
            taken += create(scenario, kind("Workflow", "workflows"), "w" + i, sent) ? 1 : 0;
        }
        assertThat(taken).as("workflows that the schema allows").isBetween(WORKFLOWS / 8, WORKFLOWS - 10);
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(workflows(scenario))
                        .filteredOn(workflow -> workflow.unreadable().isEmpty())
                        .allSatisfy(workflow -> {
                            assertThat(workflow.getStatus().observedGeneration())
                                    .isEqualTo(workflow.getMetadata().getGeneration());
                            assertThat(workflow.getStatus().conditions()).isNotEmpty();
                        }));

        List<String> usable = workflows(scenario).stream()
                .map(workflow -> workflow.getMetadata().getName())
                .toList();
        int started = 0;
        for (String workflow : usable) {
            ObjectNode spec = (ObjectNode) examples.valid(runSpec);
            spec.remove("workflow");
            spec.putObject("workflowRef").put("name", workflow);
            started += create(scenario, kind("WorkflowRun", "workflowruns"), "r-" + workflow, spec) ? 1 : 0;
        }
        for (int i = 0; i < INLINE_RUNS; i++) {
            ObjectNode spec = (ObjectNode) examples.valid(runSpec);
            spec.remove("workflowRef");
            spec.set("workflow", examples.valid(workflowSpec));
            JsonNode sent = i % 2 == 0 ? spec : examples.tampered(spec);
            started += create(scenario, kind("WorkflowRun", "workflowruns"), "i" + i, sent) ? 1 : 0;
        }
        assertThat(started).as("runs that the schema allows").isGreaterThan(40);
        anOrdinaryRunSucceeds(scenario);
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(runs(scenario))
                        .allSatisfy(run -> assertThat(run.getStatus().phase())
                                .as("%s is told something", run.getMetadata().getName())
                                .isNotNull()));
        allCanBeEnded(scenario);
    }

    private static List<Workflow> workflows(Scenario scenario) {
        return scenario.client()
                .resources(Workflow.class)
                .inNamespace(scenario.namespace())
                .list()
                .getItems();
    }

    @Test
    void recordsThatSomebodyTamperedWithAreGoneOnFromOrLeftAloneAndCanBeEnded(Scenario scenario) throws IOException {
        var random = new Random(SEED + 1);
        var examples = new SchemaExamples(random);
        script(scenario, random);
        List<JsonNode> records = records(scenario);
        JsonNode statusSchema = SchemaExamples.schema("workflowruns", "status");
        int taken = 0;
        for (int i = 0; i < STATUSES; i++) {
            String name = "t" + i;
            scenario.apply(Flows.inline(name, SAGA).replace("spec:\n", "spec:\n  desiredState: Paused\n"));
            JsonNode status = i % 4 == 3
                    ? examples.valid(statusSchema)
                    : examples.tampered(records.get(random.nextInt(records.size())));
            taken += record(scenario, name, status) ? 1 : 0;
        }
        assertThat(taken).as("records that the API server took").isGreaterThan(STATUSES / 4);
        for (int i = 0; i < STATUSES; i++) {
            scenario.patch("t" + i, "desiredState", "Running");
        }
        anOrdinaryRunSucceeds(scenario);
        allCanBeEnded(scenario);
        long leftAlone = runs(scenario).stream()
                .filter(run -> run.unreadable().isPresent() || saysThatItIsLeftAlone(run))
                .count();
        assertThat(leftAlone).as("records that make no sense").isBetween(1L, STATUSES * 3L / 4);
    }

    private static final String SAGA = """
            pod: {terminationGracePeriodSeconds: 1}
            steps:
            - name: a
              outputs: [a]
              startTimeoutSeconds: 3
              container: {image: busybox}
              compensation: {startTimeoutSeconds: 3, retry: {limit: 1, backoffSeconds: 0}, container: {image: busybox}}
            - name: b
              startTimeoutSeconds: 3
              retry: {limit: 1, backoffSeconds: 0}
              container: {image: busybox}
              compensation: {startTimeoutSeconds: 3, retry: {limit: 1, backoffSeconds: 0}, container: {image: busybox}}
            - name: c
              startTimeoutSeconds: 3
              container: {image: busybox}
            """;

    /** All that was ever recorded of a few runs that go different ways. */
    private static List<JsonNode> records(Scenario scenario) {
        List<JsonNode> records = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 6; i++) {
            String name = "model" + i;
            try (var watch = scenario.resource(name).watch(new Recorder(records))) {
                assertThat(watch).isNotNull();
                scenario.apply(Flows.inline(name, SAGA));
                WorkflowRun ended = scenario.await(
                        name,
                        run -> Stream.of(RunPhase.Succeeded, RunPhase.Failed, RunPhase.Stalled)
                                .anyMatch(phase -> phase == Scenario.phase(run)));
                records.add(tree(ended));
            }
        }
        return records;
    }

    private static JsonNode tree(WorkflowRun run) {
        try {
            return JSON.readTree(Serialization.asJson(run)).path("status");
        } catch (JacksonException e) {
            throw new AssertionError(e);
        }
    }

    private record Recorder(List<JsonNode> records) implements Watcher<WorkflowRun> {
        @Override
        public void eventReceived(Action action, WorkflowRun run) {
            if (run.getStatus() != null) {
                records.add(tree(run));
            }
        }

        @Override
        public void onClose(WatcherException cause) {
            // what was seen by then is enough
        }
    }

    /** Writes a status over what is there; false if the API server refuses it. */
    private static boolean record(Scenario scenario, String run, JsonNode status) {
        String patch = "[{\"op\":\"add\",\"path\":\"/status\",\"value\":" + status + "}]";
        try {
            scenario.client()
                    .genericKubernetesResources(kind("WorkflowRun", "workflowruns"))
                    .inNamespace(scenario.namespace())
                    .withName(run)
                    .subresource("status")
                    .patch(PatchContext.of(PatchType.JSON), patch);
            return true;
        } catch (KubernetesClientException e) {
            assertThat(e.getCode()).as(e.getMessage()).isBetween(400, 499);
            return false;
        }
    }

    @Test
    void podsThatPretendToBeOfARunAreNotBelievedAndNotTouched(Scenario scenario) {
        var held = ScriptedOutcome.held();
        scenario.cluster()
                .kubelet()
                .script(
                        pod -> scenario.namespace().equals(pod.getMetadata().getNamespace())
                                && "victim".equals(pod.getMetadata().getLabels().get("clew.dev/run")),
                        held);
        scenario.apply(Flows.inline("victim", SAGA.replace("limit: 1", "limit: 2")));
        Pod own = scenario.awaitPod("victim", "a", 1, Scenario::isRunning);
        WorkflowRun victim = scenario.run("victim");
        List<Pod> forged = forgeries(victim, own, foreignController(scenario)).stream()
                .map(pod -> forge(scenario, pod))
                .toList();
        assertThat(forged).hasSize(11);

        anOrdinaryRunSucceeds(scenario);
        WorkflowRun after =
                scenario.await("victim", run -> Scenario.attempt(run, "a", 1).state() == AttemptState.Running);
        assertThat(Scenario.claims(after)).containsExactly("a");
        assertThat(Objects.requireNonNull(Scenario.attempt(after, "a", 1).pod()).uid())
                .isEqualTo(own.getMetadata().getUid());
        assertThat(forged)
                .allSatisfy(pod -> assertThat(touchedByClew(scenario, pod))
                        .as(pod.getMetadata().getName())
                        .isFalse());

        held.complete(0, "a=1");
        WorkflowRun ended = scenario.awaitEnd("victim", RunPhase.Succeeded);
        assertThat(Scenario.claims(ended)).containsExactly("a", "b", "b", "b", "c");
        assertThat(List.of(1, 2))
                .as("their names were taken by somebody else's pods")
                .allSatisfy(number -> assertThat(
                                Scenario.attempt(ended, "b", number).reason())
                        .isEqualTo("NameConflict"));
        assertThat(forged)
                .allSatisfy(pod -> assertThat(scenario.client()
                                .pods()
                                .inNamespace(scenario.namespace())
                                .withName(pod.getMetadata().getName())
                                .get())
                        .as("is still there: %s", pod.getMetadata().getName())
                        .isNotNull())
                .allSatisfy(pod -> assertThat(touchedByClew(scenario, pod))
                        .as(pod.getMetadata().getName())
                        .isFalse());
    }

    /** Is it patched by Clew, or being deleted. */
    private static boolean touchedByClew(Scenario scenario, Pod pod) {
        Pod now = scenario.client()
                .pods()
                .inNamespace(scenario.namespace())
                .withName(pod.getMetadata().getName())
                .get();
        return now == null
                || now.getMetadata().getDeletionTimestamp() != null
                || now.getMetadata().getManagedFields().stream()
                        .map(ManagedFieldsEntry::getManager)
                        .anyMatch(manager -> manager.startsWith("clew-operator"));
    }

    /** Something that exists, for what nobody owns any more is collected as garbage. */
    private static OwnerReference foreignController(Scenario scenario) {
        ConfigMap owner = scenario.client()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("somebody-else")
                        .endMetadata()
                        .build())
                .inNamespace(scenario.namespace())
                .create();
        return new OwnerReferenceBuilder()
                .withApiVersion("v1")
                .withKind("ConfigMap")
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .build();
    }

    private static List<PodBuilder> forgeries(WorkflowRun victim, Pod own, OwnerReference foreign) {
        String uid = victim.getMetadata().getUid();
        Map<String, String> labels = own.getMetadata().getLabels();
        String attempt = own.getMetadata().getAnnotations().get("clew.dev/attempt");
        AttemptId next = new AttemptId(uid, "b", Kind.Step, 1);
        AttemptId afterNext = new AttemptId(uid, "b", Kind.Step, 2);
        return List.of(
                pod("labels-only").editMetadata().withLabels(labels).endMetadata(),
                pod("same-attempt")
                        .editMetadata()
                        .withLabels(labels)
                        .withAnnotations(Map.of("clew.dev/attempt", attempt))
                        .endMetadata(),
                pod("same-owner")
                        .editMetadata()
                        .withLabels(labels)
                        .withOwnerReferences(own.getMetadata().getOwnerReferences())
                        .endMetadata(),
                pod("next-attempt")
                        .editMetadata()
                        .withLabels(labels)
                        .withAnnotations(Map.of("clew.dev/attempt", attempt.replaceAll("1$", "2")))
                        .endMetadata(),
                pod("reservation")
                        .editMetadata()
                        .withLabels(labels)
                        .withAnnotations(Map.of("clew.dev/attempt", attempt, "clew.dev/reservation", "true"))
                        .endMetadata(),
                pod("odd")
                        .editMetadata()
                        .withLabels(Map.of(
                                "app.kubernetes.io/managed-by",
                                "clew",
                                "clew.dev/run",
                                "victim",
                                "clew.dev/attempt",
                                "minus-one"))
                        .withAnnotations(Map.of("clew.dev/attempt", "//////"))
                        .endMetadata(),
                pod("nobodys")
                        .editMetadata()
                        .withLabels(Map.of("app.kubernetes.io/managed-by", "clew"))
                        .endMetadata(),
                // all is right but the name
                impostor(
                        "same-attempt-and-owner",
                        labels,
                        attempt,
                        own.getMetadata().getOwnerReferences()),
                impostor(
                        "next-attempt-and-owner",
                        labels,
                        next.annotation(),
                        own.getMetadata().getOwnerReferences()),
                // of the name that the next step will want
                pod(next.podName("victim")).editMetadata().withLabels(labels).endMetadata(),
                // all is right but the controller
                impostor(afterNext.podName("victim"), labels, afterNext.annotation(), List.of(foreign)));
    }

    private static PodBuilder impostor(
            String name, Map<String, String> labels, String attempt, List<OwnerReference> owners) {
        return pod(name)
                .editMetadata()
                .withLabels(labels)
                .withAnnotations(Map.of("clew.dev/attempt", attempt))
                .withOwnerReferences(owners)
                .endMetadata();
    }

    private static PodBuilder pod(String name) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                // of no node here: no kubelet says anything about it but the test
                .withNodeName("elsewhere")
                .addNewContainer()
                .withName("main")
                .withImage("busybox")
                .endContainer()
                .endSpec();
    }

    /** With a status that says all is done, and a lot more. */
    private static Pod forge(Scenario scenario, PodBuilder builder) {
        HasMetadata created = scenario.client()
                .resource(builder.build())
                .inNamespace(scenario.namespace())
                .create();
        String status = """
                {"status": {"phase": "Succeeded", "containerStatuses": [{"name": "main", "image": "busybox", "imageID": "x",
                  "ready": false, "restartCount": 7, "containerID": "forged://1", "state": {"terminated": {"exitCode": 0,
                  "reason": "Completed", "containerID": "forged://1", "startedAt": "1970-01-01T00:00:00Z",
                  "finishedAt": "9999-01-01T00:00:00Z", "message": "a=%s"}}}]}}
                """.formatted("m".repeat(100_000));
        return scenario.client()
                .pods()
                .inNamespace(scenario.namespace())
                .withName(created.getMetadata().getName())
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), status);
    }
}
