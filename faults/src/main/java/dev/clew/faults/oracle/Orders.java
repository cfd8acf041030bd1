package dev.clew.faults.oracle;

import dev.clew.faults.history.Effect;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** In which order things are done, by what the containers entered. */
final class Orders {
    private Orders() {}

    static List<String> stepsBeginOnceThoseBeforeThemAreDone(Judged judged) {
        Definition definition = Definition.of(judged.history());
        List<String> found = new ArrayList<>();
        Set<String> done = new HashSet<>();
        for (Effect effect : judged.history().effects()) {
            if (effect.compensation()) {
                continue;
            }
            if (effect.begin()) {
                definition.before(effect.step()).stream()
                        .filter(step -> !done.contains(step))
                        .forEach(step -> found.add(effect.what() + " began before " + step + " was done"));
            } else if (effect.exit() == 0) {
                done.add(effect.step());
            }
        }
        return found;
    }

    /** Those that depend on it, that is, as far as they owe theirs. */
    static List<String> compensationsBeginOnceThoseOfDependentsAreDone(Judged judged) {
        Definition definition = Definition.of(judged.history());
        List<String> found = new ArrayList<>();
        Set<String> owed = judged.history().effects().stream()
                .filter(effect -> !effect.compensation())
                .map(Effect::step)
                .filter(definition.undoable()::contains)
                .collect(Collectors.toSet());
        for (Effect effect : judged.history().effects()) {
            if (!effect.compensation()) {
                continue;
            }
            if (effect.begin()) {
                owed.stream()
                        .filter(step -> definition.before(step).contains(effect.step()))
                        .forEach(step -> found.add(effect.what() + " began before " + step + " was undone"));
            } else if (effect.exit() == 0) {
                owed.remove(effect.step());
            }
        }
        return found;
    }

    static List<String> noMoreRunAtATimeThanMay(Judged judged) {
        Definition definition = Definition.of(judged.history());
        List<String> found = new ArrayList<>();
        found.addAll(noMoreThan(definition.mostSteps(), judged, false));
        found.addAll(noMoreThan(definition.mostCompensations(), judged, true));
        return found;
    }

    private static List<String> noMoreThan(int most, Judged judged, boolean compensation) {
        List<String> found = new ArrayList<>();
        Set<String> running = new HashSet<>();
        for (Effect effect : judged.history().effects()) {
            if (effect.compensation() != compensation) {
                continue;
            }
            if (!effect.begin()) {
                running.remove(effect.step());
            } else if (running.add(effect.step()) && running.size() > most) {
                found.add(effect.what() + " began while " + (running.size() - 1) + " of at most " + most + " ran");
            }
        }
        return found;
    }
}
