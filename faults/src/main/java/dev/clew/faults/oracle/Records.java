package dev.clew.faults.oracle;

import dev.clew.faults.history.Attempts;
import dev.clew.faults.history.Attempts.Recorded;
import dev.clew.faults.history.History;
import dev.clew.faults.history.Version;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What was recorded, and when. */
final class Records {
    private static final String TRACKING = "clew.dev/tracking";

    private Records() {}

    /** The revision of the first status that records a pod's attempt as it should be. */
    private static long recordedAt(History history, Version pod, Predicate<Recorded> how) {
        String runUid = pod.attempt().split("/", 2)[0];
        return history.runs()
                .filter(run -> run.uid().equals(runUid))
                .filter(run -> Attempts.in(run.object().path("status")).stream()
                        .anyMatch(attempt -> attempt.pod().equals(pod.name()) && how.test(attempt)))
                .mapToLong(Version::revision)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    static List<String> everyAttemptIsClaimedBeforeItsPodExists(Judged judged) {
        List<String> found = new ArrayList<>();
        for (List<Version> pod : judged.history().pods().values()) {
            Version first = pod.getFirst();
            if (recordedAt(judged.history(), first, any -> true) >= first.revision()) {
                found.add(first.name() + " existed before its attempt was claimed");
            }
        }
        return found;
    }

    static List<String> everyOutcomeIsRecordedBeforeItsPodIsReleased(Judged judged) {
        List<String> found = new ArrayList<>();
        for (List<Version> pod : judged.history().pods().values()) {
            Optional<Version> released = pod.stream()
                    .filter(version -> version.deleted() || !version.hasFinalizer(TRACKING))
                    .findFirst();
            if (released.isPresent()
                    && recordedAt(judged.history(), pod.getFirst(), Recorded::over)
                            >= released.get().revision()) {
                found.add(pod.getFirst().name() + " could disappear before its outcome was recorded");
            }
        }
        return found;
    }

    private static Optional<Version> turnedBack(History history) {
        return history.runs().filter(Ends::hasTurnedBack).findFirst();
    }

    private static Set<String> claims(Version run) {
        return Attempts.in(run.object().path("status")).stream()
                .filter(attempt -> !attempt.compensation())
                .map(Recorded::what)
                .collect(Collectors.toSet());
    }

    static List<String> nothingIsClaimedOnceTheRunHasTurnedBack(Judged judged) {
        Optional<Version> turn = turnedBack(judged.history());
        if (turn.isEmpty()) {
            return List.of();
        }
        long revision = turn.get().revision();
        Set<String> later = new HashSet<>();
        // the write that turns back claims nothing either
        judged.history().runs().filter(run -> run.revision() >= revision).forEach(run -> later.addAll(claims(run)));
        judged.history().runs().filter(run -> run.revision() < revision).forEach(run -> later.removeAll(claims(run)));
        return later.stream()
                .map(what -> what + " was claimed after the run had turned back")
                .toList();
    }

    private static boolean isSentAfter(History history, String about, Version turn) {
        return history.sent().stream()
                .anyMatch(write -> write.write().about().equals(about) && write.arrived() > turn.seen());
    }

    static List<String> noForwardPodIsMadeOnceTheRunHasTurnedBack(Judged judged) {
        Optional<Version> turn = turnedBack(judged.history());
        if (turn.isEmpty()) {
            return List.of();
        }
        return judged.history().pods().values().stream()
                .map(List::getFirst)
                .filter(pod -> pod.revision() > turn.get().revision())
                .filter(pod -> !pod.isReservation() && !pod.attempt().contains("/Comp"))
                .filter(pod -> !judged.held().contains(pod.what())
                        || isSentAfter(judged.history(), "create " + pod.what(), turn.get()))
                .map(pod -> pod.name() + " was made after the run had turned back")
                .toList();
    }
}
