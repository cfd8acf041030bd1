package dev.clew.faults.oracle;

import dev.clew.faults.history.Effect;
import dev.clew.faults.history.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The guarantees of the contract, each as a question to a history; its words stand there. */
public final class Guarantees {
    private Guarantees() {}

    /** All that is violated. */
    public static List<Violation> violations(Judged judged) {
        List<Violation> all = new ArrayList<>();
        ask("G1", Guarantees::atMostOnePodStarts, judged, all);
        ask("G1", Guarantees::noAttemptStartsBeforeTheOneBeforeIsOver, judged, all);
        ask("G1", Guarantees::attemptsBeginInOrder, judged, all);
        ask("G2", Records::everyAttemptIsClaimedBeforeItsPodExists, judged, all);
        ask("G2", Records::everyOutcomeIsRecordedBeforeItsPodIsReleased, judged, all);
        ask("G3", Ends::theEndIsConsistent, judged, all);
        ask("G3", Ends::noEndIsLeft, judged, all);
        ask("G4", Guarantees::noCompensationStartsBeforeEveryForwardAttemptIsOver, judged, all);
        ask("G4", Orders::compensationsBeginOnceThoseOfDependentsAreDone, judged, all);
        ask("G5", Records::nothingIsClaimedOnceTheRunHasTurnedBack, judged, all);
        ask("G5", Records::noForwardPodIsMadeOnceTheRunHasTurnedBack, judged, all);
        ask("G6", Ends::theRunHasEndedAndNothingIsHeld, judged, all);
        ask("G7", Trespasses::nothingOfTheUsersIsWritten, judged, all);
        ask("G7", Trespasses::nothingForeignIsTouched, judged, all);
        ask("order", Orders::stepsBeginOnceThoseBeforeThemAreDone, judged, all);
        ask("order", Orders::noMoreRunAtATimeThanMay, judged, all);
        return all;
    }

    private static void ask(
            String guarantee, Function<Judged, List<String>> question, Judged judged, List<Violation> all) {
        question.apply(judged).forEach(what -> all.add(new Violation(guarantee, what)));
    }

    static List<String> atMostOnePodStarts(Judged judged) {
        List<String> found = new ArrayList<>();
        List<Effect> begins =
                judged.history().effects().stream().filter(Effect::begin).toList();
        Map<String, List<Effect>> byAttempt =
                begins.stream().collect(Collectors.groupingBy(effect -> effect.run() + " " + effect.what()));
        byAttempt.forEach((attempt, effects) -> {
            // a program that is started twice in one pod is not what is promised
            long pods = effects.stream().map(Effect::pod).distinct().count();
            if (pods > 1) {
                found.add(attempt + " began in " + pods + " pods");
            }
        });
        Map<String, Long> started = judged.history().pods().values().stream()
                .filter(versions -> versions.stream().anyMatch(Version::started))
                .collect(Collectors.groupingBy(versions -> versions.getFirst().attempt(), Collectors.counting()));
        started.forEach((attempt, pods) -> {
            if (pods > 1) {
                found.add(pods + " pods started for " + attempt);
            }
        });
        return found;
    }

    /** By what the containers entered, not by what is known of pods. */
    static List<String> attemptsBeginInOrder(Judged judged) {
        List<String> found = new ArrayList<>();
        Map<String, List<Effect>> bySteps = judged.history().effects().stream()
                .collect(Collectors.groupingBy(
                        effect -> effect.run() + " " + effect.compensation() + " " + effect.step()));
        for (List<Effect> ofOne : bySteps.values()) {
            for (int i = 0; i < ofOne.size(); i++) {
                Effect effect = ofOne.get(i);
                List<Effect> before = ofOne.subList(0, i);
                if (effect.begin()) {
                    before.stream()
                            .filter(Effect::begin)
                            .filter(other -> other.attempt() > effect.attempt()
                                    || (other.attempt() < effect.attempt() && !hasEnded(other, before)))
                            .forEach(other -> found.add(effect.what() + " began after " + other.what()
                                    + (other.attempt() > effect.attempt() ? "" : ", which had not ended")));
                }
            }
        }
        return found;
    }

    private static boolean hasEnded(Effect begin, List<Effect> effects) {
        return effects.stream()
                .anyMatch(effect -> !effect.begin() && effect.pod().equals(begin.pod()));
    }

    static List<String> noAttemptStartsBeforeTheOneBeforeIsOver(Judged judged) {
        List<String> found = new ArrayList<>();
        for (List<Version> pod : judged.history().pods().values()) {
            String[] attempt = pod.getFirst().attempt().split("/", -1);
            int number = Integer.parseInt(attempt[3]);
            String before = attempt[0] + "/" + attempt[1] + "/" + attempt[2] + "/" + (number - 1);
            long created = pod.getFirst().revision();
            judged.history().pods().values().stream()
                    .filter(other -> other.getFirst().attempt().equals(before))
                    .filter(other -> ranOnAt(other, created))
                    .forEach(other -> found.add(pod.getFirst().name() + " was made while "
                            + other.getFirst().name() + " was not over"));
        }
        return found;
    }

    /** Whether a pod's container ran, or could still start, at a revision. */
    static boolean ranOnAt(List<Version> pod, long revision) {
        boolean existed = pod.getFirst().revision() < revision;
        boolean over = pod.stream()
                .anyMatch(version -> version.revision() < revision
                        && (version.terminated() || version.deleted() || version.neverRuns()));
        return existed && !over && !pod.getFirst().isReservation();
    }

    static List<String> noCompensationStartsBeforeEveryForwardAttemptIsOver(Judged judged) {
        List<String> found = new ArrayList<>();
        Definition definition = Definition.of(judged.history());
        List<List<Version>> pods = List.copyOf(judged.history().pods().values());
        for (List<Version> undo : pods) {
            if (isCompensation(undo)) {
                // of compensations, those of its dependents
                pods.stream()
                        .filter(other -> !isCompensation(other)
                                || definition.before(step(other)).contains(step(undo)))
                        .filter(other -> ranOnAt(other, undo.getFirst().revision()))
                        .forEach(other -> found.add(undo.getFirst().name() + " was made while "
                                + other.getFirst().name() + " was not over"));
            }
        }
        List<Effect> effects = judged.history().effects();
        long firstUndo = effects.stream()
                .filter(effect -> effect.begin() && effect.compensation())
                .mapToLong(Effect::nanos)
                .min()
                .orElse(Long.MAX_VALUE);
        effects.stream()
                .filter(effect -> !effect.compensation() && effect.nanos() > firstUndo)
                .forEach(effect -> found.add(effect.what() + (effect.begin() ? " began" : " ended")
                        + " after the first compensation had begun"));
        return found;
    }

    private static String step(List<Version> pod) {
        return pod.getFirst().attempt().split("/", -1)[1];
    }

    private static boolean isCompensation(List<Version> pod) {
        return pod.getFirst().attempt().contains("/Comp");
    }
}
