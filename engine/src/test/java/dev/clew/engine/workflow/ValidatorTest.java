package dev.clew.engine.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.Argument;
import java.util.List;
import org.junit.jupiter.api.Test;

class ValidatorTest {
    private static List<String> problems(String yaml) {
        return Validator.validate(Workflows.yaml(yaml), "spec").stream()
                .map(Problem::toString)
                .toList();
    }

    @Test
    void a_good_workflow_has_no_problems() {
        assertThat(problems("""
                params: [{name: orderId}]
                pod: {volumes: [{name: data, emptyDir: {}}]}
                steps:
                - name: reserve
                  outputs: [id]
                  container: {image: busybox, args: [$(params.orderId)], volumeMounts: [{name: data, mountPath: /data}]}
                  compensation: {container: {image: busybox, args: [$(steps.reserve.outputs.id)]}}
                - name: charge
                  container: {image: busybox, env: [{name: ID, value: "$(steps.reserve.outputs.id) $(date) $(HOME)"}]}
                """)).isEmpty();
    }

    @Test
    void a_misspelt_step_in_dependsOn() {
        assertThat(problems("""
                order: Graph
                steps:
                - {name: reserve, container: {image: a}}
                - {name: charge, dependsOn: [resrve], container: {image: a}}
                """))
                .containsExactly("spec.steps[1].dependsOn[0]: there is no step resrve (did you mean reserve?)");
    }

    @Test
    void an_unknown_step_in_dependsOn() {
        assertThat(problems("""
                order: Graph
                steps:
                - {name: reserve, container: {image: a}}
                - {name: charge, dependsOn: [pack], container: {image: a}}
                """))
                .containsExactly(
                        "spec.steps[1].dependsOn[0]: there is no step pack: it must be one of reserve, charge");
    }

    @Test
    void dependsOn_in_a_sequence() {
        assertThat(problems("""
                steps:
                - {name: reserve, container: {image: a}}
                - {name: charge, dependsOn: [reserve], container: {image: a}}
                """))
                .containsExactly(
                        "spec.steps[1].dependsOn: the order is Sequential, where each step follows the one above it:"
                                + " set order: Graph, or remove dependsOn");
    }

    @Test
    void a_cycle_is_spelt_out_and_hides_what_follows_from_it() {
        assertThat(problems("""
                order: Graph
                steps:
                - {name: a, outputs: [x], dependsOn: [c], container: {image: a, args: [$(steps.b.outputs.y)]}}
                - {name: b, outputs: [y], dependsOn: [a], container: {image: a}}
                - {name: c, dependsOn: [b], container: {image: a}}
                - {name: d, dependsOn: [c], container: {image: a}}
                """))
                .containsExactly(
                        "spec.steps: the steps wait for each other in a circle: a → b → c → a: remove one of these from"
                                + " dependsOn");
    }

    @Test
    void a_step_that_waits_for_itself() {
        assertThat(problems("""
                order: Graph
                steps:
                - {name: a, dependsOn: [a], container: {image: a}}
                """))
                .containsExactly(
                        "spec.steps: the steps wait for each other in a circle: a → a: remove one of these from dependsOn");
    }

    @Test
    void names_that_are_used_twice() {
        assertThat(problems("""
                params: [{name: p}, {name: p}]
                steps:
                - {name: a, outputs: [x, x], container: {image: a}}
                - {name: a, container: {image: a}}
                """))
                .containsExactly(
                        "spec.params[1].name: the name p is used twice: names of parameters must differ",
                        "spec.steps[0].outputs[1]: the output x is declared twice: remove one",
                        "spec.steps[1].name: the name a is used twice: names of steps must differ");
    }

    @Test
    void unknown_and_misspelt_parameters() {
        assertThat(problems("""
                params: [{name: orderId}]
                steps:
                - name: a
                  container:
                    image: a
                    command: [$(params.orderid)]
                    args: [$(params.colour)]
                    env: [{name: E, value: $(params.)}]
                """))
                .containsExactly(
                        "spec.steps[0].container.command[0]: $(params.orderid): there is no parameter orderid (did you"
                                + " mean orderId?)",
                        "spec.steps[0].container.args[0]: $(params.colour): there is no parameter colour: it must be one of orderId",
                        "spec.steps[0].container.env[0].value: $(params.): there is no parameter : it must be one of orderId");
    }

