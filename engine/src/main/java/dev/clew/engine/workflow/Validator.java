package dev.clew.engine.workflow;

import dev.clew.api.container.Container;
import dev.clew.api.container.EnvVar;
import dev.clew.api.container.VolumeMount;
import dev.clew.api.pod.PodSettings;
import dev.clew.api.pod.Volume;
import dev.clew.api.run.Argument;
import dev.clew.api.workflow.Compensation;
import dev.clew.api.workflow.Order;
import dev.clew.api.workflow.Param;
import dev.clew.api.workflow.Step;
import dev.clew.api.workflow.WorkflowSpec;
import dev.clew.engine.graph.StepGraph;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Finds everything that is wrong with a workflow and that the schema of the CRD cannot say: names that lead nowhere,
 * cycles, values used before they can exist.
 */
public final class Validator {
    private final WorkflowSpec spec;
    private final String root;
    private final StepGraph graph;
    private final Set<String> params = new LinkedHashSet<>();
    private final Set<String> volumes = new LinkedHashSet<>();
    private final List<Problem> problems = new ArrayList<>();

    private Validator(WorkflowSpec spec, String root) {
        this.spec = spec;
        this.root = root;
        this.graph = StepGraph.of(spec);
        PodSettings pod = spec.pod();
        if (pod != null) {
            pod.volumes().stream().map(Volume::name).forEach(volumes::add);
        }
    }

    /**
     * All problems of a workflow, in the order of its text; none if it can be run.
     *
     * @param root path of the definition, as {@code spec} or {@code spec.workflow}
     */
    public static List<Problem> validate(WorkflowSpec spec, String root) {
        var validator = new Validator(spec, root);
        validator.params();
        validator.affinity();
        validator.steps();
        return List.copyOf(validator.problems);
    }

    /** All problems of a run's arguments. */
    public static List<Problem> validateArguments(WorkflowSpec spec, List<Argument> arguments) {
        List<Problem> problems = new ArrayList<>();
        List<String> declared = spec.params().stream().map(Param::name).toList();
        for (int i = 0; i < arguments.size(); i++) {
            String name = arguments.get(i).name();
            if (!declared.contains(name)) {
                String known = declared.isEmpty() ? "it has no parameters" : "it has " + String.join(", ", declared);
                problems.add(new Problem(
                        "spec.params[" + i + "].name",
                        "the workflow has no parameter " + name + Nearest.hint(name, declared) + ": " + known));
            }
        }
        Set<String> given = new HashSet<>(arguments.stream().map(Argument::name).toList());
        for (Param param : spec.params()) {
            if (param.defaultValue() == null && !given.contains(param.name())) {
                problems.add(new Problem(
                        "spec.params",
                        "the parameter " + param.name() + " has no default: add {name: " + param.name()
                                + ", value: …}"));
            }
        }
        return List.copyOf(problems);
    }

    private void params() {
        for (int i = 0; i < spec.params().size(); i++) {
            String name = spec.params().get(i).name();
            if (!params.add(name)) {
                report(
                        "params[" + i + "].name",
                        "the name " + name + " is used twice: names of parameters must differ");
            }
        }
    }

    private void affinity() {
        PodSettings pod = spec.pod();
        if (pod != null) {
            Affinities.problem(pod.affinity()).ifPresent(problem -> report("pod.affinity", problem));
        }
    }

