package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.Workflow;
import dev.clew.api.WorkflowRun;
import dev.clew.api.workflow.WorkflowSpec;
import dev.clew.engine.workflow.Validator;
import dev.clew.engine.workflow.Warnings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * YAML that people are shown: it must pass the API server, and have neither errors nor warnings.
 *
 * @param workflows the Workflows in it
 * @param runs the runs in it
 */
record Examples(List<Workflow> workflows, List<WorkflowRun> runs) {
    private static final Pattern KIND = Pattern.compile("(?m)^kind: (\\w+)");

    static Examples of(String yaml, Scenario scenario) throws Exception {
        dryRun(yaml, scenario);
        var examples = new Examples(new ArrayList<>(), new ArrayList<>());
        var mapper = scenario.client().getKubernetesSerialization();
        for (String document : yaml.split("(?m)^---$", -1)) {
            var kind = KIND.matcher(document);
            assertThat(kind.find()).as(document).isTrue();
            switch (kind.group(1)) {
                case "Workflow" -> examples.workflows.add(mapper.unmarshal(document, Workflow.class));
                case "WorkflowRun" -> examples.runs.add(mapper.unmarshal(document, WorkflowRun.class));
                default -> throw new AssertionError("an example of another kind: " + document);
            }
        }
        examples.definitions().forEach(spec -> {
            assertThat(Validator.validate(spec, "spec")).as(yaml).isEmpty();
            assertThat(Warnings.of(spec, "spec")).as(yaml).isEmpty();
        });
        return examples;
    }

    private Stream<WorkflowSpec> definitions() {
        return Stream.concat(
                workflows.stream().map(Workflow::getSpec),
                runs.stream().flatMap(run -> Stream.ofNullable(run.getSpec().workflow())));
    }

    private static void dryRun(String yaml, Scenario scenario) throws Exception {
        var kubectl = new ProcessBuilder(
                        scenario.cluster().kubectl().toString(),
                        "apply",
                        "--dry-run=server",
                        "--validate=strict",
                        "-n",
                        scenario.namespace(),
                        "-f",
                        "-")
                .redirectErrorStream(true);
        kubectl.environment().put("KUBECONFIG", scenario.cluster().kubeconfig().toString());
        Process process = kubectl.start();
        try (var input = process.getOutputStream()) {
            input.write(yaml.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(yaml + output).isZero();
    }
}
