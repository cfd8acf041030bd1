package dev.clew.devcluster.kubelet;

import static dev.clew.devcluster.TestPods.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.TestPods;
import dev.clew.devcluster.TestProcesses;
import dev.clew.devcluster.junit.TestNamespace;
import dev.clew.devcluster.junit.WithDevCluster;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a container finds when it runs, and what becomes of its processes. */
@WithDevCluster
@Execution(ExecutionMode.CONCURRENT)
class ContainersTest {
    @Test
    void the_environment_is_that_of_the_spec_and_nothing_else(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        client.secrets()
                .inNamespace(namespace.name())
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("s")
                        .endMetadata()
                        .withStringData(Map.of("password", "p$(NAME)"))
                        .build())
                .create();
        client.configMaps()
                .inNamespace(namespace.name())
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("c")
                        .endMetadata()
                        .withData(Map.of("color", "red", "size", "big"))
                        .build())
                .create();
        PodBuilder pod = TestPods.shell("env", "true")
                .editMetadata()
                .addToLabels("team", "blue")
                .endMetadata()
                .editSpec()
                .editFirstContainer()
                .withCommand("/usr/bin/env")
                .addNewEnvFrom()
                .withPrefix("CM_")
                .withNewConfigMapRef("c", false)
                .endEnvFrom()
                .addToEnv(
                        value("NAME", "value"),
                        value("REFERS", "$(NAME)-$(CM_color)-$(LATER)-$$(NAME)-$(date)"),
                        value("LATER", "x"),
                        value("CLEW_OUTPUT", "/dev/termination-log"),
                        new EnvVarBuilder()
                                .withName("PASSWORD")
                                .withNewValueFrom()
                                .withNewSecretKeyRef("password", "s", false)
                                .endValueFrom()
                                .build(),
                        new EnvVarBuilder()
                                .withName("NOT_THERE")
                                .withNewValueFrom()
                                .withNewSecretKeyRef("other", "s", true)
                                .endValueFrom()
                                .build(),
                        new EnvVarBuilder()
                                .withName("SIZE")
                                .withNewValueFrom()
                                .withNewConfigMapKeyRef("size", "c", false)
                                .endValueFrom()
                                .build(),
                        field("POD", "metadata.name"),
                        field("TEAM", "metadata.labels['team']"),
                        field("NODE", "spec.nodeName"))
                .endContainer()
                .endSpec();

        Pod ended = TestPods.awaitPhase(client, TestPods.create(client, namespace.name(), pod), "Succeeded");

        assertThat(log(cluster, ended).lines().filter(line -> !line.matches("(PATH|HOME|CLEW_OUTPUT)=.*")))
                .containsExactlyInAnyOrder(
                        "CM_color=red",
                        "CM_size=big",
                        "NAME=value",
                        "REFERS=value-red-$(LATER)-$(NAME)-$(date)",
                        "LATER=x",
                        "PASSWORD=p$(NAME)",
                        "SIZE=big",
                        "POD=env",
                        "TEAM=blue",
                        "NODE=local");
        assertThat(log(cluster, ended)).containsPattern("(?m)^PATH=.").containsPattern("(?m)^HOME=/");
    }

    @Test
    void a_name_that_a_shell_would_not_take_reaches_the_container(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        PodBuilder pod = TestPods.shell("names", "true")
                .editSpec()
                .editFirstContainer()
                .withCommand("/usr/bin/env")
                .addToEnv(value("my.key-1", "v w"), value("PWD", "/else"))
                .endContainer()
                .endSpec();

        Pod ended = TestPods.awaitPhase(client, TestPods.create(client, namespace.name(), pod), "Succeeded");

        assertThat(log(cluster, ended).lines()).contains("my.key-1=v w", "PWD=/else");
    }

    @Test
    void command_and_arguments_are_expanded_and_find_the_termination_file(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        PodBuilder pod = TestPods.shell("command", "true")
                .editSpec()
                .editFirstContainer()
                .withCommand(
                        "sh", "-c", "echo \"$0 $1 $2\"; echo a=1 >/dev/termination-log; echo b=2 >>\"$CLEW_OUTPUT\"")
                .withArgs("$(NAME)", "$$(NAME)", "$(NONE)")
                .addToEnv(value("NAME", "it's"), value("CLEW_OUTPUT", "/dev/termination-log"))
                .endContainer()
                .endSpec();

        Pod ended = TestPods.awaitPhase(client, TestPods.create(client, namespace.name(), pod), "Succeeded");

        assertThat(log(cluster, ended)).isEqualTo("it's $(NAME) $(NONE)\n");
        assertThat(TestPods.end(ended).getMessage()).isEqualTo("a=1\nb=2\n");
    }

    @Test
    void it_works_in_its_working_directory_and_reads_nothing(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace, @TempDir Path directory) {
        PodBuilder pod = TestPods.shell("where", "pwd -P; cat; echo done")
                .editSpec()
                .editFirstContainer()
                .withWorkingDir(directory.toString())
                .endContainer()
                .endSpec();

        Pod ended = TestPods.awaitPhase(client, TestPods.create(client, namespace.name(), pod), "Succeeded");

        assertThat(log(cluster, ended)).isEqualTo(directory + "\ndone\n");
    }

    @Test
    void without_a_command_it_cannot_be_made_and_says_why(KubernetesClient client, TestNamespace namespace) {
        PodBuilder pod = TestPods.shell("no-command", "true")
                .editSpec()
                .editFirstContainer()
                .withCommand(List.of())
                .endContainer()
                .endSpec();
        Pod created = TestPods.create(client, namespace.name(), pod);

        Pod waiting = TestPods.await(
                client,
                created,
                current -> current.getStatus().getContainerStatuses().stream()
                        .anyMatch(status -> status.getState().getWaiting() != null
                                && "CreateContainerError"
                                        .equals(status.getState().getWaiting().getReason())));

        assertThat(waiting.getStatus()
                        .getContainerStatuses()
                        .getFirst()
                        .getState()
                        .getWaiting()
                        .getMessage())
                .contains("give the container a command");
    }

    @Test
    void init_containers_run_one_after_the_other_before_the_others(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace, @TempDir Path directory) {
        PodBuilder pod = TestPods.shell("init", "cat " + directory + "/order")
                .editSpec()
                .addNewInitContainer()
                .withName("one")
                .withImage("busybox")
                .withCommand("sh", "-c", "sleep 0.3; echo one >>" + directory + "/order")
                .endInitContainer()
                .addNewInitContainer()
                .withName("two")
                .withImage("busybox")
                .withCommand("sh", "-c", "echo two >>" + directory + "/order")
                .endInitContainer()
                .endSpec();

        Pod ended = TestPods.awaitPhase(client, TestPods.create(client, namespace.name(), pod), "Succeeded");

        assertThat(log(cluster, ended)).isEqualTo("one\ntwo\n");
        assertThat(ended.getStatus().getInitContainerStatuses())
                .allSatisfy(status -> assertThat(status.getReady()).isTrue());
    }

    @Test
    void what_a_container_leaves_running_goes_with_it(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        Pod pod = TestPods.create(
                client,
                namespace.name(),
                TestPods.shell("leaves", "sleep 600 & echo $!; sh -c 'echo $$$$; exec sleep 600' & sleep 0.3"));

        Pod ended = TestPods.awaitPhase(client, pod, "Succeeded");

        assertThat(pids(log(cluster, ended))).hasSize(2).noneMatch(TestProcesses::isAlive);
    }

    @Test
    void the_whole_process_group_is_killed_after_the_grace_period(
            DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        Pod pod = TestPods.create(
                client,
                namespace.name(),
                TestPods.shell(
                        "stubborn",
                        "trap '' TERM; echo $$$$; sh -c 'trap \"\" TERM; echo $$$$; while :; do sleep 0.1; done' & wait"));
        patiently().until(() -> pids(log(cluster, pod)).size() == 2);
        List<Long> pids = pids(log(cluster, pod));
        assertThat(pids).allMatch(TestProcesses::isAlive);

        client.resource(pod).withGracePeriod(1).delete();

        TestPods.awaitGone(client, pod);
        assertThat(pids).noneMatch(TestProcesses::isAlive);
    }

    @Test
    void a_pod_whose_object_vanished_is_stopped(DevCluster cluster, KubernetesClient client, TestNamespace namespace) {
        Pod pod = TestPods.create(client, namespace.name(), TestPods.shell("vanishes", "echo $$$$; sleep 600"));
        patiently().until(() -> !pids(log(cluster, pod)).isEmpty());
        List<Long> pids = pids(log(cluster, pod));

        client.resource(pod).withGracePeriod(0).delete();

        patiently().until(() -> pids.stream().noneMatch(TestProcesses::isAlive));
    }

    @Test
    void a_new_pod_of_an_old_name_is_another_pod(KubernetesClient client, TestNamespace namespace) {
        PodBuilder pod = TestPods.shell("again", "sleep 600");
        Pod first = TestPods.create(client, namespace.name(), pod);
        TestPods.awaitPhase(client, first, "Running");
        client.resource(first).withGracePeriod(0).delete();

        Pod second = TestPods.create(client, namespace.name(), TestPods.shell("again", "sleep 3"));
        Pod ended = TestPods.awaitPhase(client, second, "Succeeded");

        assertThat(ended.getMetadata().getUid()).isEqualTo(second.getMetadata().getUid());
        assertThat(TestPods.end(ended).getExitCode()).isZero();
    }

    @Test
    void another_node_s_pod_is_left_alone(KubernetesClient client, TestNamespace namespace) {
        Pod foreign = TestPods.create(
                client,
                namespace.name(),
                TestPods.shell("foreign", "true")
                        .editSpec()
                        .withNodeName("elsewhere")
                        .endSpec());
        Pod ours = TestPods.create(client, namespace.name(), TestPods.shell("ours", "true"));
        TestPods.awaitPhase(client, ours, "Succeeded");

        assertThat(Optional.ofNullable(TestPods.current(client, foreign))
                        .orElseThrow()
                        .getStatus()
                        .getContainerStatuses())
                .isEmpty();
    }

    private static String log(DevCluster cluster, Pod pod) {
        return cluster.kubelet()
                .logs()
                .read(pod.getMetadata().getNamespace(), pod.getMetadata().getName(), "main");
    }

    private static List<Long> pids(String log) {
        return Arrays.stream(log.split("\n", -1))
                .filter(line -> !line.isBlank())
                .map(Long::valueOf)
                .toList();
    }

    private static EnvVar value(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }

    private static EnvVar field(String name, String path) {
        return new EnvVarBuilder()
                .withName(name)
                .withNewValueFrom()
                .withNewFieldRef("v1", path)
                .endValueFrom()
                .build();
    }
}