    @Test
    void outputs_that_are_not_declared_or_of_no_step() {
        assertThat(problems("""
                steps:
                - {name: reserve, outputs: [number], container: {image: a}}
                - name: charge
                  container:
                    image: a
                    args: [$(steps.reserve.outputs.nmber), $(steps.reserve.outputs.x), $(steps.reserv.outputs.number)]
                """))
                .containsExactly(
                        "spec.steps[1].container.args[0]: $(steps.reserve.outputs.nmber): the step reserve does not declare"
                                + " the output nmber (did you mean number?)",
                        "spec.steps[1].container.args[1]: $(steps.reserve.outputs.x): the step reserve does not declare"
                                + " the output x: add it to its outputs",
                        "spec.steps[1].container.args[2]: $(steps.reserv.outputs.number): there is no step reserv (did you"
                                + " mean reserve?)");
    }

    @Test
    void outputs_of_a_later_step() {
        assertThat(problems("""
                steps:
                - {name: a, container: {image: a, args: [$(steps.b.outputs.x)]}}
                - {name: b, outputs: [x], container: {image: a}}
                """))
                .containsExactly(
                        "spec.steps[0].container.args[0]: $(steps.b.outputs.x): the step b comes after a: move it up");
    }

    @Test
    void outputs_of_a_step_that_may_come_later_in_a_graph() {
        assertThat(problems("""
                order: Graph
                steps:
                - {name: a, outputs: [x], container: {image: a}}
                - {name: b, container: {image: a, args: [$(steps.a.outputs.x)]}}
                """))
                .containsExactly(
                        "spec.steps[1].container.args[0]: $(steps.a.outputs.x): the step a is not surely done before b: add"
                                + " it to the dependsOn of b");
    }

    @Test
    void outputs_of_an_ancestor_in_a_graph_are_there() {
        assertThat(problems("""
                order: Graph
                steps:
                - {name: a, outputs: [x], container: {image: a}}
                - {name: b, dependsOn: [a], container: {image: a}}
                - {name: c, dependsOn: [b], container: {image: a, args: [$(steps.a.outputs.x)]}}
                """)).isEmpty();
    }

    @Test
    void a_steps_own_outputs_only_in_its_compensation() {
        assertThat(problems("""
                steps:
                - name: a
                  outputs: [x]
                  container: {image: a, args: [$(steps.a.outputs.x)]}
                  compensation: {container: {image: a, args: [$(steps.a.outputs.x)]}}
                """))
                .containsExactly(
                        "spec.steps[0].container.args[0]: $(steps.a.outputs.x): a step cannot use its own outputs (its"
                                + " compensation can)");
    }

    @Test
    void a_compensation_cannot_use_what_comes_later() {
        assertThat(problems("""
                steps:
                - name: a
                  container: {image: a}
                  compensation: {container: {image: a, env: [{name: X, value: $(steps.b.outputs.x)}]}}
                - {name: b, outputs: [x], container: {image: a}}
                """))
                .containsExactly(
                        "spec.steps[0].compensation.container.env[0].value: $(steps.b.outputs.x): the step b comes after a:"
                                + " move it up");
    }

    @Test
    void malformed_references() {
        assertThat(problems("""
                steps:
                - {name: a, container: {image: a, args: [$(steps.a), $(steps.a.output.x)]}}
                """))
                .containsExactly(
                        "spec.steps[0].container.args[0]: $(steps.a) is no reference: write $(steps.STEP.outputs.NAME)",
                        "spec.steps[0].container.args[1]: $(steps.a.output.x) is no reference: write"
                                + " $(steps.STEP.outputs.NAME)");
    }

    @Test
    void an_unknown_volume() {
        assertThat(problems("""
                pod: {volumes: [{name: data, emptyDir: {}}]}
                steps:
                - {name: a, container: {image: a, volumeMounts: [{name: dat, mountPath: /a}, {name: x, mountPath: /b}]}}
                """))
                .containsExactly(
                        "spec.steps[0].container.volumeMounts[0].name: there is no volume dat in spec.pod.volumes (did you"
                                + " mean data?)",
                        "spec.steps[0].container.volumeMounts[1].name: there is no volume x in spec.pod.volumes: it must be one of data");
    }

    @Test
    void all_errors_at_once() {
        assertThat(problems("""
                order: Graph
                steps:
                - {name: a, dependsOn: [x], container: {image: a, args: [$(params.p)]}}
                - {name: a, outputs: [o, o], dependsOn: [y], container: {image: a, args: [$(steps.q.outputs.o)]}}
                """)).hasSize(6);
    }

