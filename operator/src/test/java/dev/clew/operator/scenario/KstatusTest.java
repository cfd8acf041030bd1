package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.clew.api.run.RunPhase;
import dev.clew.operator.scenario.Kstatus.Status;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What Flux and Helm make of every version of an object: whether they wait on, go on, or give up. */
@WithClew
class KstatusTest {
    private static final String VALID = Flows.saga("flow", "a", "b", "c", "exit 0", "exit 0", "exit 0");
    private static final String INVALID = VALID.replace("exit 0", "exit $(params.missing)");

    private static Stream<Arguments> runs() {
        return Stream.of(
                arguments(RunPhase.Pending, Status.InProgress, Flows.run("run", "missing")),
                arguments(RunPhase.Running, Status.InProgress, run("sleep 600", "exit 0")),
                arguments(RunPhase.Compensating, Status.InProgress, run("exit 1", "sleep 600")),
                arguments(RunPhase.Stalled, Status.Failed, run("exit 1", "exit 1")),
                arguments(RunPhase.Succeeded, Status.Current, run("exit 0", "exit 0")),
                arguments(RunPhase.Failed, Status.Failed, run("exit 1", "exit 0")),
                arguments(RunPhase.Failed, Status.Failed, run("sleep 600", "exit 0", "timeoutSeconds: 1", "")),
                arguments(RunPhase.Failed, Status.Failed, run("exit 0", "exit 0", "", "params: [{name: a, value: b}]")),
                arguments(RunPhase.Paused, Status.InProgress, run("exit 0", "exit 0", "", "desiredState: Paused")),
                arguments(RunPhase.Stalled, Status.Failed, run("exit 1", "exit 0", "onFailure: Stall", "")),
                arguments(RunPhase.Cancelled, Status.Failed, run("exit 0", "exit 0", "", "desiredState: Cancelled")),
                arguments(RunPhase.RolledBack, Status.Failed, run("exit 0", "exit 0", "", "desiredState: RolledBack")),
                arguments(RunPhase.Terminated, Status.Failed, run("exit 0", "exit 0", "", "desiredState: Terminated")));
    }

    @ParameterizedTest(name = "{0} reads {1}")
    @MethodSource("runs")
    void aRunIsInProgressUntilItsPhaseIsOneToStopAt(RunPhase phase, Status reads, String yaml, Scenario scenario)
            throws Exception {
        Kstatus kstatus = Kstatus.provide();
        List<GenericKubernetesResource> versions = versions(
                "WorkflowRun",
                scenario,
                () -> scenario.apply(yaml),
                found -> isAt(phase, found)
                        && (!phase.isEnd()
                                || found.getMetadata().getFinalizers().isEmpty()));
        assertReads(kstatus, scenario, versions, found -> isAt(phase, found) ? reads : Status.InProgress);
    }

    @Test
    void aDeletedRunIsTerminatingUntilItIsUndone(Scenario scenario) throws Exception {
        Kstatus kstatus = Kstatus.provide();
        scenario.apply(run("sleep 600", "exit 0"));
        scenario.await("run", found -> Scenario.phase(found) == RunPhase.Running);
        List<GenericKubernetesResource> versions = versions(
                "WorkflowRun",
                scenario,
                () -> scenario.resource("run").delete(),
                found -> isAt(RunPhase.Cancelled, found));
        assertReads(
                kstatus,
                scenario,
                versions,
                found -> found.isMarkedForDeletion() ? Status.Terminating : Status.InProgress);
    }

    @Test
    void aWorkflowIsInProgressUntilItIsSeenAndThenCurrentIfItIsValid(Scenario scenario) throws Exception {
        Kstatus kstatus = Kstatus.provide();
        assertReads(
                kstatus,
                scenario,
                versions("Workflow", scenario, () -> scenario.apply(VALID), found -> isSeen(1, found)),
                found -> isSeen(1, found) ? Status.Current : Status.InProgress);
        assertReads(
                kstatus,
                scenario,
                versions("Workflow", scenario, () -> scenario.apply(INVALID), found -> isSeen(2, found)),
                found -> isSeen(1, found) ? Status.Current : isSeen(2, found) ? Status.Failed : Status.InProgress);
    }

