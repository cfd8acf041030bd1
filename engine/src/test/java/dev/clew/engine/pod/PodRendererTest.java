package dev.clew.engine.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.clew.api.run.Argument;
import dev.clew.api.run.Output;
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
    private static final PodOwner RUN = new PodOwner("shop", "order-42", "run-uid", false, "run-uid");

    private static Pod render(PodOwner run, Kind kind, String orderId, Output... outputs) {
        Definition definition = Definition.of(Workflows.yaml(ORDER), List.of(new Argument("orderId", orderId)));
        var step = StepStatus.pending("reserve").withOutputs(List.of(outputs));
        return PodRenderer.render(
                run, definition, List.of(step), new AttemptId("run-uid", "reserve", kind, 2), "claimed");
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
        assertThat(pod.getMetadata().getName()).isEqualTo("claimed");
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
        var deleted = new PodOwner("shop", "order-42", "run-uid", true, "run-uid");
        assertThat(render(deleted, Kind.Compensation, "42").getMetadata().getOwnerReferences())
                .isEmpty();
    }

    @Test
    void the_same_pod_every_time() {
        assertThat(render(RUN, Kind.Step, "42")).isEqualTo(render(RUN, Kind.Step, "42"));
    }

    @Test
    void everything_that_a_container_and_a_pod_can_say_reaches_the_pod() throws JsonProcessingException {
        Definition definition = Definition.of(Workflows.yaml("""
                pod:
                  serviceAccountName: robot
                  automountServiceAccountToken: true
                  enableServiceLinks: true
                  imagePullSecrets: [{name: pull}]
                  nodeSelector: {disk: ssd}
                  tolerations: [{key: k, operator: Equal, value: v, effect: NoExecute, tolerationSeconds: 5}]
                  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: In, values: [a]}]}]}}}
                  priorityClassName: high
                  runtimeClassName: gvisor
                  securityContext: {runAsUser: 1, runAsGroup: 2, runAsNonRoot: true, fsGroup: 3, fsGroupChangePolicy: Always, supplementalGroups: [4], seccompProfile: {type: RuntimeDefault}}
                  volumes:
                  - {name: scratch, emptyDir: {medium: Memory, sizeLimit: 1Gi}}
                  - {name: config, configMap: {name: c, items: [{key: k, path: p, mode: 256}], defaultMode: 288, optional: true}}
                  - {name: secret, secret: {secretName: s, items: [{key: k, path: p}], defaultMode: 288, optional: true}}
                  - {name: claim, persistentVolumeClaim: {claimName: pvc, readOnly: true}}
                  annotations: {note: here}
                steps:
                - name: a
                  container:
                    image: busybox
                    command: [sh]
                    workingDir: /work
                    env:
                    - {name: S, valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}}
                    - {name: C, valueFrom: {configMapKeyRef: {name: c, key: k}}}
                    - {name: F, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
                    envFrom: [{prefix: P_, configMapRef: {name: c}}, {secretRef: {name: s, optional: true}}]
                    resources: {requests: {cpu: 100m}, limits: {memory: 64Mi}}
                    volumeMounts: [{name: scratch, mountPath: /scratch, subPath: x, readOnly: true}]
                    imagePullPolicy: Always
                    securityContext: {allowPrivilegeEscalation: false, privileged: false, readOnlyRootFilesystem: true, runAsUser: 5, runAsGroup: 6, runAsNonRoot: true, capabilities: {add: [A], drop: [ALL]}, seccompProfile: {type: Localhost, localhostProfile: p.json}}
                    terminationMessagePolicy: FallbackToLogsOnError
                """), List.of());
        var step = StepStatus.pending("a");
        Pod pod = PodRenderer.render(
                RUN, definition, List.of(step), new AttemptId("run-uid", "a", Kind.Step, 1), "claimed");
        List<EnvVar> own = main(pod).getEnv().stream()
                .filter(variable -> !variable.getName().startsWith("CLEW_"))
                .toList();
        main(pod).setEnv(own);
        var yaml = new ObjectMapper(new YAMLFactory());
        assertThat(pod.getMetadata().getAnnotations()).containsEntry("note", "here");
        assertThat(yaml.valueToTree(pod.getSpec()).toPrettyString())
                .isEqualTo(yaml.readTree("""
                affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: In, values: [a]}]}]}}}
                automountServiceAccountToken: true
                containers:
                - command: [sh]
                  env:
                  - {name: S, valueFrom: {secretKeyRef: {key: k, name: s, optional: true}}}
                  - {name: C, valueFrom: {configMapKeyRef: {key: k, name: c}}}
                  - {name: F, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
                  envFrom: [{configMapRef: {name: c}, prefix: P_}, {secretRef: {name: s, optional: true}}]
                  image: busybox
                  imagePullPolicy: Always
                  name: main
                  resources: {limits: {memory: 64Mi}, requests: {cpu: 100m}}
                  securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [A], drop: [ALL]}, privileged: false, readOnlyRootFilesystem: true, runAsGroup: 6, runAsNonRoot: true, runAsUser: 5, seccompProfile: {localhostProfile: p.json, type: Localhost}}
                  terminationMessagePath: /dev/termination-log
                  terminationMessagePolicy: FallbackToLogsOnError
                  volumeMounts: [{mountPath: /scratch, name: scratch, readOnly: true, subPath: x}]
                  workingDir: /work
                enableServiceLinks: true
                imagePullSecrets: [{name: pull}]
                nodeSelector: {disk: ssd}
                priorityClassName: high
                restartPolicy: Never
                runtimeClassName: gvisor
                securityContext: {fsGroup: 3, fsGroupChangePolicy: Always, runAsGroup: 2, runAsNonRoot: true, runAsUser: 1, seccompProfile: {type: RuntimeDefault}, supplementalGroups: [4]}
                serviceAccountName: robot
                tolerations: [{effect: NoExecute, key: k, operator: Equal, tolerationSeconds: 5, value: v}]
                volumes:
                - {emptyDir: {medium: Memory, sizeLimit: 1Gi}, name: scratch}
                - {configMap: {defaultMode: 288, items: [{key: k, mode: 256, path: p}], name: c, optional: true}, name: config}
                - {name: secret, secret: {defaultMode: 288, items: [{key: k, path: p}], optional: true, secretName: s}}
                - {name: claim, persistentVolumeClaim: {claimName: pvc, readOnly: true}}
                """).toPrettyString());
    }
}
