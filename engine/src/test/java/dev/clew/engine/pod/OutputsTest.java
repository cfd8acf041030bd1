package dev.clew.engine.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.clew.api.run.Output;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputsTest {
    private static Outputs read(String message, String... declared) {
        return Outputs.of(message, List.of(declared), 1);
    }

    private static void assertFine(Outputs outputs, Output... values) {
        assertThat(outputs.problem()).isEmpty();
        assertThat(outputs.values()).containsExactly(values);
    }

    @Test
    void lines_of_name_and_value() {
        assertFine(
                read("id=r-42\nurl=http://x\n", "id", "url"), new Output("id", "r-42"), new Output("url", "http://x"));
    }

    @Test
    void the_last_line_needs_no_end() {
        assertFine(read("id=r-42", "id"), new Output("id", "r-42"));
    }

    @Test
    void the_last_value_wins() {
        assertFine(read("id=1\nid=2\n", "id"), new Output("id", "2"));
    }

    @Test
    void a_value_may_be_empty_or_have_signs_of_equality_and_spaces() {
        assertFine(
                read("a=\nb=x=y==\nc= z \n", "a", "b", "c"),
                new Output("a", ""),
                new Output("b", "x=y=="),
                new Output("c", " z "));
    }

    @Test
    void what_is_not_declared_is_ignored() {
        assertFine(read("done\n=x\nother=1\nid=2\n", "id"), new Output("id", "2"));
    }

    @Test
    void without_declared_outputs_the_message_is_a_message() {
        assertFine(read("x".repeat(5_000)));
    }

    @Test
    void a_declared_output_that_was_not_written() {
        Outputs outputs = read("id=1\n", "id", "url", "sum");
        assertThat(outputs.values()).containsExactly(new Output("id", "1"));
        assertThat(outputs.problem())
                .contains(
                        new Outputs.Problem(
                                "OutputMissing",
                                "did not write the declared outputs url, sum: append lines name=value to the file $CLEW_OUTPUT"));
    }

    @Test
    void no_message_at_all() {
        assertThat(Outputs.of(null, List.of("id"), 1).problem())
                .map(Outputs.Problem::reason)
                .contains("OutputMissing");
    }

    @Test
    void a_value_that_is_no_utf_8() {
        Outputs outputs = read("id=a\uFFFDb\nurl=x\n", "id", "url");
        assertThat(outputs.values()).containsExactly(new Output("url", "x"));
        assertThat(outputs.problem())
                .contains(new Outputs.Problem("OutputInvalid", "wrote outputs that are not UTF-8: id"));
    }

    @ParameterizedTest
    @CsvSource({"1, 4096", "2, 4096", "3, 4096", "4, 3072", "5, 2457"})
    void a_message_as_long_as_the_kubelet_leaves_it_may_have_been_cut(int containers, int room) {
        String line = "id=1\n";
        assertThat(Outputs.of(line + "x".repeat(room - 1 - line.length()), List.of("id"), containers)
                        .problem())
                .isEmpty();
        assertThat(Outputs.of(line + "x".repeat(room - line.length()), List.of("id"), containers)
                        .problem())
                .contains(new Outputs.Problem(
                        "OutputTooLong",
                        "wrote " + room + " bytes or more to $CLEW_OUTPUT, which the kubelet may have cut: at most "
                                + (room - 1) + " are safe in this pod"));
    }

    @Test
    void bytes_are_counted_not_characters() {
        assertThat(read("id=" + "é".repeat(2_047), "id").problem())
                .map(Outputs.Problem::reason)
                .contains("OutputTooLong");
    }

    @Test
    void of_a_cut_message_the_lines_that_are_surely_whole_are_kept_for_the_compensation() {
        Outputs outputs = read("half=1\nid=2\n" + "x".repeat(4_096) + "\nlast=hal", "half", "id", "last");
        assertThat(outputs.values()).containsExactly(new Output("id", "2"));
    }

    @Test
    void older_values_stay_unless_they_are_written_anew() {
        var outputs = new Outputs(List.of(new Output("b", "new"), new Output("c", "3")), Optional.empty());
        assertThat(outputs.over(List.of(new Output("a", "1"), new Output("b", "old"))))
                .containsExactly(new Output("a", "1"), new Output("b", "new"), new Output("c", "3"));
    }
}