    @Test
    void whatTheOperatorNeverSawWouldBeCurrentWithoutTheDefaultOfItsStatus(Scenario scenario) throws Exception {
        Kstatus kstatus = Kstatus.provide();
        var objects = Map.of("Workflow", VALID, "WorkflowRun", Flows.run("run", "missing"));
        for (String kind : objects.keySet()) {
            GenericKubernetesResource created = scenario.client()
                    .genericKubernetesResources("clew.dev/v1alpha1", kind)
                    .inNamespace(scenario.namespace())
                    .load(new ByteArrayInputStream(
                            Objects.requireNonNull(objects.get(kind)).getBytes(StandardCharsets.UTF_8)))
                    .create();
            assertThat(created.<Integer>get("status", "observedGeneration")).isEqualTo(-1);
            assertReads(kstatus, scenario, List.of(created), found -> Status.InProgress);
            created.getAdditionalProperties().remove("status");
            assertReads(kstatus, scenario, List.of(created), found -> Status.Current);
        }
    }

    private static String run(String step, String undo) {
        return run(step, undo, "", "");
    }

    /** A run of one step, and what else its workflow and its own spec say. */
    private static String run(String step, String undo, String workflow, String spec) {
        return """
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: run}
                spec:
                  workflow:
                    pod: {terminationGracePeriodSeconds: 1}
                    steps:
                    - name: a
                      container: {image: busybox, command: [sh, -c, '%s']}
                      compensation: {retry: {limit: 0}, container: {image: busybox, command: [sh, -c, '%s']}}
                    %s
                  %s
                """.formatted(step, undo, workflow, spec);
    }

    private static boolean isAt(RunPhase phase, GenericKubernetesResource run) {
        return phase.name().equals(run.get("status", "phase"));
    }

    private static boolean isSeen(long generation, GenericKubernetesResource object) {
        Integer observed = object.get("status", "observedGeneration");
        return observed == generation && object.getMetadata().getGeneration() == generation;
    }

    /** Does something, and returns every version that the API server shows from then on, up to one that is the last. */
    private static List<GenericKubernetesResource> versions(
            String kind, Scenario scenario, Runnable cause, Predicate<GenericKubernetesResource> last)
            throws InterruptedException {
        BlockingQueue<GenericKubernetesResource> shown = new LinkedBlockingQueue<>();
        Watch watch = scenario.client()
                .genericKubernetesResources("clew.dev/v1alpha1", kind)
                .inNamespace(scenario.namespace())
                // from any version that the server has: its cache may not have the latest one yet, and would refuse to
                // begin there
                .watch(new ListOptionsBuilder().withResourceVersion("0").build(), into(shown));
        try {
            cause.run();
            List<GenericKubernetesResource> versions = new ArrayList<>();
            do {
                versions.add(Objects.requireNonNull(
                        shown.poll(150, TimeUnit.SECONDS), () -> "nothing came for long after " + versions));
            } while (!last.test(versions.getLast()));
            return versions;
        } finally {
            watch.close();
        }
    }

    private static Watcher<GenericKubernetesResource> into(BlockingQueue<GenericKubernetesResource> shown) {
        return new Watcher<>() {
            @Override
            public void eventReceived(Action action, GenericKubernetesResource object) {
                shown.add(object);
            }

            @Override
            public void onClose(@Nullable WatcherException cause) {}
        };
    }

    private static void assertReads(
            Kstatus kstatus,
            Scenario scenario,
            List<GenericKubernetesResource> versions,
            Function<GenericKubernetesResource, Status> expected)
            throws IOException {
        List<String> objects = versions.stream()
                .map(scenario.client().getKubernetesSerialization()::asJson)
                .toList();
        List<Kstatus.Reading> readings = kstatus.read(objects);
        for (int i = 0; i < versions.size(); i++) {
            assertThat(readings.get(i).status())
                    .as("%s: %s", readings.get(i).message(), objects.get(i))
                    .isEqualTo(expected.apply(versions.get(i)));
        }
    }
}
