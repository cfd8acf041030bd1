package dev.clew.engine.workflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.clew.api.workflow.WorkflowSpec;

/** Workflows as people write them. */
public final class Workflows {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private Workflows() {}

    /** The spec of a workflow. */
    public static WorkflowSpec yaml(String text) {
        try {
            return YAML.readValue(text, WorkflowSpec.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
