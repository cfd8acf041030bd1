package dev.clew.engine.workflow;

import dev.clew.api.container.Container;
import dev.clew.api.container.EnvVar;
import dev.clew.api.run.Argument;
import dev.clew.api.run.Output;
import dev.clew.api.run.StepStatus;
import dev.clew.api.workflow.Param;
import dev.clew.api.workflow.Step;
import dev.clew.api.workflow.WorkflowSpec;
import dev.clew.engine.graph.StepGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A valid workflow together with the values of its parameters: all that a run works on.
 *
 * @param spec the definition, valid by {@link Validator}
 * @param graph its steps and what they wait for
 * @param params the value of every parameter
 */
public record Definition(WorkflowSpec spec, StepGraph graph, Map<String, String> params) {
    /** No definition at all: that of a run whose own cannot be read any more. */
    public static final Definition NONE =
            of(new WorkflowSpec(List.of(), null, null, null, null, null, null, null, null, List.of()), List.of());

    /** Puts a valid definition and valid arguments together. */
    public static Definition of(WorkflowSpec spec, List<Argument> arguments) {
        return of(spec, StepGraph.of(spec), arguments);
    }

    /** The same, with a graph that was made before. */
    public static Definition of(WorkflowSpec spec, StepGraph graph, List<Argument> arguments) {
        Map<String, String> values = new HashMap<>();
        for (Param param : spec.params()) {
            if (param.defaultValue() != null) {
                values.put(param.name(), param.defaultValue());
            }
        }
        arguments.forEach(argument -> values.put(argument.name(), argument.value()));
        return new Definition(spec, graph, Map.copyOf(values));
    }

    /** The step at an index. */
    public Step step(int index) {
        return spec.steps().get(index);
    }

    /** Number of steps. */
    public int size() {
        return spec.steps().size();
    }

    /** The outputs that a container refers to and that do not exist, as {@code step.name}. */
    public Set<String> missing(Container container, List<StepStatus> steps) {
        Set<String> missing = new LinkedHashSet<>();
        substitute(container, steps, missing);
        return missing;
    }

    /** The container with its references replaced; an output that does not exist becomes the empty string. */
    public Container resolve(Container container, List<StepStatus> steps) {
        return substitute(container, steps, new LinkedHashSet<>());
    }

    private Container substitute(Container container, List<StepStatus> steps, Set<String> missing) {
        UnaryOperator<String> fill = text -> Template.parse(text).fill(part -> value(part, steps, missing));
        List<EnvVar> env = new ArrayList<>();
        for (EnvVar variable : container.env()) {
            String value = variable.value();
            env.add(value == null ? variable : new EnvVar(variable.name(), fill.apply(value), variable.valueFrom()));
        }
        return new Container(
                container.image(),
                container.command().stream().map(fill).toList(),
                container.args().stream().map(fill).toList(),
                container.workingDir(),
                env,
                container.envFrom(),
                container.resources(),
                container.volumeMounts(),
                container.imagePullPolicy(),
                container.securityContext(),
                container.terminationMessagePolicy());
    }

    private String value(Template.Part part, List<StepStatus> steps, Set<String> missing) {
        return switch (part) {
            case Template.ParamRef(String name) -> params.getOrDefault(name, "");
            case Template.OutputRef(String step, String name) ->
                steps.get(graph.index(step).orElseThrow()).outputs().stream()
                        .filter(output -> output.name().equals(name))
                        .map(Output::value)
                        .findFirst()
                        .orElseGet(() -> {
                            missing.add(step + "." + name);
                            return "";
                        });
            case Template.Text(String text) -> text;
            case Template.Malformed(String text) -> text;
        };
    }
}
