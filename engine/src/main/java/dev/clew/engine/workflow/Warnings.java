package dev.clew.engine.workflow;

import dev.clew.api.Names;
import dev.clew.api.container.Container;
import dev.clew.api.container.EnvVar;
import dev.clew.api.workflow.Step;
import dev.clew.api.workflow.WorkflowSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** Finds what can be run and is probably not meant: a workflow with warnings is ready all the same. */
public final class Warnings {
    private static final Set<String> SHELLS = Set.of("sh", "bash", "ash", "dash", "ksh", "zsh");

    private final Set<Template.OutputRef> used = new HashSet<>();
    private final List<Problem> warnings = new ArrayList<>();

    private Warnings() {}

    /**
     * All warnings about a valid workflow, in the order of its text.
     *
     * @param root path of the definition, as {@code spec} or {@code spec.workflow}
     */
    public static List<Problem> of(WorkflowSpec spec, String root) {
        var warnings = new Warnings();
        spec.steps().forEach(step -> containers(step).forEach(warnings::use));
        for (int i = 0; i < spec.steps().size(); i++) {
            warnings.step(spec.steps().get(i), root + ".steps[" + i + "]");
        }
        return List.copyOf(warnings.warnings);
    }

    private static Stream<Container> containers(Step step) {
        return step.compensation() == null
                ? Stream.of(step.container())
                : Stream.of(step.container(), step.compensation().container());
    }

    private void use(Container container) {
        Stream<String> env = container.env().stream().map(EnvVar::value).filter(Objects::nonNull);
        Stream.of(container.command().stream(), container.args().stream(), env)
                .flatMap(strings -> strings)
                .flatMap(text -> Template.parse(text).parts().stream())
                .forEach(part -> {
                    if (part instanceof Template.OutputRef output) {
                        used.add(output);
                    }
                });
    }

    private void step(Step step, String path) {
        for (int j = 0; j < step.outputs().size(); j++) {
            String output = step.outputs().get(j);
            if (!used.contains(new Template.OutputRef(step.name(), output))) {
                warnings.add(new Problem(
                        path + ".outputs[" + j + "]",
                        "the output " + output + " is never used: use it as $(steps." + step.name() + ".outputs."
                                + output + "), or remove it"));
            }
        }
        splices(step.container(), path + ".container");
        if (step.compensation() != null) {
            splices(step.compensation().container(), path + ".compensation.container");
        }
    }

    /** A value in the middle of a shell's script is run as code: a quote or a semicolon in it is enough. */
    private void splices(Container container, String path) {
        List<String> words = new ArrayList<>(container.command());
        words.addAll(container.args());
        int script = script(container.command().isEmpty() ? List.of() : words);
        if (script < 0) {
            return;
        }
        int inArgs = script - container.command().size();
        String where = inArgs < 0 ? path + ".command[" + script + "]" : path + ".args[" + inArgs + "]";
        for (Template.Part part : Template.parse(words.get(script)).parts()) {
            switch (part) {
                case Template.ParamRef(String name) -> splice(where, "$(params." + name + ")", name);
                case Template.OutputRef(String step, String name) ->
                    splice(where, "$(steps." + step + ".outputs." + name + ")", name);
                case Template.Text text -> {
                    // the script itself
                }
                case Template.Malformed malformed -> {
                    // the validator's
                }
            }
        }
    }

    /** Where the script of a shell stands in its command line, as in {@code bash -euo pipefail -c SCRIPT}; -1 if there is none. */
    private static int script(List<String> words) {
        if (words.isEmpty() || !SHELLS.contains(words.getFirst().replaceFirst(".*/", ""))) {
            return -1;
        }
        for (int i = 1; i + 1 < words.size() && !words.get(i).endsWith(".sh"); i++) {
            if (words.get(i).matches("-[a-zA-Z]*c")) {
                return i + 1;
            }
        }
        return -1;
    }

    private void splice(String where, String reference, String name) {
        String variable =
                name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").replace('-', '_').toUpperCase(Locale.ROOT);
        if (variable.startsWith(Names.ENV_PREFIX)) {
            variable = "PARAM_" + variable;
        }
        warnings.add(new Problem(
                where,
                "the value of " + reference + " is spliced into a shell script and would be run as code: pass it with"
                        + " env: [{name: " + variable + ", value: " + reference + "}] and write \"$" + variable
                        + "\" in the script"));
    }
}
