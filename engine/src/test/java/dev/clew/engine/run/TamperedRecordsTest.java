package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.DesiredState;
import dev.clew.api.run.InterventionAction;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.api.run.WorkflowSnapshot;
import dev.clew.engine.protocol.Scenario;
import dev.clew.engine.workflow.Definition;
import dev.clew.engine.workflow.Workflows;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every place of real records, tampered with in every way that the schema does not forbid. A record that contradicts itself is
 * told apart and left alone; from any other one the run goes on; nothing is thrown.
 */
class TamperedRecordsTest {
    private static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);

    /** That of the client with which the operator reads. */
    private static final KubernetesSerialization CLIENT = new KubernetesSerialization();

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static final List<DesiredState> WANTED =
            List.of(DesiredState.Running, DesiredState.Cancelled, DesiredState.Terminated);

    private static final String SAGA = """
            timeoutSeconds: 36000
            steps:
            - name: a
              outputs: [x]
              container: {image: a}
              compensation: {container: {image: a}}
            - name: b
              retry: {limit: 1, backoffSeconds: 0}
              failurePolicy: {rules: [{action: Ignore, onExitCodes: {operator: In, values: [3]}}]}
              container: {image: a, args: ['$(steps.a.outputs.x)']}
              compensation: {container: {image: a}}
            - name: c
              container: {image: a}
            """;

    static Stream<Arguments> records() {
        return Stream.of(
                Arguments.of("that succeeds", saga().write("x=1\n").rest()),
                Arguments.of(
                        "that is undone", saga().write("x=1\n").fails("c/1").rest()),
                Arguments.of(
                        "whose step is tried again",
                        saga().write("x=1\n").fails("b/1").hangs("b/2").passes(MINUTE)),
                Arguments.of(
                        "that stalls while it is undone",
                        saga().write("x=1\n").fails("b/1", "b/2", "undo b/1").rest()),
                Arguments.of(
                        "that is in doubt",
                        saga().hangs("a/1").passes(MINUTE).podVanishes("a/1").look()),
                Arguments.of("whose node is gone", nodeGone(saga().hangs("a/1"), "a/1")),
                Arguments.of(
                        "whose node is gone while it is undone",
                        nodeGone(saga().write("x=1\n").fails("c/1").hangs("undo b/1"), "undo b/1")),
                Arguments.of(
                        "whose step is tried often",
                        saga().write("x=1\n")
                                .failsOtherwise("b/1", "b/2", "b/3", "b/4", "b/5", "b/6")
                                .rest()),
                Arguments.of(
                        "whose pod has another time to end and does not start",
                        saga().grace("a/1", 77).neverStarts("a/1").look().passes(Duration.ofSeconds(10))),
                Arguments.of(
                        "whose pod a gate held",
                        saga().gated("a/1")
                                .hangs("a/1")
                                .passes(MINUTE)
                                .liftGate("a/1")
                                .look()),
                Arguments.of(
                        "that is paused",
                        saga().hangs("a/1")
                                .passes(MINUTE)
                                .desires(DesiredState.Paused)
                                .look()),
                Arguments.of(
                        "in which people step in",
                        saga().write("x=1\n")
                                .fails("b/1", "b/2", "undo b/1")
                                .rest()
                                .intervenes(InterventionAction.SkipCompensation, "b")
                                .rest()),
                Arguments.of(
                        "that is cancelled",
                        saga().hangs("a/1")
                                .passes(MINUTE)
                                .desires(DesiredState.Cancelled)
                                .look()));
    }

    private static Scenario nodeGone(Scenario scenario, String attempt) {
        String node = scenario.passes(MINUTE).nodeOf(attempt);
        return scenario.podVanishes(attempt).nodeGone(node).look();
    }

    @Test
    void whatIsUndoneFitsTheAttemptsAndTheWorkflow() {
        Scenario undone = saga().write("x=1\n").fails("c/1").rest();
        ObjectNode open = JSON.valueToTree(undone.status());
        ((ObjectNode) open.at("/steps/0/attempts/0")).put("state", "Running");
        ((ObjectNode) open.at("/compensation")).put("phase", "Running");
        open.put("phase", "Compensating");
        assertThat(whyUnreadable(undone, open))
                .isEqualTo("status.steps[a].attempts: one is open, but it is being undone");
        ObjectNode stuck = JSON.valueToTree(undone.status());
        ((ObjectNode) stuck.at("/compensation")).put("phase", "Failed");
        stuck.put("phase", "Stalled");
        assertThat(whyUnreadable(undone, stuck))
                .isEqualTo("status.compensation.phase: Failed, but no step's compensation has failed");
        ObjectNode more = JSON.valueToTree(undone.status());
        ((ArrayNode) more.at("/compensation/plan")).add("c");
        ((ObjectNode) more.at("/steps/2")).putObject("compensation").put("phase", "Pending");
        assertThat(whyUnreadable(undone, more))
                .isEqualTo("status.steps[c].compensation: the step has none in its workflow");
    }

    @Test
    void aClaimedPodIsMadeUnderTheNameThatWasClaimed() {
        Scenario scenario = saga().write("x=1\n").diesBeforeCreating().look();
        ObjectNode record = JSON.valueToTree(scenario.status());
        ((ObjectNode) record.at("/steps/0/attempts/0/pod")).put("name", "of-another-run");
        scenario.recorded(read(record).orElseThrow()).rest();
        assertThat(scenario.status().phase()).hasToString("Succeeded");
        assertThat(scenario.created()).containsExactly("a/1", "b/1", "c/1");
    }

    private static String whyUnreadable(Scenario scenario, JsonNode record) {
        RunView view = scenario.run().orElseThrow();
        Decision decision = decide(view, read(record).orElseThrow(), DesiredState.Running, scenario.now(), "by hand");
        return decision instanceof Decision.Unreadable(String why) ? why : decision.toString();
    }

    private static Scenario saga() {
        return new Scenario(SAGA);
    }

    @ParameterizedTest
    @MethodSource("records")
    void aRecordThatSomebodyTamperedWithIsGoneOnFromOrLeftAlone(String run, Scenario scenario) {
        RunView view = scenario.run().orElseThrow();
        int decided = 0;
        int contradictory = 0;
        for (Tampered tampered : tampered(JSON.valueToTree(view.status()))) {
            Optional<WorkflowRunStatus> status =
                    RecordSchema.allows(tampered.record()) ? read(tampered.record()) : Optional.empty();
            if (status.isPresent()) {
                for (DesiredState wanted : WANTED) {
                    Decision last =
                            decide(view, status.get(), wanted, scenario.now().plusSeconds(600), tampered.what());
                    decided++;
                    contradictory += last instanceof Decision.Unreadable ? 1 : 0;
                }
            }
        }
        assertThat(decided).as("decisions about the run %s", run).isGreaterThan(300);
        assertThat(contradictory).as("of these about contradictory records").isBetween(10, decided / 2);
    }

    @Test
    void whatANewerVersionAddedIsNeitherGuessedNorLost() {
        Set<String> tried = tampered(RecordSchema.extensible(), (scenario, record, pointers) -> {
            for (JsonPointer pointer : pointers) {
                assertThat(run(extended(record, pointer)).unreadable())
                        .as("why %s is left alone", pointer)
                        .hasValueSatisfying(why -> assertThat(why).contains("evitat"));
            }
        });
        assertThat(kinds(tried)).isEqualTo(kinds(RecordSchema.extensible()));
    }

    @Test
    void whatAnOlderVersionDidNotWriteIsDoneWithout() {
        Set<String> tried = tampered(RecordSchema.optional(), (scenario, record, pointers) -> {
            JsonNode older = record.deepCopy();
            pointers.forEach(pointer -> ((ObjectNode) older.at(pointer.head()))
                    .remove(pointer.last().getMatchingProperty()));
            for (DesiredState wanted : WANTED) {
                decide(
                        scenario.run().orElseThrow(),
                        read(older).orElseThrow(),
                        wanted,
                        scenario.now(),
                        "without " + pointers);
            }
        });
        assertThat(kinds(tried)).isEqualTo(kinds(RecordSchema.optional()));
    }

    private interface Tampering {
        void with(Scenario scenario, JsonNode record, List<JsonPointer> pointers);
    }

    /** Tampers with all that is at one place of a record, for each such place; those that there are in some record. */
    private static Set<String> tampered(Set<String> places, Tampering tampering) {
        Set<String> tried = new TreeSet<>();
        records().map(arguments -> (Scenario) arguments.get()[1]).forEach(scenario -> {
            JsonNode record = JSON.valueToTree(scenario.status());
            RecordSchema.places(record).forEach((place, pointers) -> {
                if (places.contains(place)) {
                    tried.add(place);
                    tampering.with(scenario, record, pointers);
                }
            });
        });
        return tried;
    }

    /** Attempts of compensations are like those of steps. */
    private static Set<String> kinds(Set<String> places) {
        return places.stream()
                .map(place -> place.replace("/compensation/attempts", "/attempts"))
                .collect(Collectors.toSet());
    }

    private static JsonNode extended(JsonNode record, JsonPointer pointer) {
        JsonNode extended = record.deepCopy();
        if (extended.at(pointer) instanceof ObjectNode object) {
            object.put("levitates", true);
        } else {
            ((ObjectNode) extended.at(pointer.head())).put(pointer.last().getMatchingProperty(), "Levitating");
        }
        return extended;
    }

    private record Tampered(String what, JsonNode record) {}

    /** Looks at what it wants to see until it decides. */
    private static Decision decide(
            RunView view, WorkflowRunStatus status, DesiredState wanted, Instant now, String what) {
        Map<String, PodSeen> pods = new HashMap<>();
        Map<String, NodeSeen> nodes = new HashMap<>();
        RunView run = wants(view.withStatus(status), wanted);
        for (int i = 0; i < 20; i++) {
            Decision decision;
            try {
                decision = Engine.decide(run, observed(pods, nodes), now);
            } catch (RuntimeException e) {
                throw new AssertionError("of a run that is to be " + wanted + ", " + what, e);
            }
            if (!(decision instanceof Decision.Look(var podsToRead, var nodesToRead))) {
                return decision;
            }
            podsToRead.forEach(pod -> pods.put(pod, new PodSeen.Absent(true)));
            nodesToRead.forEach(node -> nodes.put(node, new NodeSeen.Gone()));
        }
        throw new AssertionError("looks without end: " + what);
    }

    private static Observed observed(Map<String, PodSeen> pods, Map<String, NodeSeen> nodes) {
        return new Observed(
                new DefinitionSeen.Usable(
                        Definition.of(Workflows.yaml(SAGA), List.of()), new WorkflowSnapshot("order", "order-1", 1L)),
                true,
                pods,
                Map.of(),
                nodes,
                Duration.ofSeconds(5),
                null,
                false);
    }

    private static RunView wants(RunView view, DesiredState state) {
        var spec = view.spec();
        return new RunView(
                view.namespace(),
                view.name(),
                view.uid(),
                view.resourceVersion(),
                view.generation() + 1,
                List.of("clew.dev/run"),
                null,
                new dev.clew.api.run.WorkflowRunSpec(
                        spec.workflowRef(), null, List.of(), state, List.of(), null, null, null),
                view.status(),
                null,
                2_000);
    }

    private static WorkflowRun run(JsonNode record) {
        ObjectNode run = JSON.createObjectNode();
        run.putObject("spec");
        run.set("status", record);
        return CLIENT.convertValue(run, WorkflowRun.class);
    }

    /** As the operator reads it: what cannot be read at all it never gets to decide on. */
    private static Optional<WorkflowRunStatus> read(JsonNode record) {
        return Optional.ofNullable(run(record).getStatus());
    }

    private static List<Tampered> tampered(JsonNode record) {
        List<Tampered> all = new ArrayList<>();
        tamper(record, record, "", change -> all.add(change));
        return all;
    }

    private static void tamper(JsonNode root, JsonNode node, String path, Consumer<Tampered> found) {
        switch (node) {
            case ObjectNode object -> {
                for (String name : names(object)) {
                    JsonNode original = object.get(name);
                    object.remove(name);
                    found.accept(new Tampered("without " + path + "/" + name, root.deepCopy()));
                    for (JsonNode odd : odd(original)) {
                        object.set(name, odd);
                        found.accept(new Tampered(path + "/" + name + " is " + odd, root.deepCopy()));
                    }
                    object.set(name, original);
                    tamper(root, original, path + "/" + name, found);
                }
            }
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    JsonNode original = array.get(i);
                    array.remove(i);
                    found.accept(new Tampered("without " + path + "/" + i, root.deepCopy()));
                    array.insert(i, original).insert(i, original);
                    found.accept(new Tampered(path + "/" + i + " twice", root.deepCopy()));
                    array.remove(i);
                    tamper(root, original, path + "/" + i, found);
                }
            }
            default -> {
                // a leaf is tampered with where it stands
            }
        }
    }

    private static List<String> names(ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static List<JsonNode> odd(JsonNode original) {
        List<JsonNode> odd = new ArrayList<>(List.of(NullNode.getInstance()));
        if (original.isInt()) {
            odd.addAll(List.of(IntNode.valueOf(-1), IntNode.valueOf(0), IntNode.valueOf(50)));
        } else if (original.isTextual()) {
            odd.addAll(
                    List.of(TextNode.valueOf(""), TextNode.valueOf("other"), TextNode.valueOf("1970-01-01T00:00:00Z")));
            for (AttemptState state : AttemptState.values()) {
                odd.add(TextNode.valueOf(state.name()));
            }
            Stream.of("Pending", "Skipped", "Waiting", "Stalled", "Cancelled", "RolledBack", "Terminated")
                    .map(TextNode::valueOf)
                    .forEach(odd::add);
        } else if (original.isArray()) {
            odd.add(JSON.createArrayNode());
        } else if (original.isObject()) {
            odd.add(JSON.createObjectNode());
        }
        return odd;
    }
}
