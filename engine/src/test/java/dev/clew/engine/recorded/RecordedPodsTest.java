package dev.clew.engine.recorded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptState;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.pod.Seen;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The histories of 76 real pods, in the hands of the real engine: seen version by version through a watch, from any
 * version on as after a restart, and with any versions missed between two.
 */
class RecordedPodsTest {
    static Stream<Recording> recordings() {
        return Recording.all();
    }

    @Test
    void there_are_76() {
        assertThat(recordings()).hasSize(76);
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void the_truth_is_never_contradicted_by_what_a_watch_shows(Recording recording) {
        for (boolean live : List.of(true, false)) {
            follow(recording, claimed(recording), 0, live);
        }
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void nor_by_what_is_seen_after_a_restart(Recording recording) {
        for (Function<Recording, OneStepRun> before : recorded()) {
            for (int first = 0; first < recording.versions().size(); first++) {
                follow(recording, before.apply(recording), first, true);
                follow(recording, before.apply(recording), first, false);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void nor_when_versions_are_missed(Recording recording) {
        OneStepRun watching = claimed(recording);
        for (int missed = 0; missed < recording.versions().size(); missed++) {
            for (int next = missed; next < recording.versions().size(); next++) {
                follow(recording, watching.copy(), next, false);
            }
            watching.see(recording, recording.versions().get(missed), false);
        }
    }

    /** What status can have recorded at most when nothing of the pod was seen. */
    private static List<Function<Recording, OneStepRun>> recorded() {
        return List.of(RecordedPodsTest::claimed, RecordedPodsTest::withUid);
    }

    private static OneStepRun claimed(Recording recording) {
        return OneStepRun.claimed(recording.begin());
    }

    private static OneStepRun withUid(Recording recording) {
        return OneStepRun.claimed(recording.begin(), uid(recording), null);
    }

    private static String uid(Recording recording) {
        return recording.versions().getFirst().pod().getMetadata().getUid();
    }

    /** Shows all versions from one on, and holds what the engine records against the truth. */
    private static void follow(Recording recording, OneStepRun run, int first, boolean live) {
        for (Recording.Version version :
                recording.versions().subList(first, recording.versions().size())) {
            Attempt before = run.attempt();
            run.see(recording, version, live);
            Attempt after = run.attempt();
            String where = recording + ", seen from version " + first + ", at " + version.at() + " s: " + run.outcome();
            if (before.over()) {
                assertThat(after).as("an outcome stays: " + where).isEqualTo(before);
            }
            if (after.over()) {
                assertThat(recording.mayRunAt(version))
                        .as("over while it may run: " + where)
                        .isFalse();
            }
            if (recording.started()) {
                assertThat(after.state()).as("it did start: " + where).isNotEqualTo(AttemptState.NotStarted);
            }
        }
        // a pod that vanished before its UID was recorded cannot be told from one that was never made
        if (run.uidRecorded()) {
            assertThat(run.attempt().over() || run.inDoubt())
                    .as("neither an outcome nor a named doubt: " + recording + ": " + run.outcome())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "01-succeeded, Succeeded",
        "03-oom-killed, Failed/OOMKilled",
        "03b-oom-child-exit-0, Succeeded",
        "04-deadline-running, Failed/DeadlineExceeded",
        "04c-deadline-exit-0, Failed/DeadlineExceeded",
        "04d-exit-0-just-before-deadline, Succeeded",
        "05b-deadline-during-slow-pull, Failed/DeadlineExceeded",
        "06-image-backoff-deleted, NotStarted/ImagePullBackOff",
        "07c-missing-secret-comes-later, Succeeded",
        "08-command-not-found, Failed/StartError",
        "08c-shell-command-not-found, Failed/ExitCode",
        "09b-deleted-exit-0, Failed/Interrupted",
        "09d-deleted-sigterm-143, Failed/ExitCode",
        "10b-evicted-api-exit-0, Failed/Interrupted",
        "10c-evicted-while-pending, NotStarted/ImagePullBackOff",
        "11-unschedulable-deleted, NotStarted/NeverScheduled",
        "12-gate-deleted, NotStarted/NeverScheduled",
        "12b-gate-deadline, Succeeded",
        "13-sidecar-keeps-running, Succeeded",
        "13c-sidecar-deadline, Succeeded",
        "13d-init-container-fails, Claimed/InDoubt",
        "15-node-lost-running, Failed/Interrupted",
        "15b-node-deleted-running, Failed/DeletionByPodGC",
        "15c-node-deleted-pulling, Lost/ContainerStatusUnknown",
        "15f-node-lost-exit-while-away, Succeeded",
        // only ever seen with a grace of 0, where the time of the request cannot be told
        "15i-node-deleted-exit-0-unseen, Failed/Interrupted",
        "18b-force-deleted-finalizer-stripped, Claimed/InDoubt",
        "20b-container-record-lost, Lost/ContainerStatusUnknown",
        "20e-start-unseen-record-lost-deleted, Lost/ContainerStatusUnknown",
        "20f-start-unseen-record-lost-runs-twice, Succeeded",
        "23-deleted-two-containers, Failed/Interrupted",
    })
    void watched_to_the_end_it_comes_to(String name, String outcome) {
        Recording recording = Recording.of(name);
        OneStepRun run = withUid(recording);
        recording.versions().forEach(version -> run.see(recording, version, false));
        assertThat(run.outcome()).isEqualTo(outcome);
    }

    @ParameterizedTest
    @CsvSource({
        "06-image-backoff-deleted, ImagePullBackOff, NotStarted/ImagePullBackOff",
        "06-image-backoff-deleted, , Lost/ContainerStatusUnknown",
        "07-missing-secret, CreateContainerConfigError, NotStarted/CreateContainerConfigError",
        "07-missing-secret, ContainerCreating, Lost/ContainerStatusUnknown",
        "20b-container-record-lost, ImagePullBackOff, Lost/ContainerStatusUnknown",
        "24-rejected-by-kubelet, , Lost/ContainerStatusUnknown",
    })
    void seen_only_at_its_end_it_comes_to_what_status_had_recorded(String name, String waiting, String outcome) {
        Recording recording = Recording.of(name);
        OneStepRun run = OneStepRun.claimed(recording.begin(), uid(recording), waiting);
        run.see(recording, recording.versions().getLast(), false);
        assertThat(run.outcome()).isEqualTo(outcome);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "13d-init-container-fails",
                "15b-node-deleted-running",
                "15d-node-deleted-started-unseen",
                "15j-node-out-of-service",
                "24-rejected-by-kubelet"
            })
    void a_terminal_phase_without_the_end_of_the_container_is_in_doubt_and_names_the_pod(String name) {
        Recording recording = Recording.of(name);
        OneStepRun run = claimed(recording);
        run.see(recording, firstTerminal(recording), false);
        assertThat(run.inDoubt()).isTrue();
        assertThat(run.uidRecorded()).isTrue();
    }

    private static Recording.Version firstTerminal(Recording recording) {
        return recording.versions().stream()
                .filter(version -> version.facts().terminal())
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"11-unschedulable-deleted", "12-gate-deleted"})
    void that_a_pod_has_no_node_is_believed_only_when_it_is_read_live(String name) {
        Recording recording = Recording.of(name);
        OneStepRun run = claimed(recording);
        run.see(recording, firstTerminal(recording), false);
        assertThat(run.outcome()).isEqualTo("NotStarted/NeverScheduled");
        assertThat(run.liveReads()).isEqualTo(1);
    }

    /** Ways of reading a pod that look right and are not. */
    enum Mistake {
        A_TERMINAL_PHASE_IS_AN_END {
            @Override
            boolean takesForEnded(PodFacts facts) {
                return facts.terminal();
            }
        },
        A_DELETION_IS_AN_END {
            @Override
            boolean takesForEnded(PodFacts facts) {
                return facts.deleting();
            }
        },
        A_FORCED_DELETION_IS_AN_END {
            @Override
            boolean takesForEnded(PodFacts facts) {
                return Long.valueOf(0).equals(facts.deletionGraceSeconds());
            }
        },
        NO_CONTAINER_MEANS_NEVER_STARTED {
            @Override
            boolean takesForEnded(PodFacts facts) {
                return facts.terminated() != null && !facts.terminated().hasContainerId();
            }

            @Override
            PodFacts.Terminated end() {
                return new PodFacts.Terminated(137, "ContainerStatusUnknown", null, null, false);
            }
        };

        abstract boolean takesForEnded(PodFacts facts);

        PodFacts.Terminated end() {
            return new PodFacts.Terminated(137, "Error", null, null, true);
        }

        PodFacts see(PodFacts facts) {
            return takesForEnded(facts) ? Seen.ended(facts, facts.phase(), end()) : facts;
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_mistaken_reading_contradicts_some_recording(Mistake mistake) {
        // with the record of a reason to wait, which a real run would not have: so that only the mistake is on trial
        assertThat(recordings())
                .anySatisfy(recording -> assertThatThrownBy(() -> follow(
                                recording,
                                OneStepRun.claimed(recording.begin(), uid(recording), "ImagePullBackOff")
                                        .withEyes(mistake::see),
                                0,
                                true))
                        .isInstanceOf(AssertionError.class));
    }

    @ParameterizedTest
    @ValueSource(strings = {"20b-container-record-lost", "20e-start-unseen-record-lost-deleted"})
    void an_exit_code_that_the_kubelet_made_up_is_not_recorded(String name) {
        Recording recording = Recording.of(name);
        OneStepRun run = withUid(recording);
        recording.versions().forEach(version -> run.see(recording, version, false));
        assertThat(run.attempt().state()).isEqualTo(AttemptState.Lost);
        assertThat(run.attempt().pod().exitCode()).isNull();
    }
}
