package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.RunPhase;
import dev.clew.api.workflow.FailureAction;
import dev.clew.devcluster.kubelet.PodRecording;
import dev.clew.devcluster.kubelet.PodReplay;
import dev.clew.devcluster.kubelet.ProcessKubelet;
import dev.clew.engine.pod.AttemptId;
import dev.clew.engine.pod.Kind;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What befalls the pods of a run: people delete them, nodes are drained, admission refuses or holds them. */
@WithClew
@Execution(ExecutionMode.CONCURRENT)
class PodTroubleTest {
    private static final Path RECORDINGS = Path.of("../devcluster/src/test/resources/recordings");

    /** Answers SIGTERM with an exit code of its own, and says when it is ready to. */
    private static final String ANSWERS = "trap \"exit %d\" TERM; echo ready; sleep 120 & wait";

    /** The first attempt of its only step does as it is told, the others succeed. */
    private static String once(String script, int retries, int graceSeconds, String policy) {
        return Flows.inline("one", """
                pod: {terminationGracePeriodSeconds: %d}
                steps:
                - name: a
                  retry: {limit: %d, backoffSeconds: 0}
                  %s
                  container: {image: busybox, command: [sh, -c, 'test "$CLEW_ATTEMPT" != 1 || { %s; }']}
                  compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
                """.formatted(graceSeconds, retries, policy, script));
    }

    private static String once(String script, int retries) {
        return once(script, retries, 1, "");
    }

    /** Waits until the first attempt runs and answers SIGTERM. */
    private static Pod awaitReady(Scenario scenario) {
        Pod pod = scenario.awaitPod("one", "a", 1, Scenario::isRunning);
        Awaitility.await()
                .atMost(Duration.ofSeconds(150))
                .until(() -> scenario.log(pod.getMetadata().getName()).contains("ready"));
        return pod;
    }

    /** Waits until the run says what it waits for, and returns all that it says. */
    private static String awaitMessage(Scenario scenario, String part) {
        return Scenario.message(
                scenario.await("one", run -> Scenario.message(run).contains(part)));
    }

    private static void delete(Scenario scenario, Pod pod) {
        scenario.kubectl("delete", "pod", pod.getMetadata().getName(), "--wait=false");
    }

    private static void evict(Scenario scenario, Pod pod) {
        assertThat(scenario.client().pods().resource(pod).evict()).isTrue();
    }

    /** Makes the pod of the first attempt vanish, once the run has recorded it and its node. */
    private static void makeVanish(Scenario scenario, String what) {
        Pod pod = scenario.awaitPod("one", what, 1, Scenario::isRunning);
        Awaitility.await()
                .atMost(Duration.ofSeconds(150))
                .until(() -> scenario.kubectl("get", "wfr", "one", "-o", "jsonpath={.status.steps}")
                        .matches(
                                ".*\"node\":\"local\"[^{}]*" + pod.getMetadata().getUid() + ".*"));
        scenario.makeVanish(pod.getMetadata().getName());
    }

    private static WorkflowRun awaitInDoubt(Scenario scenario) {
        return scenario.await(
                "one",
                run -> Scenario.actionRequired(run)
                        .filter(condition -> condition.reason().equals("InDoubt"))
                        .isPresent());
    }

    private static Pod aPod(Scenario scenario, int attempt) {
        return scenario.awaitPod("one", "a", attempt, pod -> true);
    }

    private static boolean isGone(Scenario scenario, Pod pod) {
        return scenario.client().resource(pod).get() == null;
    }

