package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.Condition;
import dev.clew.api.ConditionStatus;
import dev.clew.api.Names;
import dev.clew.api.Workflow;
import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.Intervention;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.devcluster.DevCluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/** A namespace with a running operator, and what a test asks of it. */
record Scenario(DevCluster cluster, String namespace) {
    private static final Duration PATIENCE = Duration.ofSeconds(150);

    KubernetesClient client() {
        return cluster.client();
    }

    /** Applies YAML documents to the namespace. */
    void apply(String yaml) {
        for (HasMetadata object : client().load(
                        new java.io.ByteArrayInputStream(yaml.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .items()) {
            client().resource(object).inNamespace(namespace).createOr(resource -> resource.patch());
        }
    }

    /** Changes a field of a run's spec, as {@code kubectl patch --type=merge} does. */
    void patch(String run, String field, String value) {
        resource(run).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"" + field + "\":\"" + value + "\"}}");
    }

    /** Adds an intervention to a run, in YAML: {@code {name: again, action: RetryStep, step: charge}}. */
    void intervene(String run, String intervention) {
        var serialization = client().getKubernetesSerialization();
        String json = serialization.asJson(serialization.unmarshal("---\n" + intervention, Intervention.class));
        boolean first = run(run).getSpec().interventions().isEmpty();
        String what = first
                ? "\"path\":\"/spec/interventions\",\"value\":[" + json + "]"
                : "\"path\":\"/spec/interventions/-\",\"value\":" + json;
        resource(run).patch(PatchContext.of(PatchType.JSON), "[{\"op\":\"add\"," + what + "}]");
    }

    /** What kubectl prints, without the column AGE. */
    String kubectl(String... arguments) {
        List<String> command = new ArrayList<>(List.of(cluster.kubectl().toString(), "-n", namespace));
        command.addAll(List.of(arguments));
        String printed = run(command);
        int age = (printed.lines().findFirst().orElse("") + " ").indexOf(" AGE ");
        return age < 0
                ? printed
                : printed.lines()
                        .map(line ->
                                line.substring(0, Math.min(line.length(), age)).stripTrailing() + "\n")
                        .collect(Collectors.joining());
    }

    /** Runs the first line in a run's message that begins with "kubectl", after the given words; as a person would. */
    void typeWhatIsSaid(String run, String words) {
        String message = Objects.requireNonNull(run(run).getStatus().message());
        var line = Pattern.compile(Pattern.quote(words) + ".*?kubectl ([^']*'[^']*')")
                .matcher(message);
        assertThat(line.find()).as(message).isTrue();
        run(List.of("sh", "-c", cluster.kubectl() + " " + line.group(1)));
    }

    private String run(List<String> command) {
        try {
            var builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("KUBECONFIG", cluster.kubeconfig().toString());
            Process process = builder.start();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(command + " failed: " + printed);
            }
            return printed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    Resource<WorkflowRun> resource(String run) {
        return client().resources(WorkflowRun.class).inNamespace(namespace).withName(run);
    }

    WorkflowRun run(String name) {
        return Objects.requireNonNull(resource(name).get(), "no run " + name);
    }

    Workflow workflow(String name) {
        return Objects.requireNonNull(client().resources(Workflow.class)
                .inNamespace(namespace)
                .withName(name)
                .get());
    }

    /** Waits until a run is as it should be, and returns it. */
    WorkflowRun await(String run, Predicate<WorkflowRun> condition) {
        return awaitAtMost(PATIENCE, run, condition);
    }

    WorkflowRun awaitAtMost(Duration patience, String run, Predicate<WorkflowRun> condition) {
        try {
            return Objects.requireNonNull(Awaitility.await()
                    .atMost(patience)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> resource(run).get(), found -> found != null && condition.test(found)));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("the run is " + yaml(resource(run).get()), e);
        }
    }

    private String yaml(@Nullable Object object) {
        return client().getKubernetesSerialization().asYaml(object);
    }

    /** Waits for the end of a run, which must be the expected one, and until Clew has let it go. */
    WorkflowRun awaitEnd(String run, RunPhase expected) {
        WorkflowRun ended = await(run, found -> {
            RunPhase phase = phase(found);
            return phase != null
                    && phase.isEnd()
                    && Objects.equals(
                            found.getStatus().observedGeneration(),
                            found.getMetadata().getGeneration())
                    && found.getMetadata().getFinalizers().isEmpty();
        });
        if (phase(ended) != expected) {
            throw new AssertionError("expected " + expected + ", but the run is " + yaml(ended));
        }
        return ended;
    }

    /** Waits until a run has been deleted. */
    void awaitGone(String run) {
        try {
            Awaitility.await().atMost(PATIENCE).until(() -> resource(run).get() == null);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("the run is " + yaml(resource(run).get()), e);
        }
    }

    static @Nullable RunPhase phase(WorkflowRun run) {
        return run.getStatus() == null ? null : run.getStatus().phase();
    }

    static StepStatus step(WorkflowRun run, String name) {
        return run.getStatus().steps().stream()
                .filter(step -> step.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The attempt of a step with that number. */
    static Attempt attempt(WorkflowRun run, String step, int number) {
        return step(run, step).attempts().stream()
                .filter(attempt -> attempt.number() == number)
                .findFirst()
                .orElseThrow();
    }

    /** What a run says in a sentence; empty if it says nothing yet. */
    static String message(WorkflowRun run) {
        return run.getStatus() == null
                ? ""
                : Objects.requireNonNullElse(run.getStatus().message(), "");
    }

    /** Why a run waits for a person, if it does. */
    static Optional<Condition> actionRequired(WorkflowRun run) {
        return run.getStatus() == null
                ? Optional.empty()
                : run.getStatus().conditions().stream()
                        .filter(condition -> condition.type().equals("ActionRequired"))
                        .filter(condition -> condition.status() == ConditionStatus.True)
                        .findFirst();
    }

    /** The pods of a run, in no order. */
    List<Pod> pods(String run) {
        return client().pods()
                .inNamespace(namespace)
                .withLabels(Map.of(Names.RUN_LABEL, run))
                .list()
                .getItems();
    }

    /** Waits until the pod of an attempt, of "charge" or "undo charge", is as it should be, and returns it. */
    Pod awaitPod(String run, String what, int attempt, Predicate<Pod> condition) {
        boolean undoing = what.startsWith("undo ");
        Map<String, String> labels = Map.of(
                Names.COMPONENT_LABEL, undoing ? "compensation" : "step",
                Names.STEP_LABEL, undoing ? what.substring("undo ".length()) : what,
                Names.ATTEMPT_LABEL, Integer.toString(attempt));
        return Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> pods(run).stream()
                                .filter(pod ->
                                        pod.getMetadata().getLabels().entrySet().containsAll(labels.entrySet()))
                                .filter(condition)
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    /** Strips a pod of its finalizers and deletes it by force: nobody is told how it ends. */
    void makeVanish(String pod) {
        kubectl("patch", "pod", pod, "--type=merge", "-p", "{\"metadata\":{\"finalizers\":null}}");
        kubectl("delete", "pod", pod, "--force", "--grace-period=0");
    }

    static boolean isRunning(Pod pod) {
        return "Running".equals(pod.getStatus().getPhase());
    }

    static boolean isDeleted(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    /** The attempts of a run in the order in which they were claimed, as "charge" and "undo charge". */
    static List<String> claims(WorkflowRun run) {
        record Claim(Instant time, String what) {}
        return run.getStatus().steps().stream()
                .flatMap(step -> Stream.concat(
                        step.attempts().stream()
                                .map(attempt -> new Claim(Objects.requireNonNull(attempt.startTime()), step.name())),
                        step.compensation() == null
                                ? Stream.empty()
                                : step.compensation().attempts().stream()
                                        .map(attempt -> new Claim(
                                                Objects.requireNonNull(attempt.startTime()), "undo " + step.name()))))
                .sorted(Comparator.comparing(Claim::time))
                .map(Claim::what)
                .toList();
    }

    /** What the container of a pod wrote. */
    String log(String pod) {
        return cluster.kubelet().logs().read(namespace, pod, "main");
    }
}
