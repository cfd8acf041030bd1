package dev.clew.operator.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.WorkflowRun;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.Output;
import dev.clew.api.run.RunPhase;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What steps write, and how it reaches others. */
@WithClew
class OutputsTest {
    /** A step {@code make} that writes with a script, then {@code use}, which prints what it got in each way and fails. */
    private static String makeAndUse(String script) {
        return Flows.inline("outputs", """
                steps:
                - name: make
                  outputs: [id]
                  retry: {limit: 1, backoffSeconds: 0}
                  container:
                    image: busybox
                    command:
                    - sh
                    - -c
                    - |
                %s
                  compensation:
                    container: {image: busybox, command: [printf, 'undo <%%s>', $(steps.make.outputs.id)]}
                - name: use
                  container:
                    image: busybox
                    command: [sh, -c, 'printf "%%s|%%s|%%s" "$0" "$1" "$ID"; exit 1', $(steps.make.outputs.id)]
                    args: [$(steps.make.outputs.id)]
                    env: [{name: ID, value: $(steps.make.outputs.id)}]
                """.formatted(script.indent(6)));
    }

    private static List<Attempt> made(WorkflowRun run) {
        return Scenario.step(run, "make").attempts();
    }

    private static String used(WorkflowRun run, Scenario scenario) {
        return scenario.log(Flows.pod(Scenario.step(run, "use").attempts().getFirst()));
    }