    @Test
    void aPodThatIsDeletedBeforeItHasANodeNeverStartedAndIsReplacedWithoutCounting(Scenario scenario) {
        scenario.apply(Flows.inline("one", """
                pod: {nodeSelector: {kubernetes.io/hostname: %s}}
                steps:
                - name: a
                  retry: {limit: 0, backoffSeconds: 0}
                  container: {image: busybox, command: [sh, -c, 'exit 0']}
                """.formatted(scenario.namespace())));
        delete(scenario, aPod(scenario, 1));
        aPod(scenario, 2);

        try (ProcessKubelet _ = scenario.cluster().startNode(scenario.namespace())) {
            WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);

            assertThat(Scenario.claims(ended)).containsExactly("a", "a");
            Attempt first = Scenario.attempt(ended, "a", 1);
            assertThat(first.state()).isEqualTo(AttemptState.NotStarted);
            assertThat(first.reason()).isEqualTo("NeverScheduled");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--wait=false", "--wait=false --force --grace-period=0"})
    void aRunningPodThatAUserDeletesHasFailedAndTheStepIsUndone(String how, Scenario scenario) {
        scenario.apply(once("sleep 120", 0));
        List<String> command = new ArrayList<>(List.of("delete", "pod"));
        command.add(scenario.awaitPod("one", "a", 1, Scenario::isRunning)
                .getMetadata()
                .getName());
        command.addAll(List.of(how.split(" ")));
        scenario.kubectl(command.toArray(String[]::new));

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Failed);

        assertThat(Scenario.claims(ended)).containsExactly("a", "undo a");
        assertThat(Scenario.message(ended)).isEqualTo("a failed: exit code 137; undone: a");
    }

    @Test
    void aRunningPodThatAUserDeletesUsesUpARetryAndAnExit0IsNoSuccess(Scenario scenario) {
        scenario.apply(once(ANSWERS.formatted(0), 1));
        delete(scenario, awaitReady(scenario));

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);