    private void steps() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < spec.steps().size(); i++) {
            Step step = spec.steps().get(i);
            String path = "steps[" + i + "]";
            if (!seen.add(step.name())) {
                report(path + ".name", "the name " + step.name() + " is used twice: names of steps must differ");
            }
            dependsOn(path, step);
            outputs(path, step);
        }
        boolean cyclic = graph.cycle().map(this::cycle).orElse(false);
        for (int i = 0; i < spec.steps().size(); i++) {
            // with a cycle nothing comes surely before anything: the cycle is the error to mend first
            container("steps[" + i + "]", i, cyclic);
        }
    }

    private void dependsOn(String path, Step step) {
        if (spec.orderOrDefault() == Order.Sequential && !step.dependsOn().isEmpty()) {
            report(
                    path + ".dependsOn",
                    "the order is Sequential, where each step follows the one above it: set order: Graph, or remove"
                            + " dependsOn");
            return;
        }
        for (int j = 0; j < step.dependsOn().size(); j++) {
            String name = step.dependsOn().get(j);
            if (graph.index(name).isEmpty()) {
                report(
                        path + ".dependsOn[" + j + "]",
                        "there is no step " + name + Nearest.remedy(name, graph.names()));
            }
        }
    }

    private boolean cycle(List<String> names) {
        report(
                "steps",
                "the steps wait for each other in a circle: " + String.join(" → ", names)
                        + ": remove one of these from dependsOn");
        return true;
    }

    private void outputs(String path, Step step) {
        Set<String> seen = new HashSet<>();
        for (int j = 0; j < step.outputs().size(); j++) {
            if (!seen.add(step.outputs().get(j))) {
                report(
                        path + ".outputs[" + j + "]",
                        "the output " + step.outputs().get(j) + " is declared twice: remove one");
            }
        }
    }

    private void container(String path, int index, boolean cyclic) {
        Step step = spec.steps().get(index);
        BitSet before = graph.ancestors(index);
        container(path + ".container", step.container(), index, cyclic ? all() : before);
        Compensation compensation = step.compensation();
        if (compensation != null) {
            var known = (BitSet) before.clone();
            known.set(index);
            container(path + ".compensation.container", compensation.container(), index, cyclic ? all() : known);
        }
    }

    private BitSet all() {
        var all = new BitSet(graph.size());
        all.set(0, graph.size());
        return all;
    }

    private void container(String path, Container container, int index, BitSet before) {
        for (int i = 0; i < container.command().size(); i++) {
            references(path + ".command[" + i + "]", container.command().get(i), index, before);
        }
        for (int i = 0; i < container.args().size(); i++) {
            references(path + ".args[" + i + "]", container.args().get(i), index, before);
        }
        for (int i = 0; i < container.env().size(); i++) {
            EnvVar env = container.env().get(i);
            references(path + ".env[" + i + "].value", Objects.requireNonNullElse(env.value(), ""), index, before);
        }
        for (int i = 0; i < container.volumeMounts().size(); i++) {
            VolumeMount mount = container.volumeMounts().get(i);
            if (!volumes.contains(mount.name())) {
                report(
                        path + ".volumeMounts[" + i + "].name",
                        "there is no volume " + mount.name() + " in " + root + ".pod.volumes"
                                + Nearest.remedy(mount.name(), volumes));
            }
        }
    }

    private void references(String path, String value, int index, BitSet before) {
        for (Template.Part part : Template.parse(value).parts()) {
            switch (part) {
                case Template.Text text -> {
                    // nothing of ours
                }
                case Template.Malformed(String text) ->
                    report(path, "$(" + text + ") is no reference: write $(steps.STEP.outputs.NAME)");
                case Template.ParamRef(String name) -> {
                    if (!params.contains(name)) {
                        report(
                                path,
                                "$(params." + name + "): there is no parameter " + name + Nearest.remedy(name, params));
                    }
                }
                case Template.OutputRef output -> output(path, output, index, before);
            }
        }
    }

    private void output(String path, Template.OutputRef ref, int index, BitSet before) {
        String text = "$(steps." + ref.step() + ".outputs." + ref.name() + ")";
        var found = graph.index(ref.step());
        if (found.isEmpty()) {
            report(path, text + ": there is no step " + ref.step() + Nearest.remedy(ref.step(), graph.names()));
            return;
        }
        List<String> outputs = spec.steps().get(found.get()).outputs();
        if (!outputs.contains(ref.name())) {
            String hint = Nearest.hint(ref.name(), outputs);
            report(
                    path,
                    text + ": the step " + ref.step() + " does not declare the output " + ref.name()
                            + (hint.isEmpty() ? ": add it to its outputs" : hint));
        }
        if (!before.get(found.get())) {
            report(path, text + ": " + notBefore(ref.step(), index, found.get()));
        }
    }

    private String notBefore(String other, int index, int found) {
        String step = graph.name(index);
        if (index == found) {
            return "a step cannot use its own outputs (its compensation can)";
        }
        if (spec.orderOrDefault() == Order.Graph && graph.ancestors(found).get(index)) {
            return "the step " + other + " runs only after " + step + ", so that " + step + " cannot use its outputs";
        }
        return spec.orderOrDefault() == Order.Graph
                ? "the step " + other + " is not surely done before " + step + ": add it to the dependsOn of " + step
                : "the step " + other + " comes after " + step + ": move it up";
    }

    private void report(String path, String message) {
        problems.add(new Problem(root + "." + path, message));
    }
}
