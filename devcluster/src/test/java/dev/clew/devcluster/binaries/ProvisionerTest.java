package dev.clew.devcluster.binaries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvisionerTest {
    @TempDir
    private Path directory;

    private final List<String> said = new ArrayList<>();

    @Test
    void what_is_there_is_taken_and_no_source_is_asked() throws IOException {
        Binaries there = Binaries.below(directory);
        Files.createDirectories(there.directory());
        for (String name : Binaries.NAMES) {
            executable(there.directory().resolve(name), "");
        }

        assertThat(provisioner(new Refusing("must not be asked")).provide()).isEqualTo(there);
        assertThat(said).isEmpty();
    }

    @Test
    void each_source_is_asked_for_what_is_still_missing() throws IOException {
        Giving first = new Giving(List.of("etcd", "kubectl"));
        Giving second = new Giving(Binaries.NAMES);

        Binaries binaries =
                provisioner(first, new Refusing("no network"), second).provide();

        assertThat(first.asked).isEqualTo(Binaries.NAMES);
        assertThat(second.asked).containsExactly("kube-apiserver", "kube-controller-manager");
        assertThat(binaries.missing()).isEmpty();
        assertThat(said).anyMatch(line -> line.contains("no network"));
    }

    @Test
    void when_every_way_is_closed_the_message_says_what_was_tried_and_what_would_help() {
        assertThatThrownBy(() -> provisioner(
                                new Refusing("no network"),
                                new GoBuild(
                                        directory, directory.resolve("no-go").toString()))
                        .provide())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(
                        "etcd", "kube-controller-manager", "1.34.4", directory.toString(), "no network", "Install Go");
    }

    @Test
    void a_build_takes_its_place_only_when_it_is_complete() throws IOException {
        Path go = executable(directory.resolve("go"), """
                #!/bin/sh
                [ "$1" = version ] && exit 0
                while [ "$1" != -o ]; do shift; done
                [ -f go.mod ] && [ -f go.sum ] && [ -f etcd/main.go ] || exit 3
                case $2 in *kube-apiserver.part) echo half >"$2"; echo "no space left"; exit 1 ;; esac
                echo "#!/bin/sh" >"$2"; chmod +x "$2"
                """);

        assertThatThrownBy(() -> provisioner(new GoBuild(directory.resolve("build"), go.toString()))
                        .provide())
                .hasMessageContainingAll("kube-apiserver", "ended with 1", "no space left");

        assertThat(Binaries.below(directory).missing()).containsExactly("kube-apiserver", "kube-controller-manager");
        assertThat(said).anyMatch(line -> line.contains("about 10 minutes"));
    }

    private Provisioner provisioner(Provisioner.Source... sources) {
        return new Provisioner(directory, List.of(sources), said::add);
    }

    private static Path executable(Path file, String text) {
        try {
            Files.writeString(file, text);
            return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Refusing(String why) implements Provisioner.Source {
        @Override
        public String description() {
            return "refusing";
        }

        @Override
        public void provide(Binaries target, List<String> names, Progress progress) throws ProvisioningException {
            throw new ProvisioningException(why);
        }
    }

    private static final class Giving implements Provisioner.Source {
        private final List<String> gives;
        private List<String> asked = List.of();

        Giving(List<String> gives) {
            this.gives = gives;
        }

        @Override
        public String description() {
            return "giving";
        }

        @Override
        public void provide(Binaries target, List<String> names, Progress progress) {
            asked = names;
            names.stream()
                    .filter(gives::contains)
                    .forEach(name -> executable(target.directory().resolve(name), ""));
        }
    }
}
