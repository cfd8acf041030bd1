package dev.clew.faults.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.clew.faults.history.Effect;
import dev.clew.faults.history.History;
import dev.clew.faults.history.Version;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** How runs end. */
public final class Ends {
    private static final Set<String> ENDS = Set.of("Succeeded", "Failed", "Cancelled", "RolledBack", "Terminated");
    private static final Set<String> UNDONE = Set.of("Failed", "Cancelled", "RolledBack");

    private Ends() {}

    /** Whether a run is at its end, and let go. */
    public static boolean hasEnded(Version run) {
        return run.deleted()
                || (ENDS.contains(run.object().path("status").path("phase").asText())
                        && !run.hasFinalizer("clew.dev/run"));
    }

    static List<String> theRunHasEndedAndNothingIsHeld(Judged judged) {
        List<String> found = new ArrayList<>();
        Optional<Version> last = judged.history().runs().reduce((first, second) -> second);
        if (last.isEmpty() || !hasEnded(last.get())) {
            found.add("the run has not ended: "
                    + last.map(run ->
                                    run.object().path("status").path("message").asText())
                            .orElse("there is none"));
        }
        boolean gone = last.isPresent() && last.get().deleted();
        for (List<Version> pod : judged.history().pods().values()) {
            Version now = pod.getLast();
            if (!now.deleted() && now.hasFinalizer("clew.dev/tracking")) {
                found.add(now.name() + " is still held");
            } else if (!now.deleted()
                    && gone
                    && now.metadata().path("ownerReferences").isEmpty()) {
                // one that the run owns is the garbage collector's
                found.add(now.name() + " is left of a run that is gone");
            }
        }
        return found;
    }

    /** But for a success that is rolled back as its user asks. */
    static List<String> noEndIsLeft(Judged judged) {
        List<String> found = new ArrayList<>();
        judged.history()
                .runs()
                .collect(Collectors.groupingBy(Version::uid))
                .values()
                .forEach(versions -> {
                    String end = "";
                    for (Version version : versions) {
                        String phase =
                                version.object().path("status").path("phase").asText();
                        boolean mayLeave =
                                end.equals("Succeeded") && judged.desired().contains("RolledBack");
                        if (!end.isEmpty() && !phase.equals(end) && !mayLeave) {
                            found.add("the run was " + end + ", and then " + phase);
                        }
                        end = ENDS.contains(phase) ? phase : "";
                    }
                });
        return found;
    }

    /** By what the containers did, not by what the record says. */
    static List<String> theEndIsConsistent(Judged judged) {
        History history = judged.history();
        JsonNode status = history.lastStatus();
        String phase = status.path("phase").asText();
        List<String> found = new ArrayList<>();
        if (phase.equals("Succeeded")) {
            for (JsonNode step : status.path("steps")) {
                String name = step.path("name").asText();
                if (!step.path("phase").asText().equals("Skipped") && !ended(history, name, false)) {
                    found.add(name + " took no effect in a run that succeeded");
                }
            }
        } else if (UNDONE.contains(phase)) {
            List<String> began = steps(history, false);
            for (String step : began) {
                if (!ended(history, step, true)) {
                    found.add(step + " began and was not undone, and the run is " + phase);
                }
            }
            Collections.reverse(began);
            List<String> undone = steps(history, true);
            undone.retainAll(began);
            if (!undone.equals(began)) {
                found.add("undone in the order " + undone + ", not " + began);
            }
        }
        return found;
    }

    private static List<String> steps(History history, boolean compensation) {
        return new ArrayList<>(history.effects().stream()
                .filter(effect -> effect.begin() && effect.compensation() == compensation)
                .map(Effect::step)
                .collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    private static boolean ended(History history, String step, boolean compensation) {
        return history.effects().stream()
                .anyMatch(effect -> !effect.begin()
                        && effect.exit() == 0
                        && effect.step().equals(step)
                        && effect.compensation() == compensation);
    }
}
