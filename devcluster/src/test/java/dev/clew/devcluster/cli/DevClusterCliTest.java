package dev.clew.devcluster.cli;

import static dev.clew.devcluster.TestPods.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.devcluster.TestPods;
import dev.clew.devcluster.TestProcesses;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevClusterCliTest {
    private static final String NAMESPACE = "default";

    @TempDir
    private Path directory;

    @Test
    void up_serves_until_sigterm_and_leaves_only_the_logs() throws Exception {
        Path crd = Path.of("src/test/resources/crds");
        try (ChildJvm up = new ChildJvm(
                directory.resolve("out"), "up", "--state-dir", state().toString(), "--crds", crd.toString())) {
            awaitReady(up);
            try (KubernetesClient client = client()) {
                assertThat(client.resources(CustomResourceDefinition.class)
                                .list()
                                .getItems())
                        .hasSize(1);
                Pod pod = TestPods.create(client, NAMESPACE, TestPods.shell("talks", "echo one; echo two >&2"));
                TestPods.awaitPhase(client, pod, "Succeeded");
            }
            assertThat(up.output()).contains("export KUBECONFIG=" + state().resolve("kubeconfig"));
            List<Long> children = childrenOf(state());
            assertThat(children).hasSizeGreaterThanOrEqualTo(3);

            up.terminate();

            assertThat(up.exitCode()).isEqualTo(128 + 15);
            assertThat(state().resolve("ready")).doesNotExist();
            patiently().until(() -> children.stream().noneMatch(TestProcesses::isAlive));
        }
        assertThat(cli("logs", "--state-dir", state().toString(), NAMESPACE + "/talks"))
                .isEqualTo("one\ntwo\n");
        assertThat(cli("logs", "--state-dir", state().toString(), "--all", NAMESPACE))
                .isEqualTo("talks main | one%ntalks main | two%n".formatted());
    }

    @Test
    void nothing_outlives_a_jvm_that_is_killed() throws Exception {
        List<Long> pids = new ArrayList<>();
        try (ChildJvm up = new ChildJvm(directory.resolve("out"), "up", "--state-dir", state().toString())) {
            awaitReady(up);
            try (KubernetesClient client = client()) {
                TestPods.create(
                        client,
                        NAMESPACE,
                        TestPods.shell(
                                "stays",
                                "trap '' TERM HUP; echo $$$$; sh -c 'trap \"\" TERM; echo $$$$; while :; do sleep 0.1; done' & wait"));
                Path log = state().resolve("logs/default/stays/main.log");
                patiently()
                        .until(() ->
                                Files.exists(log) && Files.readAllLines(log).size() == 2);
                Files.readAllLines(log).forEach(line -> pids.add(Long.valueOf(line)));
            }
            pids.addAll(childrenOf(state()));
            assertThat(pids).hasSizeGreaterThanOrEqualTo(5).allMatch(TestProcesses::isAlive);
            assertThat(directory.resolve("tmp"))
                    .as("kube-api-test makes directories for etcd here, which would stay")
                    .isDirectoryNotContaining("glob:**/etcd*");

            up.kill();

            patiently().until(() -> pids.stream().noneMatch(TestProcesses::isAlive));
        } finally {
            pids.forEach(TestProcesses::kill);
        }
    }

    @Test
    void wrong_usage_is_told() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream quiet = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        DevClusterCli cli = new DevClusterCli(quiet, new PrintStream(err, true, StandardCharsets.UTF_8));

        assertThat(cli.run("down")).isEqualTo(2);
        assertThat(cli.run("up", "--state-dir")).isEqualTo(2);
        assertThat(cli.run("logs", "pod")).isEqualTo(2);
        assertThat(cli.run("logs", "--state-dir", directory.toString(), "a/b")).isEqualTo(1);
        assertThat(cli.run("--help")).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("unknown command", "--state-dir needs a value", "NAMESPACE/POD", "No logs of pod a/b");
    }

    private Path state() {
        return directory.resolve("state");
    }

    private void awaitReady(ChildJvm up) throws IOException {
        patiently().until(() -> Files.exists(state().resolve("ready")) || !up.isAlive());
        assertThat(up.isAlive()).as(up.output()).isTrue();
    }

    private KubernetesClient client() {
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(
                        new File(state().resolve("kubeconfig").toString())))
                .build();
    }

    /** The control plane's processes: those whose command line names the state directory. */
    private static List<Long> childrenOf(Path state) {
        try (Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
            return processes
                    .filter(process -> commandLine(process.pid()).contains(state.toString()))
                    .filter(process -> !commandLine(process.pid()).contains(DevClusterCli.class.getName()))
                    .map(ProcessHandle::pid)
                    .toList();
        }
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private static String cli(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(new DevClusterCli(new PrintStream(out, true, StandardCharsets.UTF_8), System.err).run(arguments))
                .isZero();
        return out.toString(StandardCharsets.UTF_8);
    }
}