    private static String undone(WorkflowRun run, Scenario scenario) {
        return scenario.log(
                Flows.pod(Objects.requireNonNull(Scenario.step(run, "make").compensation())
                        .attempts()
                        .getFirst()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "say \"hi\" and 'bye'",
                "$(CLEW_RUN) $$(HOME) $$ $ $(steps.make.outputs.id) $(params.none)",
                "\\n \\\\ \\t`",
                "ключ ☂ 🧶",
                "a=b=c",
                "{\"json\": [1, 2]}"
            })
    void aValueReachesStepsAndCompensationsExactlyAsWritten(String value, Scenario scenario) {
        String literally = value.replace("$", "$$");
        scenario.apply(makeAndUse("cat >> \"$CLEW_OUTPUT\" <<'END'\nid=" + literally + "\nEND"));
        WorkflowRun ended = scenario.awaitEnd("outputs", RunPhase.Failed);
        assertThat(Scenario.step(ended, "make").outputs()).containsExactly(new Output("id", value));
        assertThat(used(ended, scenario)).isEqualTo(value + "|" + value + "|" + value);
        assertThat(undone(ended, scenario)).isEqualTo("undo <" + value + ">");
    }

    @Test
    void anEmptyValueIsAValue(Scenario scenario) {
        scenario.apply(makeAndUse("echo id= >> \"$CLEW_OUTPUT\""));
        WorkflowRun ended = scenario.awaitEnd("outputs", RunPhase.Failed);
        assertThat(made(ended)).hasSize(1);
        assertThat(used(ended, scenario)).isEqualTo("||");
    }

    @Test
    void theLastValueWinsAndWhatIsNotDeclaredIsNotKept(Scenario scenario) {
        scenario.apply(makeAndUse("""
                echo id=first >> "$CLEW_OUTPUT"
                echo secret=x >> "$CLEW_OUTPUT"
                echo no line of ours >> "$CLEW_OUTPUT"
                printf id=last >> "$CLEW_OUTPUT"
                """));
        WorkflowRun ended = scenario.awaitEnd("outputs", RunPhase.Failed);
        assertThat(Scenario.step(ended, "make").outputs()).containsExactly(new Output("id", "last"));
        assertThat(used(ended, scenario)).isEqualTo("last|last|last");
    }

    @Test
    void aStepThatDoesNotWriteWhatItDeclaresHasFailedAndIsTriedAgain(Scenario scenario) {
        scenario.apply(makeAndUse("test \"$CLEW_ATTEMPT\" = 1 || echo id=second >> \"$CLEW_OUTPUT\""));
        WorkflowRun ended = scenario.awaitEnd("outputs", RunPhase.Failed);
        assertThat(made(ended)).hasSize(2);
        assertThat(made(ended).getFirst().reason()).isEqualTo("OutputMissing");
        assertThat(made(ended).getFirst().message())
                .isEqualTo("did not write the declared outputs id: append lines name=value to the file $CLEW_OUTPUT");
        assertThat(used(ended, scenario)).isEqualTo("second|second|second");
    }

    @Test
    void whatMayHaveBeenCutFailsTheStep(Scenario scenario) {
        scenario.apply(makeAndUse("""
                test "$CLEW_ATTEMPT" = 1 && length=4093 || length=4092
                printf 'id=%0*d' "$length" 7 >> "$CLEW_OUTPUT"
                """));
        WorkflowRun ended = scenario.awaitEnd("outputs", RunPhase.Failed);
        assertThat(made(ended)).hasSize(2);
        assertThat(made(ended).getFirst().reason()).isEqualTo("OutputTooLong");
        assertThat(made(ended).getFirst().message())
                .isEqualTo("wrote 4096 bytes or more to $CLEW_OUTPUT, which the kubelet may have cut: at most 4095 are"
                        + " safe in this pod");
        String value = "0".repeat(4091) + "7";
        assertThat(used(ended, scenario)).isEqualTo(value + "|" + value + "|" + value);
    }

    @Test
    void aValueThatIsNotUtf8FailsTheStep(Scenario scenario) {
        scenario.apply(makeAndUse("""
                test "$CLEW_ATTEMPT" = 1 && printf 'id=\\377\\n' >> "$CLEW_OUTPUT" || echo id=text >> "$CLEW_OUTPUT"
                """));
        WorkflowRun ended = scenario.awaitEnd("outputs", RunPhase.Failed);
        assertThat(made(ended)).hasSize(2);
        assertThat(made(ended).getFirst().reason()).isEqualTo("OutputInvalid");
        assertThat(made(ended).getFirst().message()).isEqualTo("wrote outputs that are not UTF-8: id");
        assertThat(Scenario.step(ended, "make").outputs()).containsExactly(new Output("id", "text"));
    }

    @Test
    void whatAFailedAttemptWroteIsKeptForWhatUndoesIt(Scenario scenario) {
        scenario.apply(makeAndUse("""
                test "$CLEW_ATTEMPT" = 1 && echo id=r-1 >> "$CLEW_OUTPUT"
                exit 3
                """));
        WorkflowRun ended = scenario.awaitEnd("outputs", RunPhase.Failed);
        assertThat(Scenario.claims(ended)).containsExactly("make", "make", "undo make");
        assertThat(undone(ended, scenario)).isEqualTo("undo <r-1>");
    }

    @Test
    void ofSeveralFailedAttemptsTheLastValueIsKept(Scenario scenario) {
        scenario.apply(makeAndUse("echo \"id=r-$CLEW_ATTEMPT\" >> \"$CLEW_OUTPUT\"; exit 3"));
        WorkflowRun ended = scenario.awaitEnd("outputs", RunPhase.Failed);
        assertThat(undone(ended, scenario)).isEqualTo("undo <r-2>");
    }

    @Test
    void whatUndoesAStepThatWroteNothingGetsTheEmptyString(Scenario scenario) {
        scenario.apply(makeAndUse("exit 3"));
        WorkflowRun ended = scenario.awaitEnd("outputs", RunPhase.Failed);
        assertThat(undone(ended, scenario)).isEqualTo("undo <>");
    }

    @Test
    void aStepThatRefersToWhatIsNotThereFailsBeforeItHasAPod(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: outputs}
                spec:
                  interventions: [{name: by-hand, action: SkipStep, step: make}]
                  workflow:
                    steps:
                    - name: first
                      container: {image: busybox, command: ['true']}
                      compensation: {container: {image: busybox, command: ['true']}}
                    - name: make
                      outputs: [id]
                      container: {image: busybox, command: ['true']}
                    - name: use
                      retry: {limit: 3, backoffSeconds: 0}
                      container: {image: busybox, args: [$(steps.make.outputs.id)], command: ['true']}
                      compensation: {container: {image: busybox, command: ['true']}}
                """);
        WorkflowRun ended = scenario.awaitEnd("outputs", RunPhase.Failed);
        assertThat(ended.getStatus().message())
                .isEqualTo("use failed: refers to outputs that do not exist: make.id; undone: first");
        assertThat(Scenario.step(ended, "use").attempts())
                .singleElement()
                .satisfies(attempt -> assertThat(attempt.reason()).isEqualTo("InputMissing"));
        assertThat(scenario.pods("outputs"))
                .extracting(pod -> pod.getMetadata().getLabels().get("clew.dev/step"))
                .containsExactly("first", "first");
    }

    @Test
    void whatIsNotClewsIsLeftToTheShellAndToTheKubelet(Scenario scenario) {
        scenario.apply("""
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: outputs}
                spec:
                  params: [{name: id, value: '7'}]
                  workflow:
                    params: [{name: id}]
                    steps:
                    - name: print
                      container:
                        image: busybox
                        command: [sh, -c, 'echo "$(echo shell) $0 $1 $2 $3 $4"']
                        args: [$(CLEW_STEP), $$(params.id), $(NOBODY), 'a$b', $(OWN)]
                        env: [{name: OWN, value: '$(CLEW_RUN)/$(params.id)/$$(params.id)'}]
                """);
        WorkflowRun ended = scenario.awaitEnd("outputs", RunPhase.Succeeded);
        assertThat(scenario.log(
                        Flows.pod(Scenario.step(ended, "print").attempts().getFirst())))
                .isEqualTo("shell print $(params.id) $(NOBODY) a$b outputs/7/$(params.id)\n");
    }
}
