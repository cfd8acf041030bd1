package dev.clew.faults.bench;

import dev.clew.faults.history.EffectLedger;
import dev.clew.faults.history.History;
import dev.clew.faults.history.Recorder;
import dev.clew.faults.history.Version;
import dev.clew.faults.oracle.Ends;
import dev.clew.faults.plan.Flow.Ask;
import dev.clew.faults.plan.Performable;
import dev.clew.faults.proxy.Gate;
import dev.clew.faults.proxy.Sent;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A namespace in which a flow is performed, with things in it that are not Clew's. */
final class Stage {
    static final Set<String> FOREIGN = Set.of("pods/bystander", "configmaps/bystander");
    private static final String BYSTANDERS = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: bystander, labels: {app.kubernetes.io/managed-by: clew}}
            ---
            apiVersion: v1
            kind: Pod
            metadata:
              name: bystander
              labels: {app.kubernetes.io/managed-by: clew, clew.dev/run: trip}
            spec:
              nodeSelector: {kubernetes.io/hostname: nowhere}
              containers: [{name: main, image: busybox, command: [sleep, '1']}]
            """;

    private static final String POLICY = """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicy
            metadata: {name: NAMESPACE.leader.clew.dev}
            spec:
              failurePolicy: Fail
              paramKind: {apiVersion: coordination.k8s.io/v1, kind: Lease}
              matchConstraints:
                namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: NAMESPACE}}
                objectSelector: {matchLabels: {app.kubernetes.io/managed-by: clew}}
                resourceRules:
                - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
              validations:
              - expression: >-
                  has(object.metadata.annotations) && 'clew.dev/leader' in object.metadata.annotations
                  && has(params.spec.holderIdentity)
                  && object.metadata.annotations['clew.dev/leader'] == params.spec.holderIdentity
                message: the process that sent this pod does not hold the Lease
                reason: Forbidden
            ---
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicyBinding
            metadata: {name: NAMESPACE.leader.clew.dev}
            spec:
              policyName: NAMESPACE.leader.clew.dev
              paramRef: {namespace: NAMESPACE, name: clew, parameterNotFoundAction: Allow}
              validationActions: [Deny]
            """;

    private final String namespace;
    private final KubernetesClient client;
    private final Recorder recorder;
    private final EffectLedger ledger;
    private Duration patience = Duration.ofSeconds(90);
    private volatile BooleanSupplier earlier = () -> false;

    private Stage(String namespace, KubernetesClient client, Recorder recorder, EffectLedger ledger) {
        this.namespace = namespace;
        this.client = client;
        this.recorder = recorder;
        this.ledger = ledger;
    }

    static Stage set(String namespace, Bench bench) {
        KubernetesClient client = bench.cluster().client();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        bench.cluster().awaitServiceAccount(namespace);
        var stage = new Stage(
                namespace,
                client,
                bench.recorder(),
                EffectLedger.create(bench.cluster().stateDirectory(), namespace));
        stage.apply(BYSTANDERS);
        return stage;
    }

    /** How long the end of the flow, and what leads there, may take. */
    void waitAtMost(Duration other) {
        patience = other;
    }

    /** The user asks for an end already then. */
    void askWhen(BooleanSupplier condition) {
        earlier = condition;
    }

    String namespace() {
        return namespace;
    }

    private void apply(String yaml) {
        List<HasMetadata> objects = client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .items();
        objects.forEach(object -> client.resource(object).inNamespace(namespace).create());
    }

    /** Performs a flow from its beginning to its end, as its user; false if that does not come. */
    boolean perform(Performable flow) {
        if (flow.workflow().isPresent()) {
            apply(flow.workflowYaml(ledger));
            if (!recorder.await(
                    namespace,
                    version -> version.resource().equals("workflows")
                            && version.object().path("status").has("revision"),
                    patience)) {
                return false;
            }
        }
        apply(flow.runYaml(ledger));
        boolean rolledBack = flow.ask() == Ask.ROLL_BACK;
        boolean settled = ask(flow) && await(run -> isLast(flow, rolledBack, run) || stallsFor(flow, run));
        if (!settled || runs().noneMatch(run -> stallsFor(flow, run))) {
            return settled;
        }
        desire(flow, "RolledBack");
        return await(run -> isLast(flow, true, run));
    }

    private boolean await(Predicate<Version> condition) {
        return recorder.await(namespace, version -> isRun(version) && condition.test(version), patience);
    }

    private Stream<Version> runs() {
        return recorder.of(namespace).stream().filter(Stage::isRun);
    }

    /** Whether nothing more is to come of the run. */
    private static boolean isLast(Performable flow, boolean rolledBack, Version run) {
        if (flow.ask() == Ask.DELETE) {
            return run.deleted();
        }
        return Ends.hasEnded(run) && !(rolledBack && Ends.phase(run).equals("Succeeded"));
    }

    private static boolean stallsFor(Performable flow, Version run) {
        return flow.desired().contains("RolledBack") && Ends.phase(run).equals("Stalled");
    }

    static boolean isRun(Version version) {
        return version.resource().equals("workflowruns");
    }

    private boolean ask(Performable flow) {
        if (flow.ask() == Ask.NOTHING) {
            return true;
        }
        boolean due = Waiting.until(
                patience,
                () -> earlier.getAsBoolean()
                        || flow.askAt().filter(this::hasBegun).isPresent()
                        || runs().anyMatch(run -> Ends.isOver(run) || stallsFor(flow, run)));
        if (due) {
            switch (flow.ask()) {
                case NOTHING -> {}
                case CANCEL -> desire(flow, "Cancelled");
                case ROLL_BACK -> desire(flow, "RolledBack");
                case DELETE -> run(flow).delete();
            }
        }
        return due;
    }

    private boolean hasBegun(String step) {
        return ledger.effects().stream().anyMatch(effect -> effect.step().equals(step));
    }

    private void desire(Performable flow, String state) {
        try {
            run(flow).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"desiredState\":\"" + state + "\"}}");
        } catch (KubernetesClientException e) {
            // one that was deleted may be gone
            if (e.getCode() != 404) {
                throw e;
            }
        }
    }

    private Resource<GenericKubernetesResource> run(Performable flow) {
        return client.genericKubernetesResources("clew.dev/v1alpha1", "WorkflowRun")
                .inNamespace(namespace)
                .withName(flow.run());
    }

    /** Waits until nothing is held any more, and returns all that happened. */
    History history(Stream<Gate> gates) {
        Waiting.until(Duration.ofSeconds(10), this::nothingIsHeld);
        catchUp();
        List<Sent> sent = gates.flatMap(gate -> gate.sent().stream())
                .filter(write -> !Operators.isShared(write.gate())
                        || write.target().namespace().equals(namespace))
                .toList();
        return new History(recorder.of(namespace), ledger.effects(), sent);
    }

    /** Waits until all that has happened so far is recorded. */
    void catchUp() {
        if (!recorder.catchUp(namespace, Duration.ofSeconds(30)) || recorder.hasGap()) {
            throw new IllegalStateException("not all that happened in " + namespace + " was recorded");
        }
    }

    boolean nothingIsHeld() {
        return new History(recorder.of(namespace), List.of(), List.of())
                .pods().values().stream()
                        .map(List::getLast)
                        .allMatch(pod -> pod.deleted() || !pod.hasFinalizer("clew.dev/tracking"));
    }

    /** The Lease of the operators, by each of its versions. */
    Stream<Version> leases() {
        return recorder.of(namespace).stream()
                .filter(version -> version.resource().equals("leases"));
    }

    static String holder(Version lease) {
        return lease.object().path("spec").path("holderIdentity").asText();
    }

    /** How often an attempt has begun. */
    long begins(String what) {
        return ledger.effects().stream()
                .filter(effect -> effect.begin() && effect.what().equals(what))
                .count();
    }

    /** Whether the pods of an attempt are all gone. */
    boolean isGone(String what) {
        return new History(recorder.of(namespace), List.of(), List.of())
                .pods().values().stream()
                        .filter(pod -> pod.getFirst().what().equals(what))
                        .allMatch(pod -> pod.getLast().deleted());
    }

    /** Has the API server take pods of Clew from the holder of the Lease alone; returns when it does, once there is one. */
    void installLeaderPolicy() {
        for (HasMetadata object : client.load(new ByteArrayInputStream(
                        POLICY.replace("NAMESPACE", namespace).getBytes(StandardCharsets.UTF_8)))
                .items()) {
            client.resource(object).create();
        }
    }

    /** Waits until the policy is in force. */
    boolean policyHolds() {
        var pod = client.getKubernetesSerialization().unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: probe, labels: {app.kubernetes.io/managed-by: clew}}
                spec: {containers: [{name: main, image: busybox}]}
                """, io.fabric8.kubernetes.api.model.Pod.class);
        return Waiting.until(Duration.ofSeconds(30), () -> {
            try {
                client.resource(pod).inNamespace(namespace).dryRun(true).create();
                return false;
            } catch (KubernetesClientException e) {
                return e.getCode() == 403;
            }
        });
    }

    /** Whether an end has been asked for. */
    boolean isToEnd() {
        return runs().anyMatch(run -> run.metadata().has("deletionTimestamp")
                || !run.object()
                        .path("spec")
                        .path("desiredState")
                        .asText("Running")
                        .equals("Running"));
    }

    /** Whether it is recorded that the run turns back. */
    boolean hasTurnedBack() {
        return runs().anyMatch(Ends::hasTurnedBack);
    }

    /** Whether the name of an attempt has been reserved. */
    boolean hasReservation() {
        return recorder.of(namespace).stream()
                .anyMatch(version -> version.resource().equals("pods") && version.isReservation());
    }

    /** When the run was first seen; empty if it has not been. */
    Optional<Long> runSeen() {
        return runs().map(Version::seen).findFirst();
    }
}