        Attempt first = Scenario.attempt(ended, "a", 1);
        assertThat(first.state()).isEqualTo(AttemptState.Failed);
        assertThat(first.reason()).isEqualTo("Interrupted");
        assertThat(first.message())
                .isEqualTo("exit code 0, but the pod was being deleted: its work may have been cut short");
        assertThat(Scenario.attempt(ended, "a", 2).state()).isEqualTo(AttemptState.Succeeded);
        assertThat(Scenario.step(ended, "a").failures()).isEqualTo(1);
    }

    @Test
    void aPodThatVanishedIsInDoubtUntilItsNodeHasBeenReadyForLongEnoughAndThenTheStepIsTriedAgain(Scenario scenario) {
        scenario.apply(once("sleep 120", 1, 5, ""));
        makeVanish(scenario, "a");

        WorkflowRun doubted = awaitInDoubt(scenario);
        assertThat(Scenario.claims(doubted)).containsExactly("a");
        assertThat(Scenario.message(doubted))
                .startsWith("a waits: InDoubt: the pod " + Flows.pod(Scenario.attempt(doubted, "a", 1))
                        + " is gone, and its end was not seen: its process may still be running")
                .contains("if the node local stays ready");

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);
        Attempt first = Scenario.attempt(ended, "a", 1);
        assertThat(first.state()).isEqualTo(AttemptState.Lost);
        assertThat(first.reason()).isEqualTo("NodeResolved");
        Instant since = Objects.requireNonNull(Scenario.attempt(doubted, "a", 1).doubt())
                .since();
        assertThat(first.finishTime()).isAfterOrEqualTo(since.plusSeconds(5).plus(ClewExtension.CONFIG.maxInFlight()));
        assertThat(Scenario.attempt(ended, "a", 2).startTime()).isAfterOrEqualTo(first.finishTime());
    }

    @Test
    void aPodThatVanishedIsSettledAtOnceByAPersonWhoVouchesAndThenTheStepIsUndone(Scenario scenario) {
        scenario.apply(once("sleep 120", 0, 600, ""));
        makeVanish(scenario, "a");

        scenario.kubectl("wait", "--for=condition=ActionRequired", "--timeout=60s", "wfr/one");
        assertThat(scenario.kubectl("describe", "wfr", "one"))
                .containsPattern("Reason: +InDoubt\\s+Status: +True\\s+Type: +ActionRequired");
        assertThat(scenario.kubectl("get", "wfr", "one", "-o", "jsonpath={.status.message}"))
                .startsWith("a waits: InDoubt: the pod one-a-");
        scenario.typeWhatIsSaid("one", "if you know that its process has stopped:");

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Failed);
        Attempt attempt = Scenario.attempt(ended, "a", 1);
        assertThat(attempt.state()).isEqualTo(AttemptState.Lost);
        assertThat(attempt.reason()).isEqualTo("AssumedStopped");
        assertThat(Scenario.claims(ended)).containsExactly("a", "undo a");
        assertThat(ended.getStatus().interventions().getFirst().message())
                .isEqualTo("the pod " + Flows.pod(attempt) + " counts as stopped");
        assertThat(Scenario.actionRequired(ended)).isEmpty();
    }

    @Test
    void aRunThatIsCancelledWhileAPodIsInDoubtWaitsForItAndSaysHowToVouch(Scenario scenario) {
        scenario.apply(once("sleep 120", 0, 600, ""));
        makeVanish(scenario, "a");
        awaitInDoubt(scenario);
        scenario.patch("one", "desiredState", "Cancelled");
        WorkflowRun waiting = scenario.await("one", run -> Scenario.phase(run) == RunPhase.Compensating);
        assertThat(Scenario.message(waiting)).startsWith("cancelled; waiting for the end of a");
        assertThat(Scenario.actionRequired(waiting)).isPresent();
        assertThat(Scenario.claims(waiting)).containsExactly("a");

        scenario.typeWhatIsSaid("one", "if you know that its process has stopped:");

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Cancelled);
        assertThat(Scenario.claims(ended)).containsExactly("a", "undo a");
    }

    @Test
    void noOtherCompensationStartsWhileThePodOfOneIsInDoubt(Scenario scenario) {
        scenario.apply(Flows.inline("one", """
                pod: {terminationGracePeriodSeconds: 600}
                steps:
                - name: a
                  container: {image: busybox, command: [sh, -c, 'exit 0']}
                  compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
                - name: b
                  container: {image: busybox, command: [sh, -c, 'exit 1']}
                  compensation:
                    retry: {backoffSeconds: 0}
                    container: {image: busybox, command: [sh, -c, 'test "$CLEW_ATTEMPT" != 1 || sleep 120']}
                """));
        makeVanish(scenario, "undo b");
        WorkflowRun doubted = awaitInDoubt(scenario);
        assertThat(Scenario.message(doubted))
                .startsWith("b failed: exit code 1; undoing b waits: InDoubt: the pod one-b-undo-");
        assertThat(Scenario.claims(doubted)).containsExactly("a", "b", "undo b");

        scenario.typeWhatIsSaid("one", "if you know that its process has stopped:");

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Failed);
        assertThat(Scenario.claims(ended)).containsExactly("a", "b", "undo b", "undo b", "undo a");
    }

    @Test
    void aCompensationWhosePodAUserDeletesIsTriedAgain(Scenario scenario) {
        scenario.apply(Flows.inline("one", """
                pod: {terminationGracePeriodSeconds: 1}
                steps:
                - name: a
                  container: {image: busybox, command: [sh, -c, 'exit 1']}
                  compensation:
                    retry: {backoffSeconds: 0}
                    container: {image: busybox, command: [sh, -c, 'test "$CLEW_ATTEMPT" != 1 || sleep 120']}
                """));
        delete(scenario, scenario.awaitPod("one", "undo a", 1, Scenario::isRunning));

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Failed);

        assertThat(Scenario.claims(ended)).containsExactly("a", "undo a", "undo a");
        assertThat(Scenario.message(ended)).isEqualTo("a failed: exit code 1; undone: a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{app.kubernetes.io/managed-by: clew, clew.dev/run: one, clew.dev/step: a}"})
    void aNameThatAForeignPodHasTakenFailsTheAttemptAndThePodIsLeftAlone(String labels, Scenario scenario) {
        scenario.apply(once("exit 0", 1).replace("spec:\n", "spec:\n  desiredState: Paused\n"));
        WorkflowRun paused = scenario.await("one", run -> Scenario.phase(run) == RunPhase.Paused);
        String name = new AttemptId(paused.getMetadata().getUid(), "a", Kind.Step, 1).podName("one");
        scenario.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, labels: %s}
                spec:
                  restartPolicy: Never
                  terminationGracePeriodSeconds: 1
                  containers: [{name: main, image: busybox, command: [sleep, '600']}]
                """.formatted(name, labels));
        scenario.patch("one", "desiredState", "Running");

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);

        Attempt first = Scenario.attempt(ended, "a", 1);
        assertThat(first.state()).isEqualTo(AttemptState.Failed);
        assertThat(first.reason()).isEqualTo("NameConflict");
        assertThat(first.message()).isEqualTo("a pod " + name + " that is not Clew's already exists");
        assertThat(Scenario.attempt(ended, "a", 2).state()).isEqualTo(AttemptState.Succeeded);
        Pod foreign = scenario.client()
                .pods()
                .inNamespace(scenario.namespace())
                .withName(name)
                .require();
        assertThat(Scenario.isDeleted(foreign)).isFalse();
        assertThat(foreign.getMetadata().getFinalizers()).isEmpty();
        assertThat(foreign.getMetadata().getOwnerReferences()).isEmpty();
    }

    @Test
    void anEvictionThatThePolicyIgnoresIsTriedAgainWithoutCounting(Scenario scenario) {
        scenario.apply(once(
                ANSWERS.formatted(3),
                0,
                1,
                "failurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]}"));
        evict(scenario, awaitReady(scenario));

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);

        Attempt first = Scenario.attempt(ended, "a", 1);
        assertThat(first.state()).isEqualTo(AttemptState.Failed);
        assertThat(first.reason()).isEqualTo("EvictionByEvictionAPI");
        assertThat(first.policy()).isEqualTo(FailureAction.Ignore);
        assertThat(Objects.requireNonNull(first.pod()).exitCode()).isEqualTo(3);
        assertThat(Scenario.step(ended, "a").failures()).isNull();
    }

    @Test
    void anEvictionWithoutAPolicyCountsAndIsToldApartFromAnExitCode(Scenario scenario) {
        scenario.apply(once(ANSWERS.formatted(3), 0));
        evict(scenario, awaitReady(scenario));

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Failed);

        assertThat(Scenario.attempt(ended, "a", 1).reason()).isEqualTo("EvictionByEvictionAPI");
        assertThat(Scenario.message(ended))
                .isEqualTo(
                        "a failed: disrupted (EvictionByEvictionAPI: Eviction API: evicting), exit code 3; undone: a");
    }

    @Test
    void anExit0InAnswerToAnEvictionIsNoSuccess(Scenario scenario) {
        scenario.apply(once(ANSWERS.formatted(0), 0));
        evict(scenario, awaitReady(scenario));

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Failed);

        assertThat(Scenario.attempt(ended, "a", 1).reason()).isEqualTo("Interrupted");
        assertThat(Scenario.message(ended))
                .isEqualTo("a failed: exit code 0, but the pod was being deleted (EvictionByEvictionAPI:"
                        + " Eviction API: evicting): its work may have been cut short; undone: a");
    }

    @Test
    void aPodThatIsEvictedBeforeItsContainerWasMadeNeverStartedAndIsReplacedWithoutCounting(Scenario scenario) {
        scenario.apply(needsSecret(600));
        awaitMessage(scenario, "a waits: CreateContainerConfigError");
        evict(scenario, aPod(scenario, 1));
        aPod(scenario, 2);
        createSecret(scenario);

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);

        Attempt first = Scenario.attempt(ended, "a", 1);
        assertThat(first.state()).isEqualTo(AttemptState.NotStarted);
        assertThat(first.reason()).isEqualTo("CreateContainerConfigError");
        assertThat(first.message()).isEqualTo("never started: CreateContainerConfigError");
        assertThat(Scenario.step(ended, "a").failures()).isNull();
    }

    /** 13d: a failed init container, which somebody has injected, leaves the end of the step's own untold. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            03-oom-killed                  | Failed    | OOMKilled              | exit code 137 (OOMKilled)
            02b-exit-137                   | Failed    | ExitCode               | exit code 137
            08-command-not-found           | Failed    | StartError             | exit code 128 (StartError)
            20b-container-record-lost      | Lost      | ContainerStatusUnknown | the kubelet lost sight of the container: it may have run
            13d-init-container-fails       | Lost      | NodeResolved           | has been ready for long enough to have ended it
            15f-node-lost-exit-while-away  | Succeeded | -                      | -
            """)
    void anAttemptIsJudgedByTheEndOfItsContainer(
            String recording, AttemptState state, String reason, String message, Scenario scenario) {
        try (PodReplay replay = scenario.cluster()
                .kubelet()
                .replay(
                        pod -> scenario.namespace().equals(pod.getMetadata().getNamespace()),
                        PodRecording.read(RECORDINGS.resolve(recording + ".json")))) {
            scenario.apply(once("exit 0", 1));
            replay.playUntil(pod ->
                    Set.of("Failed", "Succeeded").contains(pod.getStatus().getPhase()));

            WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);

            Attempt first = Scenario.attempt(ended, "a", 1);
            assertThat(first.state()).isEqualTo(state);
            assertThat(first.reason()).isEqualTo(reason);
            assertThat(Objects.requireNonNullElse(first.message(), "")).endsWith(message == null ? "" : message);
        }
    }

    @Test
    void aSidecarThatNeverEndsHoldsNothingUpAndIsStopped10SecondsAfterItsStep(Scenario scenario) {
        try (var _ = scenario.cluster().injectSidecar(scenario.namespace(), "proxy", "sleep", "600")) {
            scenario.apply(Flows.inline("one", """
                    pod: {terminationGracePeriodSeconds: 10}
                    steps:
                    - {name: a, container: {image: busybox, command: [sh, -c, 'exit 0']}}
                    - {name: b, container: {image: busybox, command: [sh, -c, 'exit 0']}}
                    """));

            Pod ofTheFirst = scenario.awaitPod("one", "a", 1, Scenario::isDeleted);
            Pod ofTheLast = scenario.awaitPod("one", "b", 1, Scenario::isDeleted);

            WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);
            assertThat(Scenario.attempt(ended, "b", 1).startTime())
                    .isBefore(endOfTheStep(ofTheFirst).plusSeconds(10));
            for (Pod pod : List.of(ofTheFirst, ofTheLast)) {
                assertThat(pod.getSpec().getContainers()).hasSize(2);
                assertThat(deletionRequested(pod))
                        .isAfterOrEqualTo(endOfTheStep(pod).plusSeconds(10));
                Awaitility.await().atMost(Duration.ofSeconds(150)).until(() -> isGone(scenario, pod));
            }
        }
    }

    private static Instant endOfTheStep(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream()
                .filter(container -> container.getName().equals("main"))
                .map(ContainerStatus::getState)
                .map(state -> Instant.parse(state.getTerminated().getFinishedAt()))
                .findFirst()
                .orElseThrow();
    }

    private static Instant deletionRequested(Pod pod) {
        return Instant.parse(pod.getMetadata().getDeletionTimestamp())
                .minusSeconds(pod.getMetadata().getDeletionGracePeriodSeconds());
    }

    @Test
    void aRunIsUndoneFromItsRecordWhenThePodsOfItsEndedStepsAreGone(Scenario scenario) {
        scenario.apply(Flows.inline("one", """
                pod: {terminationGracePeriodSeconds: 1}
                steps:
                - name: a
                  outputs: [id]
                  container: {image: busybox, command: [sh, -c, 'echo id=42 >> "$CLEW_OUTPUT"']}
                  compensation: {container: {image: busybox, command: [sh, -c, 'echo "undoing $0"', $(steps.a.outputs.id)]}}
                - name: b
                  container: {image: busybox, command: [sh, -c, 'sleep 120']}
                """));
        scenario.awaitPod("one", "b", 1, Scenario::isRunning);
        Pod ended = aPod(scenario, 1);
        scenario.kubectl("delete", "pod", ended.getMetadata().getName());
        scenario.patch("one", "desiredState", "RolledBack");

        WorkflowRun rolledBack = scenario.awaitEnd("one", RunPhase.RolledBack);

        assertThat(isGone(scenario, ended)).isTrue();
        assertThat(Scenario.claims(rolledBack)).containsExactly("a", "b", "undo a");
        Attempt undoing = Objects.requireNonNull(Scenario.step(rolledBack, "a").compensation())
                .attempts()
                .getFirst();
        assertThat(scenario.log(Flows.pod(undoing))).isEqualTo("undoing 42\n");
    }

    @Test
    void aPodThatPodSecurityDeniesIsShownAndGivenUpAfterTheStartLimitAndNothingIsOwed(Scenario scenario) {
        scenario.kubectl("label", "namespace", scenario.namespace(), "pod-security.kubernetes.io/enforce=restricted");
        awaitRefused(scenario, HttpURLConnection.HTTP_FORBIDDEN);
        scenario.apply(Flows.inline("one", """
                steps:
                - name: a
                  startTimeoutSeconds: 15
                  container: {image: busybox, command: [sh, -c, 'exit 0']}
                  compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
                """));
        assertThat(awaitMessage(scenario, "a waits: CreateRefused: pods \"one-a-"))
                .contains("is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false")
                .contains("seccompProfile");

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Failed);

        Attempt attempt = Scenario.attempt(ended, "a", 1);
        assertThat(attempt.state()).isEqualTo(AttemptState.NotStarted);
        assertThat(attempt.reason()).isEqualTo("StartTimeout");
        assertThat(Scenario.message(ended))
                .startsWith("a failed: its pod could not be created: pods \"one-a-")
                .endsWith("; there was nothing to undo");
        assertThat(ended.getStatus().undone()).isEqualTo("0/0");
    }

    /** What admission knows of a namespace comes some time after its change. */
    private static void awaitRefused(Scenario scenario, int code) {
        Pod probe = scenario.client().getKubernetesSerialization().unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {generateName: probe-}
                spec: {containers: [{name: main, image: busybox}]}
                """, Pod.class);
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            try {
                scenario.client()
                        .pods()
                        .inNamespace(scenario.namespace())
                        .resource(probe)
                        .dryRun()
                        .create();
                return false;
            } catch (KubernetesClientException e) {
                return e.getCode() == code;
            }
        });
    }

    /** As the Kubernetes API answers while a webhook that must be asked cannot be reached. */
    @Test
    void anApiServerThatKeepsFailingAtAPodIsShownAndTheStepGoesOnOnceItDoesNot(Scenario scenario) {
        ValidatingWebhookConfiguration unreachable = scenario.client()
                .resource(scenario.client()
                        .getKubernetesSerialization()
                        .unmarshal("""
                        apiVersion: admissionregistration.k8s.io/v1
                        kind: ValidatingWebhookConfiguration
                        metadata: {name: unreachable-%1$s}
                        webhooks:
                        - name: unreachable.example.com
                          clientConfig: {url: 'https://localhost:1/'}
                          rules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE]}]
                          namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                          failurePolicy: Fail
                          timeoutSeconds: 1
                          sideEffects: None
                          admissionReviewVersions: [v1]
                        """.formatted(scenario.namespace()), ValidatingWebhookConfiguration.class))
                .create();
        try {
            awaitRefused(scenario, HttpURLConnection.HTTP_INTERNAL_ERROR);
            scenario.apply(Flows.inline("one", """
                    steps:
                    - {name: a, container: {image: busybox, command: [sh, -c, 'exit 0']}}
                    """));
            assertThat(awaitMessage(scenario, "a waits: CreateRefused: "))
                    .contains("failed calling webhook \"unreachable.example.com\"");
        } finally {
            scenario.client().resource(unreachable).delete();
        }
        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);
        assertThat(Scenario.claims(ended)).containsExactly("a");
    }

    @Test
    void aMissingServiceAccountIsShownAndTheStepGoesOnOnceItIsThere(Scenario scenario) {
        scenario.apply(Flows.inline("one", """
                pod: {serviceAccountName: robot}
                steps:
                - {name: a, container: {image: busybox, command: [sh, -c, 'exit 0']}}
                """));
        assertThat(awaitMessage(scenario, "a waits: CreateRefused: pods \"one-a-"))
                .contains("serviceaccount \"robot\" not found");

        scenario.kubectl("create", "serviceaccount", "robot");

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);
        assertThat(Scenario.claims(ended)).containsExactly("a");
    }

    @Test
    void aSecretThatIsMissingIsShownAndTheSamePodGoesOnOnceItIsThere(Scenario scenario) {
        scenario.apply(needsSecret(600));
        assertThat(awaitMessage(scenario, "a waits: CreateContainerConfigError"))
                .isEqualTo("a waits: CreateContainerConfigError: secret \"late\" not found");

        createSecret(scenario);

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);
        assertThat(Scenario.claims(ended)).containsExactly("a");
    }

    @Test
    void aSecretThatDoesNotComeIsGivenUpAfterTheStartLimitAndCounts(Scenario scenario) {
        scenario.apply(needsSecret(15));
        awaitMessage(scenario, "a waits: CreateContainerConfigError");

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Failed);

        assertThat(Scenario.attempt(ended, "a", 1).state()).isEqualTo(AttemptState.NotStarted);
        assertThat(Scenario.message(ended))
                .isEqualTo("a failed: did not start in time: CreateContainerConfigError; there was nothing to undo");
    }

    private static String needsSecret(int startTimeoutSeconds) {
        return Flows.inline("one", """
                pod: {terminationGracePeriodSeconds: 1}
                steps:
                - name: a
                  startTimeoutSeconds: %d
                  retry: {limit: 0, backoffSeconds: 0}
                  container:
                    image: busybox
                    command: [sh, -c, 'exit 0']
                    env: [{name: KEY, valueFrom: {secretKeyRef: {name: late, key: key}}}]
                  compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
                """.formatted(startTimeoutSeconds));
    }

    private static void createSecret(Scenario scenario) {
        scenario.kubectl("create", "secret", "generic", "late", "--from-literal=key=value");
    }

    @Test
    void aStepThatNoNodeSuitsIsShownAndGoesOnOnceThereIsOne(Scenario scenario) {
        scenario.apply(Flows.inline("one", """
                pod: {nodeSelector: {kubernetes.io/hostname: %s}}
                steps:
                - {name: a, container: {image: busybox, command: [sh, -c, 'exit 0']}}
                """.formatted(scenario.namespace())));
        assertThat(awaitMessage(scenario, "a waits: Unschedulable: 0/"))
                .contains("nodes are available")
                .contains("didn't match Pod's node affinity/selector");

        try (ProcessKubelet node = scenario.cluster().startNode(scenario.namespace())) {
            WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);

            assertThat(Scenario.claims(ended)).containsExactly("a");
            assertThat(Objects.requireNonNull(Scenario.attempt(ended, "a", 1).pod())
                            .node())
                    .isEqualTo(node.node());
        }
    }

    @Test
    void aRunThatIsCancelledWhileItsImageCannotBePulledOwesNothing(Scenario scenario) {
        scenario.apply(Flows.inline("one", """
                pod: {terminationGracePeriodSeconds: 1}
                steps:
                - name: a
                  container: {image: missing/image:1, command: [sh, -c, 'exit 0']}
                  compensation: {container: {image: busybox, command: [sh, -c, 'exit 0']}}
                """));
        awaitMessage(scenario, "a waits: ImagePullBackOff: Back-off pulling image \"missing/image:1\"");
        scenario.patch("one", "desiredState", "Cancelled");

        WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Cancelled);

        Attempt attempt = Scenario.attempt(ended, "a", 1);
        assertThat(attempt.state()).isEqualTo(AttemptState.NotStarted);
        assertThat(Scenario.message(ended)).isEqualTo("cancelled; there was nothing to undo");
    }

    @Test
    void aSchedulingGateOfSomebodyElseStopsTheStartLimit(Scenario scenario) {
        try (var _ = Gate.hang(scenario)) {
            scenario.apply(Flows.inline("one", """
                    steps:
                    - name: a
                      startTimeoutSeconds: 8
                      container: {image: busybox, command: [sh, -c, 'exit 0']}
                    """));
            awaitMessage(scenario, "a waits: SchedulingGated");
            Pod held = aPod(scenario, 1);
            Instant limit =
                    Instant.parse(held.getMetadata().getCreationTimestamp()).plusSeconds(8);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> Instant.now().isAfter(limit.plusSeconds(3)));
            assertThat(aPod(scenario, 1))
                    .satisfies(pod -> assertThat(Scenario.isDeleted(pod)).isFalse());

            scenario.client()
                    .resource(held)
                    .patch(PatchContext.of(PatchType.JSON), "[{\"op\":\"remove\",\"path\":\"/spec/schedulingGates\"}]");

            WorkflowRun ended = scenario.awaitEnd("one", RunPhase.Succeeded);
            assertThat(Scenario.claims(ended)).containsExactly("a");
        }
    }

    /** Holds every new pod of a namespace by a scheduling gate, as a queue does. */
    private record Gate(Scenario scenario, List<GenericKubernetesResource> objects) implements AutoCloseable {
        private static final String POLICY = """
                apiVersion: admissionregistration.k8s.io/v1beta1
                kind: MutatingAdmissionPolicy
                metadata: {name: gate-%1$s}
                spec:
                  failurePolicy: Fail
                  reinvocationPolicy: Never
                  matchConstraints:
                    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                    resourceRules:
                    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
                  mutations:
                  # a JSONPatch with a list as its value makes the API server of 1.34 panic
                  - patchType: ApplyConfiguration
                    applyConfiguration:
                      expression: >-
                        Object{spec: Object.spec{schedulingGates: [
                        Object.spec.schedulingGates{name: "example.com/queue"}]}}
                """;
        private static final String BINDING = """
                apiVersion: admissionregistration.k8s.io/v1beta1
                kind: MutatingAdmissionPolicyBinding
                metadata: {name: gate-%1$s}
                spec: {policyName: gate-%1$s}
                """;

        /** Returns when it is in force. */
        static Gate hang(Scenario scenario) {
            var serialization = scenario.client().getKubernetesSerialization();
            var gate = new Gate(
                    scenario,
                    List.of(POLICY, BINDING).stream()
                            .map(yaml -> yaml.formatted(scenario.namespace()))
                            .map(yaml -> serialization.unmarshal(yaml, GenericKubernetesResource.class))
                            .toList());
            gate.objects.forEach(object -> scenario.client().resource(object).create());
            Pod probe = serialization.unmarshal("""
                    apiVersion: v1
                    kind: Pod
                    metadata: {generateName: probe-}
                    spec: {containers: [{name: main, image: busybox}]}
                    """, Pod.class);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> !scenario.client()
                            .pods()
                            .inNamespace(scenario.namespace())
                            .resource(probe)
                            .dryRun()
                            .create()
                            .getSpec()
                            .getSchedulingGates()
                            .isEmpty());
            return gate;
        }

        @Override
        public void close() {
            objects.forEach(object -> scenario.client().resource(object).delete());
        }
    }
}