    @Test
    void paths_begin_where_the_definition_stands() {
        assertThat(Validator.validate(Workflows.yaml("""
                steps: [{name: a, container: {image: a, args: [$(params.p)]}}]
                """), "spec.workflow"))
                .containsExactly(new Problem(
                        "spec.workflow.steps[0].container.args[0]",
                        "$(params.p): there is no parameter p: none is declared"));
    }

    private static List<String> argumentProblems(String params, Argument... arguments) {
        return Validator.validateArguments(
                        Workflows.yaml("params: " + params + "\nsteps: [{name: a, container: {image: a}}]"),
                        List.of(arguments))
                .stream()
                .map(Problem::toString)
                .toList();
    }

    @Test
    void arguments_that_are_missing() {
        assertThat(argumentProblems("[{name: id}, {name: amount, default: '10'}, {name: note, default: ''}]"))
                .containsExactly("spec.params: the parameter id has no default: add {name: id, value: …}");
    }

    @Test
    void arguments_that_nobody_asked_for() {
        assertThat(argumentProblems("[{name: orderId}]", new Argument("orderId", "1"), new Argument("orderID", "2")))
                .containsExactly("spec.params[1].name: the workflow has no parameter orderID (did you mean orderId?):"
                        + " it has orderId");
        assertThat(argumentProblems("[]", new Argument("x", "1")))
                .containsExactly("spec.params[0].name: the workflow has no parameter x: it has no parameters");
    }

    @Test
    void too_many_problems_to_show_are_cut_and_counted() {
        List<Problem> many = java.util.Collections.nCopies(1_000, new Problem("spec.steps[0]", "wrong in some way"));
        assertThat(Problem.join(many)).hasSizeLessThan(16_100).endsWith("… (1000 problems in all)");
    }

    private static List<String> warnings(String yaml) {
        return Warnings.of(Workflows.yaml(yaml), "spec").stream()
                .map(Problem::toString)
                .toList();
    }

    @Test
    void a_declared_output_that_nobody_uses_is_a_warning() {
        assertThat(warnings("""
                steps:
                - {name: a, outputs: [used, unused], container: {image: a}}
                - {name: b, container: {image: a, args: [$(steps.a.outputs.used)]}}
                """))
                .containsExactly("spec.steps[0].outputs[1]: the output unused is never used: use it as"
                        + " $(steps.a.outputs.unused), or remove it");
    }

    @Test
    void an_output_that_only_a_compensation_uses_is_used() {
        assertThat(warnings("""
                steps:
                - name: a
                  outputs: [id]
                  container: {image: a}
                  compensation: {container: {image: a, env: [{name: ID, value: $(steps.a.outputs.id)}]}}
                """)).isEmpty();
    }

    @Test
    void a_parameter_in_the_middle_of_a_shell_script_is_a_warning_with_the_remedy() {
        assertThat(warnings("""
                params: [{name: orderId}]
                steps:
                - name: a
                  container: {image: a, command: [sh, -c, 'charge $(params.orderId)']}
                  compensation: {container: {image: a, command: [/bin/bash, -e, -c], args: ['refund $(params.orderId)']}}
                """))
                .containsExactly(
                        "spec.steps[0].container.command[2]: the value of $(params.orderId) is spliced into a shell script"
                                + " and would be run as code: pass it with env: [{name: ORDER_ID, value:"
                                + " $(params.orderId)}] and write \"$ORDER_ID\" in the script",
                        "spec.steps[0].compensation.container.args[0]: the value of $(params.orderId) is spliced into a"
                                + " shell script and would be run as code: pass it with env: [{name: ORDER_ID, value:"
                                + " $(params.orderId)}] and write \"$ORDER_ID\" in the script");
    }

    @Test
    void a_shell_with_several_options_is_one_too() {
        assertThat(warnings("""
                params: [{name: clewRun}]
                steps:
                - {name: a, container: {image: a, command: [bash, -euo, pipefail, -ec, 'run $(params.clewRun)']}}
                - {name: b, container: {image: a, command: [sh, /run.sh, -c, $(params.clewRun)]}}
                """))
                .singleElement()
                .asString()
                .startsWith("spec.steps[0].container.command[4]: ")
                .contains("PARAM_CLEW_RUN");
    }

    @Test
    void a_parameter_as_an_argument_of_a_script_or_of_another_program_is_none() {
        assertThat(warnings("""
                params: [{name: id}]
                steps:
                - {name: a, container: {image: a, command: [sh, -c, 'charge "$0"', $(params.id)]}}
                - {name: b, container: {image: a, command: [charge, -c, $(params.id)]}}
                """)).isEmpty();
    }
}
