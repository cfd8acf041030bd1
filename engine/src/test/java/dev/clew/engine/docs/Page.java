package dev.clew.engine.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page of which parts are generated: what stands between {@code <!-- NAME -->} and {@code <!-- /NAME -->}. */
public record Page(Path file) {
    /** {@code docs/status.md}: what the status of a run says. */
    public static final Page STATUS = new Page(Path.of("../docs/status.md"));

    /** Fails if a part is not as generated; with {@code -Dcrds.write} it is written instead. */
    public void holds(String part, String generated) throws IOException {
        String page = Files.readString(file);
        String begin = "<!-- " + part + " -->\n";
        String end = "<!-- /" + part + " -->";
        int from = page.indexOf(begin) + begin.length();
        int to = page.indexOf(end);
        assertThat(page).contains(begin).contains(end);
        if (System.getProperty("crds.write") != null) {
            Files.writeString(file, page.substring(0, from) + generated + page.substring(to));
        } else {
            assertThat(page.substring(from, to))
                    .as("out of date? mvn -pl devcluster,crds,engine test -Dcrds.write")
                    .isEqualTo(generated);
        }
    }
}
