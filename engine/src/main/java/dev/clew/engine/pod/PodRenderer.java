package dev.clew.engine.pod;

import dev.clew.api.Names;
import dev.clew.api.Workflow;
import dev.clew.api.container.Capabilities;
import dev.clew.api.container.Container;
import dev.clew.api.container.EnvFrom;
import dev.clew.api.container.EnvVarSource;
import dev.clew.api.container.Resources;
import dev.clew.api.container.SeccompProfile;
import dev.clew.api.container.SecurityContext;
import dev.clew.api.pod.PodSettings;
import dev.clew.api.run.StepStatus;
import dev.clew.api.workflow.Compensation;
import dev.clew.api.workflow.Step;
import dev.clew.engine.workflow.Definition;
import io.fabric8.kubernetes.api.model.CapabilitiesBuilder;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvFromSourceBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.SeccompProfileBuilder;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Renders the pod of an attempt: a function of the run, its definition, what its steps wrote, and the attempt. */
public final class PodRenderer {
    /** Where the kubelet reads the termination message; what a container finds in {@code CLEW_OUTPUT}. */
    public static final String OUTPUT_FILE = "/dev/termination-log";

    private PodRenderer() {}

    /**
     * The pod of an attempt, under the name that was claimed, whatever the attempt's pod would be called by now. A run
     * that is being deleted gets no owner reference: foreground deletion would end it.
     */
    public static Pod render(PodOwner run, Definition definition, List<StepStatus> steps, AttemptId id, String name) {
        int index = definition.graph().index(id.step()).orElseThrow();
        Step step = definition.step(index);
        Container container = container(step, id.kind());
        PodSettings settings = definition.spec().pod();
        PodSpec spec = settings == null ? new PodSpec() : PodSettingsRenderer.render(settings);
        spec.setRestartPolicy("Never");
        spec.setAutomountServiceAccountToken(
                settings != null && Boolean.TRUE.equals(settings.automountServiceAccountToken()));
        spec.setEnableServiceLinks(settings != null && Boolean.TRUE.equals(settings.enableServiceLinks()));
        spec.setActiveDeadlineSeconds(deadline(step, id.kind()));
        spec.setContainers(List.of(render(definition.resolve(container, steps), environment(run, id))));
        return new PodBuilder()
                .withMetadata(metadata(run, id, name, settings))
                .withSpec(spec)
                .build();
    }

    private static ObjectMeta metadata(PodOwner run, AttemptId id, String name, @Nullable PodSettings settings) {
        return new ObjectMetaBuilder()
                .withNamespace(run.namespace())
                .withName(name)
                .withLabels(labels(run, id, settings))
                .withAnnotations(annotations(id, settings))
                .withFinalizers(Names.POD_FINALIZER)
                .withOwnerReferences(run.deleting() ? List.of() : List.of(owner(run)))
                .build();
    }

    /**
     * A pod that only takes the name of an attempt's pod: as that would be, with a scheduling gate that nobody lifts.
     */
    public static Pod reservation(
            PodOwner run, Definition definition, List<StepStatus> steps, AttemptId id, String name) {
        return reserved(render(run, definition, steps, id, name));
    }

    /** The same where the definition cannot be read any more. */
    public static Pod reservation(PodOwner run, AttemptId id, String name) {
        var container = new ContainerBuilder()
                .withName(PodFacts.STEP_CONTAINER)
                .withImage("reserved")
                .build();
        return reserved(new PodBuilder()
                .withMetadata(metadata(run, id, name, null))
                .withNewSpec()
                .withRestartPolicy("Never")
                .withContainers(container)
                .endSpec()
                .build());
    }

    private static Pod reserved(Pod pod) {
        return new PodBuilder(pod)
                .editMetadata()
                .addToAnnotations(Names.RESERVATION_ANNOTATION, "true")
                .endMetadata()
                .editSpec()
                .addNewSchedulingGate(Names.RESERVATION_ANNOTATION)
                .endSpec()
                .build();
    }

    /** The container of a step's action or of its compensation. */
    public static Container container(Step step, Kind kind) {
        return switch (kind) {
            case Step -> step.container();
            case Compensation -> compensation(step).container();
        };
    }

    private static Compensation compensation(Step step) {
        return Objects.requireNonNull(step.compensation(), "no compensation in step " + step.name());
    }

    private static @Nullable Long deadline(Step step, Kind kind) {
        Integer seconds = switch (kind) {
            case Step -> step.timeoutSeconds();
            case Compensation -> compensation(step).timeoutSeconds();
        };
        return seconds == null ? null : Long.valueOf(seconds);
    }

    private static OwnerReference owner(PodOwner run) {
        return new OwnerReferenceBuilder()
                .withApiVersion(Workflow.GROUP + "/" + Workflow.VERSION)
                .withKind("WorkflowRun")
                .withName(run.name())
                .withUid(run.uid())
                .withController(true)
                .build();
    }

    private static Map<String, String> labels(PodOwner run, AttemptId id, @Nullable PodSettings settings) {
        Map<String, String> labels = new LinkedHashMap<>(settings == null ? Map.of() : settings.labels());
        labels.put(Names.MANAGED_BY_LABEL, Names.MANAGED_BY);
        labels.put(Names.COMPONENT_LABEL, id.kind() == Kind.Step ? "step" : "compensation");
        labels.put(Names.RUN_LABEL, run.name());
        labels.put(Names.RUN_UID_LABEL, run.uid());
        labels.put(Names.STEP_LABEL, id.step());
        labels.put(Names.ATTEMPT_LABEL, Integer.toString(id.number()));
        return labels;
    }

