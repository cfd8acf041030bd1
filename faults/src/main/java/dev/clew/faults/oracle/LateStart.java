package dev.clew.faults.oracle;

import dev.clew.faults.history.Effect;
import dev.clew.faults.history.History;
import dev.clew.faults.history.Version;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What may come of a create that arrives when its run has been deleted, and nobody refuses it: exactly one more pod of that
 * attempt, made after the compensations', which begins once, and is released and gone in the end.
 *
 * @param rest the history without that pod, to which every guarantee applies
 * @param violations what of it is otherwise
 */
public record LateStart(History rest, List<Violation> violations) {
    public LateStart {
        violations = List.copyOf(violations);
    }

    /** Of the attempt, such as "charge 1". */
    public static LateStart of(History history, String attempt) {
        List<List<Version>> pods = history.pods().values().stream()
                .filter(pod ->
                        pod.getFirst().what().equals(attempt) && !pod.getFirst().isReservation())
                .sorted(Comparator.comparingLong(pod -> pod.getFirst().revision()))
                .toList();
        long begins = history.effects().stream()
                .filter(effect -> effect.begin() && effect.what().equals(attempt))
                .count();
        if (pods.size() != 2 || begins != 2) {
            return new LateStart(
                    history,
                    List.of(new Violation(
                            "plan",
                            "the attack does not bite as it should: " + pods.size() + " pods of " + attempt + ", "
                                    + begins + " begins")));
        }
        List<Version> late = pods.getLast();
        String uid = late.getFirst().uid();
        List<Violation> found = new ArrayList<>();
        if (history.effects().stream()
                        .filter(Effect::begin)
                        .filter(effect -> effect.pod().equals(uid))
                        .count()
                != 1) {
            found.add(new Violation("G1", "the late pod of " + attempt + " did not begin once"));
        }
        if (history.pods().values().stream()
                .map(List::getFirst)
                .filter(pod -> pod.attempt().contains("/Comp"))
                .anyMatch(pod -> pod.revision() > late.getFirst().revision())) {
            found.add(new Violation("G4", "the late pod of " + attempt + " was made before a compensation's"));
        }
        boolean gone = history.runs().anyMatch(Version::deleted);
        if (gone && !late.getLast().deleted()) {
            found.add(new Violation("G6", "the late pod of " + attempt + " is left of a run that is gone"));
        }
        return new LateStart(history.without(uid), found);
    }
}
