package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.RunPhase;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated
@WithClew
class UnreadableTest {
    private static final TextNode UNKNOWN = TextNode.valueOf("Levitating");

    @Test
    void aStatusFromANewerVersionIsLeftAloneAndStopsNoOtherRun(Scenario scenario) {
        scenario.apply(Flows.run("newer", "missing"));
        scenario.await("newer", found -> Scenario.phase(found) == RunPhase.Pending);
        editPhases(scenario, phases -> phases.getEnum().add(UNKNOWN));
        try {
            var status = scenario.client()
                    .resources(WorkflowRun.class)
                    .inNamespace(scenario.namespace())
                    .withName("newer")
                    .subresource("status");
            // the API server takes the new schema a moment after it is stored
            WorkflowRun newer = Awaitility.await()
                    .ignoreExceptions()
                    .atMost(Duration.ofSeconds(60))
                    .until(
                            () -> status.patch(
                                    PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"phase\":\"Levitating\"}}"),
                            patched -> patched.unreadable().isPresent());
            assertThat(newer.unreadable())
                    .hasValueSatisfying(why -> assertThat(why).contains("Levitating"));

            scenario.apply(Flows.saga("trip", "a", "b", "c", "exit 0", "exit 0", "exit 0"));
            scenario.apply(Flows.run("trip-1", "trip"));
            scenario.awaitEnd("trip-1", RunPhase.Succeeded);
            // once somebody touches it, it says so in a condition, and nothing else in it changes
            scenario.patch("newer", "desiredState", "Paused");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(actionRequired(scenario))
                            .startsWith(
                                    "True Unreadable Clew cannot read the record of this run, and leaves it alone: ")
                            .contains("Levitating"));
            assertThat(phase(scenario)).isEqualTo("Levitating");
            // it is said once
            scenario.patch("newer", "desiredState", "Running");
            String version = version(scenario);
            scenario.apply(Flows.saga("missing", "a", "b", "c", "exit 0", "exit 0", "exit 0"));
            scenario.apply(Flows.run("trip-2", "missing"));
            scenario.awaitEnd("trip-2", RunPhase.Succeeded);
            assertThat(version(scenario)).isEqualTo(version);
            assertThat(scenario.pods("newer")).isEmpty();
        } finally {
            scenario.resource("newer").delete();
            Awaitility.await().until(() -> scenario.resource("newer").get() == null);
            editPhases(scenario, phases -> phases.getEnum().remove(UNKNOWN));
        }
    }

    private static String actionRequired(Scenario scenario) {
        return print(
                scenario,
                "{range .status.conditions[?(@.type==\"ActionRequired\")]}{.status} {.reason} {.message}{end}");
    }

    private static String phase(Scenario scenario) {
        return print(scenario, "{.status.phase}");
    }

    private static String version(Scenario scenario) {
        return print(scenario, "{.metadata.resourceVersion}");
    }

    private static String print(Scenario scenario, String path) {
        return scenario.kubectl("get", "wfr", "newer", "-o", "jsonpath=" + path);
    }

    private static void editPhases(Scenario scenario, Consumer<JSONSchemaProps> edit) {
        scenario.client()
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName("workflowruns.clew.dev")
                .edit(crd -> {
                    edit.accept(phases(crd));
                    return crd;
                });
    }

    private static JSONSchemaProps phases(CustomResourceDefinition crd) {
        JSONSchemaProps root =
                crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
        JSONSchemaProps status = Objects.requireNonNull(root.getProperties().get("status"));
        return Objects.requireNonNull(status.getProperties().get("phase"));
    }
}