    private static Map<String, String> annotations(AttemptId id, @Nullable PodSettings settings) {
        Map<String, String> annotations = new LinkedHashMap<>(settings == null ? Map.of() : settings.annotations());
        annotations.put(Names.ATTEMPT_ANNOTATION, id.annotation());
        return annotations;
    }

    private static List<EnvVar> environment(PodOwner run, AttemptId id) {
        Map<String, String> values = new LinkedHashMap<>();
        // the kubelet shall not take a part of it for a reference
        String key = run.idempotencyKey().replace("$", "$$") + "/" + id.step();
        values.put("CLEW_NAMESPACE", run.namespace());
        values.put("CLEW_RUN", run.name());
        values.put("CLEW_STEP", id.step());
        values.put("CLEW_ATTEMPT", Integer.toString(id.number()));
        values.put("CLEW_OUTPUT", OUTPUT_FILE);
        switch (id.kind()) {
            case Step -> values.put("CLEW_IDEMPOTENCY_KEY", key);
            case Compensation -> {
                values.put("CLEW_IDEMPOTENCY_KEY", key + "/compensate");
                values.put("CLEW_FORWARD_IDEMPOTENCY_KEY", key);
                values.put("CLEW_COMPENSATING", "true");
            }
        }
        return values.entrySet().stream()
                .map(entry -> new EnvVar(entry.getKey(), entry.getValue(), null))
                .toList();
    }

    private static io.fabric8.kubernetes.api.model.Container render(Container container, List<EnvVar> clew) {
        // Clew's own come first, so that $(CLEW_RUN) in a user's value is expanded by the kubelet
        List<EnvVar> env = new ArrayList<>(clew);
        container.env().stream()
                .map(variable -> new EnvVarBuilder()
                        .withName(variable.name())
                        .withValue(variable.value())
                        .withValueFrom(source(variable.valueFrom()))
                        .build())
                .forEach(env::add);
        return new ContainerBuilder()
                .withName(PodFacts.STEP_CONTAINER)
                .withImage(container.image())
                .withCommand(container.command())
                .withArgs(container.args())
                .withWorkingDir(container.workingDir())
                .withEnv(env)
                .withEnvFrom(
                        container.envFrom().stream().map(PodRenderer::envFrom).toList())
                .withResources(resources(container.resources()))
                .withVolumeMounts(container.volumeMounts().stream()
                        .map(mount -> new VolumeMountBuilder()
                                .withName(mount.name())
                                .withMountPath(mount.mountPath())
                                .withSubPath(mount.subPath())
                                .withReadOnly(mount.readOnly())
                                .build())
                        .toList())
                .withImagePullPolicy(Optional.ofNullable(container.imagePullPolicy())
                        .map(Enum::name)
                        .orElse(null))
                .withSecurityContext(securityContext(container.securityContext()))
                .withTerminationMessagePath(OUTPUT_FILE)
                .withTerminationMessagePolicy(Optional.ofNullable(container.terminationMessagePolicy())
                        .map(Enum::name)
                        .orElse("File"))
                .build();
    }

    private static io.fabric8.kubernetes.api.model.@Nullable EnvVarSource source(@Nullable EnvVarSource source) {
        if (source == null) {
            return null;
        }
        var built = new io.fabric8.kubernetes.api.model.EnvVarSourceBuilder();
        if (source.secretKeyRef() != null) {
            built.withNewSecretKeyRef(
                    source.secretKeyRef().key(),
                    source.secretKeyRef().name(),
                    source.secretKeyRef().optional());
        }
        if (source.configMapKeyRef() != null) {
            built.withNewConfigMapKeyRef(
                    source.configMapKeyRef().key(),
                    source.configMapKeyRef().name(),
                    source.configMapKeyRef().optional());
        }
        if (source.fieldRef() != null) {
            built.withNewFieldRef(null, source.fieldRef().fieldPath());
        }
        return built.build();
    }

    private static EnvFromSource envFrom(EnvFrom from) {
        var built = new EnvFromSourceBuilder().withPrefix(from.prefix());
        if (from.configMapRef() != null) {
            built.withNewConfigMapRef(
                    from.configMapRef().name(), from.configMapRef().optional());
        }
        if (from.secretRef() != null) {
            built.withNewSecretRef(from.secretRef().name(), from.secretRef().optional());
        }
        return built.build();
    }

    private static io.fabric8.kubernetes.api.model.@Nullable ResourceRequirements resources(
            @Nullable Resources resources) {
        return resources == null
                ? null
                : new ResourceRequirementsBuilder()
                        .withRequests(resources.requests())
                        .withLimits(resources.limits())
                        .build();
    }

    private static io.fabric8.kubernetes.api.model.@Nullable SecurityContext securityContext(
            @Nullable SecurityContext context) {
        if (context == null) {
            return null;
        }
        Capabilities capabilities = context.capabilities();
        return new SecurityContextBuilder()
                .withAllowPrivilegeEscalation(context.allowPrivilegeEscalation())
                .withCapabilities(
                        capabilities == null
                                ? null
                                : new CapabilitiesBuilder()
                                        .withAdd(capabilities.add())
                                        .withDrop(capabilities.drop())
                                        .build())
                .withPrivileged(context.privileged())
                .withReadOnlyRootFilesystem(context.readOnlyRootFilesystem())
                .withRunAsUser(context.runAsUser())
                .withRunAsGroup(context.runAsGroup())
                .withRunAsNonRoot(context.runAsNonRoot())
                .withSeccompProfile(seccomp(context.seccompProfile()))
                .build();
    }

    static io.fabric8.kubernetes.api.model.@Nullable SeccompProfile seccomp(@Nullable SeccompProfile profile) {
        return profile == null
                ? null
                : new SeccompProfileBuilder()
                        .withType(profile.type())
                        .withLocalhostProfile(profile.localhostProfile())
                        .build();
    }
}
