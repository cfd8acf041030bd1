package dev.clew.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.DesiredState;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.api.run.WorkflowSnapshot;
import dev.clew.engine.protocol.Scenario;
import dev.clew.engine.workflow.Definition;
import dev.clew.engine.workflow.Workflows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
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
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** The API server takes nothing else; a number out of bounds and a text that is too long it takes here. */
    private static final JsonNode SCHEMA = schema();

    private static final String SAGA = """
            steps:
            - name: a
              outputs: [x]
              container: {image: a}
              compensation: {container: {image: a}}
            - name: b
              retry: {limit: 1, backoffSeconds: 0}
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
                        saga().write("x=1\n").fails("b/1").hangs("b/2").rest()),
                Arguments.of(
                        "that stalls while it is undone",
                        saga().write("x=1\n").fails("b/1", "b/2", "undo b/1").rest()),
                Arguments.of(
                        "that is in doubt",
                        saga().hangs("a/1")
                                .passes(Duration.ofMinutes(1))
                                .podVanishes("a/1")
                                .look()),
                Arguments.of(
                        "that is cancelled",
                        saga().hangs("a/1")
                                .rest()
                                .desires(DesiredState.Cancelled)
                                .look()));
    }

    @Test
    void whatIsBeingUndoneHasNoOpenAttemptAndNothingIsUndoneThatHasNoCompensation() {
        Scenario undone = saga().write("x=1\n").fails("c/1").rest();
        ObjectNode open = JSON.valueToTree(undone.status());
        ((ObjectNode) open.at("/steps/0/attempts/0")).put("state", "Running");
        ((ObjectNode) open.at("/compensation")).put("phase", "Running");
        open.put("phase", "Compensating");
        assertThat(whyUnreadable(undone, open))
                .isEqualTo("status.steps[a].attempts: one is open, but it is being undone");
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
                    allows(SCHEMA, tampered.record()) ? read(tampered.record()) : Optional.empty();
            if (status.isPresent()) {
                for (DesiredState wanted :
                        List.of(DesiredState.Running, DesiredState.Cancelled, DesiredState.Terminated)) {
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

    private static JsonNode schema() {
        try {
            return new YAMLMapper()
                    .readTree(Files.readString(Path.of("../crds/workflowruns.clew.dev.yaml")))
                    .at("/spec/versions/0/schema/openAPIV3Schema/properties/status");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean allows(JsonNode schema, JsonNode node) {
        boolean fits = switch (schema.path("type").asText()) {
            case "object" ->
                node.isObject()
                        && StreamSupport.stream(schema.path("required").spliterator(), false)
                                .allMatch(name -> node.hasNonNull(name.asText()))
                        && node.properties().stream()
                                .allMatch(field -> field.getValue().isNull()
                                        || allows(schema.path("properties").path(field.getKey()), field.getValue()));
            case "array" ->
                node.isArray()
                        && StreamSupport.stream(node.spliterator(), false)
                                .allMatch(item -> allows(schema.path("items"), item));
            case "integer" -> node.isIntegralNumber();
            case "boolean" -> node.isBoolean();
            default -> node.isTextual() && (!schema.has("format") || isTime(node.asText()));
        };
        return fits
                && (!schema.has("enum")
                        || StreamSupport.stream(schema.path("enum").spliterator(), false)
                                .anyMatch(node::equals));
    }

    private static boolean isTime(String text) {
        try {
            return Instant.parse(text).isAfter(Instant.MIN);
        } catch (DateTimeParseException e) {
            return false;
        }
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

    /** As the operator reads it: what cannot be read at all it never gets to decide on. */
    private static Optional<WorkflowRunStatus> read(JsonNode record) {
        try {
            return Optional.of(JSON.treeToValue(record, WorkflowRunStatus.class));
        } catch (JacksonException e) {
            return Optional.empty();
        }
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
