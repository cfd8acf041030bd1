package dev.clew.engine.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.Argument;
import dev.clew.api.run.Output;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.engine.workflow.Definition;
import dev.clew.engine.workflow.Workflows;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PodRendererTest {
    private static final String ORDER = """
            params: [{name: orderId}]
            pod:
              labels: {team: shop}
              terminationGracePeriodSeconds: 5
            steps:
            - name: reserve
              outputs: [id]
              timeoutSeconds: 60
              container:
                image: busybox
                args: [$(params.orderId), "$(date) $$(x)"]
                env: [{name: RUN, value: $(CLEW_RUN)}]
              compensation:
                timeoutSeconds: 30
                container: {image: busybox, args: ["<$(steps.reserve.outputs.id)>"]}
            """;
    private static final PodOwner RUN = new PodOwner("shop", "order-42", "run-uid", false);

    private static Pod render(PodOwner run, Kind kind, String orderId, Output... outputs) {
        Definition definition = Definition.of(Workflows.yaml(ORDER), List.of(new Argument("orderId", orderId)));
        var step = new StepStatus("reserve", StepPhase.Running, List.of(), List.of(outputs), null);
        return PodRenderer.render(run, definition, List.of(step), new AttemptId("run-uid", "reserve", kind, 2));
    }

    private static Map<String, String> clews(Pod pod) {
        return main(pod).getEnv().stream()
                .filter(variable -> variable.getName().startsWith("CLEW_"))
                .collect(java.util.stream.Collectors.toMap(EnvVar::getName, EnvVar::getValue));
    }

    private static Container main(Pod pod) {
        return pod.getSpec().getContainers().getFirst();
    }

    @Test
    void a_step() {
        Pod pod = render(RUN, Kind.Step, "42");
        assertThat(clews(pod))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "CLEW_NAMESPACE", "shop",
                        "CLEW_RUN", "order-42",
                        "CLEW_STEP", "reserve",
                        "CLEW_ATTEMPT", "2",
                        "CLEW_OUTPUT", "/dev/termination-log",
                        "CLEW_IDEMPOTENCY_KEY", "run-uid/reserve"));
        assertThat(pod.getMetadata().getLabels())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "team", "shop",
                        "app.kubernetes.io/managed-by", "clew",
                        "app.kubernetes.io/component", "step",
                        "clew.dev/run", "order-42",
                        "clew.dev/run-uid", "run-uid",
                        "clew.dev/step", "reserve",
                        "clew.dev/attempt", "2"));
        assertThat(pod.getMetadata().getAnnotations()).containsEntry("clew.dev/attempt", "run-uid/reserve/Step/2");
        assertThat(pod.getMetadata().getFinalizers()).containsExactly("clew.dev/tracking");
        assertThat(pod.getSpec().getActiveDeadlineSeconds()).isEqualTo(60);
        assertThat(pod.getSpec().getRestartPolicy()).isEqualTo("Never");
        assertThat(pod.getSpec().getAutomountServiceAccountToken()).isFalse();
        assertThat(pod.getSpec().getEnableServiceLinks()).isFalse();
        assertThat(pod.getSpec().getTerminationGracePeriodSeconds()).isEqualTo(5);
        assertThat(PodFacts.of(pod).is(new AttemptId("run-uid", "reserve", Kind.Step, 2)))
                .isTrue();
    }

    @Test
    void a_compensation() {
        Pod pod = render(RUN, Kind.Compensation, "42", new Output("id", "r-1"));
        assertThat(clews(pod))
                .containsEntry("CLEW_IDEMPOTENCY_KEY", "run-uid/reserve/compensate")
                .containsEntry("CLEW_FORWARD_IDEMPOTENCY_KEY", "run-uid/reserve")
                .containsEntry("CLEW_COMPENSATING", "true");
        assertThat(pod.getMetadata().getLabels()).containsEntry("app.kubernetes.io/component", "compensation");
        assertThat(pod.getSpec().getActiveDeadlineSeconds()).isEqualTo(30);
        assertThat(main(pod).getArgs()).containsExactly("<r-1>");
    }

    @Test
    void what_a_compensation_misses_is_empty() {
        assertThat(main(render(RUN, Kind.Compensation, "42")).getArgs()).containsExactly("<>");
    }

    @Test
    void values_reach_the_kubelet_as_data_and_the_rest_as_it_stands() {
        Container main = main(render(RUN, Kind.Step, "$(CLEW_RUN) $$(HOME)"));
        assertThat(main.getArgs()).containsExactly("$$(CLEW_RUN) $$$$(HOME)", "$(date) $$(x)");
        // Clew's own variables come first, so that the kubelet knows them when it comes to the user's
        assertThat(main.getEnv().getLast()).isEqualTo(new EnvVar("RUN", "$(CLEW_RUN)", null));
    }

    @Test
    void the_run_owns_its_pods_unless_it_is_being_deleted() {
        assertThat(PodFacts.of(render(RUN, Kind.Step, "42")).controllerUid()).isEqualTo("run-uid");
        var deleted = new PodOwner("shop", "order-42", "run-uid", true);
        assertThat(render(deleted, Kind.Compensation, "42").getMetadata().getOwnerReferences())
                .isEmpty();
    }

    @Test
    void the_same_pod_every_time() {
        assertThat(render(RUN, Kind.Step, "42")).isEqualTo(render(RUN, Kind.Step, "42"));
    }
}
