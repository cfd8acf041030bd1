package dev.clew.engine.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.Names;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class AttemptIdTest {
    private static final AttemptId FIRST = new AttemptId("0b54ab2f", "charge", Kind.Step, 1);

    @Test
    void the_name_is_for_ever_the_same() {
        // pods of a running operator bear these names: a change would make it create them again
        assertThat(new AttemptId("run-uid", "s0", Kind.Step, 1).podName("order-42"))
                .isEqualTo("order-42-s0-vhnb3m5adru");
        assertThat(FIRST.podName("order-42")).matches("order-42-charge-[a-z2-7]{11}");
        assertThat(new AttemptId("0b54ab2f", "charge", Kind.Compensation, 1).podName("order-42"))
                .matches("order-42-charge-undo-[a-z2-7]{11}");
    }

    @Test
    void the_annotation_says_all_that_an_attempt_is() {
        assertThat(FIRST.annotation()).isEqualTo("0b54ab2f/charge/Step/1");
    }

    @Test
    void the_step_stays_readable_when_the_name_of_the_run_is_long() {
        assertThat(FIRST.podName("r".repeat(63))).hasSize(63).contains("rrr-charge-");
        assertThat(new AttemptId("u", "s".repeat(40), Kind.Compensation, 50).podName("r".repeat(63)))
                .hasSize(63)
                .startsWith("rrrr")
                .contains("-" + "s".repeat(40) + "-undo-");
    }

    @Test
    void each_attempt_has_a_name_of_its_own() {
        Set<String> names = new HashSet<>();
        int count = 0;
        for (String run : new String[] {"uid-1", "uid-2"}) {
            for (String step : new String[] {"a", "b", "a-undo"}) {
                for (Kind kind : Kind.values()) {
                    for (int number = 1; number <= 50; number++) {
                        names.add(new AttemptId(run, step, kind, number).podName("order"));
                        count++;
                    }
                }
            }
        }
        assertThat(names).hasSize(count);
    }

    @Provide
    Arbitrary<AttemptId> attempts() {
        Arbitrary<String> label = Arbitraries.strings()
                .withCharRange('a', 'z')
                .withChars('-', '0')
                .ofMinLength(1)
                .ofMaxLength(40)
                .filter(name -> name.matches(Names.DNS_LABEL));
        return Combinators.combine(
                        label,
                        Arbitraries.of(Kind.class),
                        Arbitraries.integers().between(1, 50))
                .as((step, kind, number) -> new AttemptId("uid", step, kind, number));
    }

    @Provide
    Arbitrary<String> runs() {
        return Arbitraries.strings()
                .withCharRange('a', 'z')
                .withChars('-', '.', '0')
                .ofMinLength(1)
                .ofMaxLength(63)
                .filter(name -> name.matches(Names.DNS_SUBDOMAIN));
    }

    @Property(tries = 500)
    void a_name_is_a_dns_label_of_at_most_63_characters(
            @ForAll("attempts") AttemptId attempt, @ForAll("runs") String run) {
        assertThat(attempt.podName(run)).hasSizeLessThanOrEqualTo(63).matches(Names.DNS_LABEL);
    }
}
