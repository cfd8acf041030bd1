package dev.clew.api.pod;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.clew.api.Names;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A key as a file. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record KeyToPath(
        @JsonPropertyDescription("Key.") @Required @Size(min = 1, max = 253) @Pattern(Names.CONFIG_KEY)
        String key,

        @JsonPropertyDescription("Path of the file in the volume.") @Required @Size(min = 1, max = 1024)
        String path,

        @JsonPropertyDescription("Permission bits of the file, 0 to 511.") @Min(0) @Max(511) @Nullable
        Integer mode) {}
