package dev.clew.api.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A container: a typed subset of a Kubernetes container. Values are substituted only in command, args and env values. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Container(
        @JsonPropertyDescription("Image.") @Required @Size(min = 1, max = 1024)
        String image,

        @JsonPropertyDescription(
                "Command; without one the image says what runs. $(params.NAME) and $(steps.STEP.outputs.NAME) are replaced.")
        @Size(max = 64)
        List<@Size(max = 16384) String> command,

        @JsonPropertyDescription("Arguments. $(params.NAME) and $(steps.STEP.outputs.NAME) are replaced.")
        @Size(max = 256)
        List<@Size(max = 16384) String> args,

        @JsonPropertyDescription("Working directory. Default: that of the image.") @Size(max = 1024) @Nullable
        String workingDir,

        @JsonPropertyDescription(
                "Environment variables. Clew adds CLEW_NAMESPACE, CLEW_RUN, CLEW_STEP, CLEW_ATTEMPT, CLEW_OUTPUT and CLEW_IDEMPOTENCY_KEY; in compensations also CLEW_COMPENSATING and CLEW_FORWARD_IDEMPOTENCY_KEY.")
        @Size(max = 256)
        List<EnvVar> env,

        @JsonPropertyDescription("ConfigMaps and Secrets whose keys become environment variables.") @Size(max = 32)
        List<EnvFrom> envFrom,

        @JsonPropertyDescription("What it asks for and may use.") @Nullable
        Resources resources,

        @JsonPropertyDescription("Volumes of spec.pod.volumes to mount.") @Size(max = 64)
        List<VolumeMount> volumeMounts,

        @JsonPropertyDescription("When to pull the image. Default: Always for the tag latest, else IfNotPresent.")
        @Nullable
        ImagePullPolicy imagePullPolicy,

        @JsonPropertyDescription("Security settings.") @Nullable
        SecurityContext securityContext,

        @JsonPropertyDescription(
                "Where a message about the end comes from. Default File. FallbackToLogsOnError is not allowed in a step with outputs.")
        @Nullable
        TerminationMessagePolicy terminationMessagePolicy) {
    public Container {
        command = command == null ? List.of() : List.copyOf(command);
        args = args == null ? List.of() : List.copyOf(args);
        env = env == null ? List.of() : List.copyOf(env);
        envFrom = envFrom == null ? List.of() : List.copyOf(envFrom);
        volumeMounts = volumeMounts == null ? List.of() : List.copyOf(volumeMounts);
    }
}
