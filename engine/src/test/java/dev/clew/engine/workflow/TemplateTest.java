package dev.clew.engine.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateTest {
    private static final String HOSTILE = "$(CLEW_RUN) $$(HOME) a$$b \"; rm -rf ' $\n";

    private static String fill(String source, Map<String, String> values) {
        return Template.parse(source)
                .fill(part -> Objects.requireNonNull(
                        switch (part) {
                            case Template.ParamRef(String name) -> values.get("params." + name);
                            case Template.OutputRef(String step, String name) ->
                                values.get("steps." + step + ".outputs." + name);
                            case Template.Text text -> "text is not asked for";
                            case Template.Malformed malformed -> "nor is this";
                        }));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "plain, plain",
                "$(params.p), v",
                "a$(params.p)b$(params.p)c, avbvc",
                "$(steps.s.outputs.o), w",
                // not Clew's: left for the shell and the kubelet
                "$(date), $(date)",
                "$(HOME), $(HOME)",
                "$HOME, $HOME",
                "${params.p}, ${params.p}",
                "$(param.p), $(param.p)",
                "$( params.p), $( params.p)",
                // $$ is a literal $, which the kubelet makes of it
                "$$(params.p), $$(params.p)",
                "$$$(params.p), $$v",
                "$$$$(params.p), $$$$(params.p)",
                "$$, $$",
                "a$, a$",
                // not closed
                "$(params.p, $(params.p",
                "$(date $(params.p), $(date $(params.p)",
                "$(), $()",
                // a reference to nothing is left for the validator to report
                "$(steps.s), $(steps.s)",
            })
    void is_filled_by_the_grammar_of_the_kubelet(String source, String filled) {
        assertThat(fill(source, Map.of("params.p", "v", "steps.s.outputs.o", "w")))
                .isEqualTo(filled);
    }

    @Test
    void an_output_may_have_dots_in_its_name_but_not_its_step() {
        assertThat(Template.parse("$(steps.a.outputs.b.outputs.c)").parts())
                .containsExactly(new Template.OutputRef("a", "b.outputs.c"));
    }

    @Test
    void a_value_is_data_to_clew_and_to_the_kubelet() {
        String filled = fill("<$(params.p)>", Map.of("params.p", HOSTILE));
        assertThat(expand(filled, Map.of("CLEW_RUN", "not this", "HOME", "nor this")))
                .isEqualTo("<" + HOSTILE + ">");
    }

    @Provide
    Arbitrary<String> values() {
        Arbitrary<String> pieces = Arbitraries.of(
                "$",
                "$$",
                "(",
                ")",
                "$(",
                "$(HOME)",
                "$(params.p)",
                "$(steps.s.outputs.o)",
                "a",
                " ",
                "\n",
                "\"",
                "'",
                HOSTILE);
        return pieces.list().ofMaxSize(12).map(list -> String.join("", list));
    }

    @Property(tries = 2_000)
    void any_value_arrives_as_it_is(@ForAll("values") String value) {
        Map<String, String> environment = Map.of("HOME", "/root", "CLEW_RUN", "order-42");
        assertThat(expand(fill("$(params.p)", Map.of("params.p", value)), environment))
                .isEqualTo(value);
        assertThat(expand(fill("-$(HOME)$(params.p)$$-", Map.of("params.p", value)), environment))
                .isEqualTo("-/root" + value + "$-");
    }

    @Property(tries = 2_000)
    void what_is_not_clews_is_left_as_it_stands(@ForAll("values") String source) {
        String ours = source.replace("params.", "param-").replace("steps.", "step-");
        assertThat(fill(ours, Map.of())).isEqualTo(ours);
    }

    /** The kubelet's expansion: k8s.io/kubernetes/third_party/forked/golang/expansion, Expand and tryReadVariableName. */
    private static String expand(String input, Map<String, String> variables) {
        var expanded = new StringBuilder();
        int checkpoint = 0;
        for (int cursor = 0; cursor < input.length(); cursor++) {
            if (input.charAt(cursor) != '$' || cursor + 1 >= input.length()) {
                continue;
            }
            expanded.append(input, checkpoint, cursor);
            char next = input.charAt(cursor + 1);
            int close = input.indexOf(')', cursor + 2);
            int advance;
            if (next == '$') {
                expanded.append('$');
                advance = 1;
            } else if (next == '(' && close >= 0) {
                String name = input.substring(cursor + 2, close);
                expanded.append(variables.getOrDefault(name, "$(" + name + ")"));
                advance = close - cursor;
            } else if (next == '(') {
                expanded.append("$(");
                advance = 1;
            } else {
                expanded.append('$').append(next);
                advance = 1;
            }
            cursor += advance;
            checkpoint = cursor + 1;
        }
        return expanded + input.substring(checkpoint);
    }
}
