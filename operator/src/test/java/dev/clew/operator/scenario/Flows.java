package dev.clew.operator.scenario;

import dev.clew.api.run.Attempt;
import java.util.Objects;

/** Workflows that many tests use. */
final class Flows {
    private Flows() {}

    /** Three steps in a row, each with a compensation that works. */
    static String saga(String name, String a, String b, String c, String runA, String runB, String runC) {
        return """
                apiVersion: clew.dev/v1alpha1
                kind: Workflow
                metadata: {name: %s}
                spec:
                  steps:
                %s%s%s""".formatted(name, step(a, runA), step(b, runB), step(c, runC));
    }

    private static String step(String name, String script) {
        return """
                  - name: %s
                    container: {image: busybox, command: [sh, -c, '%s']}
                    compensation: {container: {image: busybox, command: [sh, -c, 'echo undo']}}
                """.formatted(name, script);
    }

    /** A run of a workflow without parameters. */
    static String run(String name, String workflow) {
        return """
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: %s}
                spec: {workflowRef: {name: %s}}
                """.formatted(name, workflow);
    }

    /** A run of a workflow of its own, given as the YAML of its spec. */
    static String inline(String name, String workflow) {
        return """
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: %s}
                spec:
                  workflow:
                """.formatted(name) + workflow.indent(4);
    }

    /** The name of an attempt's pod. */
    static String pod(Attempt attempt) {
        return Objects.requireNonNull(attempt.pod()).name();
    }
}
