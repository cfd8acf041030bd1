package dev.clew.api.pod;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Names;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys of a Secret as files. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SecretVolume(
        @JsonPropertyDescription("Name of the Secret.")
        @Required
        @Size(min = 1, max = 253)
        @Pattern(Names.DNS_SUBDOMAIN)
        String secretName,

        @JsonPropertyDescription("Only these keys. Default: all.") @Size(max = 256)
        List<KeyToPath> items,

        @JsonPropertyDescription("Permission bits of the files, 0 to 511. Default 420 (0644).")
        @Min(0)
        @Max(511)
        @Nullable
        Integer defaultMode,

        @JsonPropertyDescription("Whether the pod may start without it. Default false.") @Nullable
        Boolean optional) {
    public SecretVolume {
        items = items == null ? List.of() : List.copyOf(items);
    }
}
