package dev.clew.devcluster.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VariableExpansionTest {
    private static final Map<String, String> VARIABLES = Map.of("A", "a", "B", "$(A)", "EMPTY", "");

    /** The cases of Kubernetes' own test of this grammar (third_party/forked/golang/expansion), as far as they differ. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "plain                | plain",
                "$(A)                 | a",
                "x-$(A)-$(A)          | x-a-a",
                "$(B)                 | $(A)",
                "[$(EMPTY)]           | []",
                "$(NONE)              | $(NONE)",
                "$$(A)                | $(A)",
                "$$$(A)               | $a",
                "$$$$(A)              | $$(A)",
                "$$                   | $",
                "$                    | $",
                "cost $5              | cost $5",
                "$A                   | $A",
                "$(A                  | $(A",
                "$()                  | $()",
                "$($(A))              | $($(A))",
                "$(date +%s) $(A)     | $(date +%s) a",
                "${A} $(A)            | ${A} a",
                "$((1+1))$(A)         | $((1+1))a",
            })
    void expands_as_the_kubelet_does(String text, String expected) {
        assertThat(VariableExpansion.expand(text, VARIABLES)).isEqualTo(expected);
    }
}
