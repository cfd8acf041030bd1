package dev.clew.faults.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.clew.faults.history.Effect;
import dev.clew.faults.history.History;
import dev.clew.faults.history.Version;
import java.util.ArrayList;
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
        return run.deleted() || (isOver(run) && !run.hasFinalizer("clew.dev/run"));
    }

    /** Whether a run is at its end; it may still be held. */
    public static boolean isOver(Version run) {
        return ENDS.contains(phase(run));
    }

    /** Whether it is recorded that a run turns back. */
    public static boolean hasTurnedBack(Version run) {
        JsonNode status = run.object().path("status");
        return status.has("compensation") || status.has("intent");
    }

    /** The phase of a run. */
    public static String phase(Version run) {
        return run.object().path("status").path("phase").asText();
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
                        String phase = phase(version);
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
        if (history.runs().anyMatch(Version::deleted) && !ENDS.contains(phase)) {
            found.add("the run was let go before its end: " + phase);
        }
        if (phase.equals("Succeeded")) {
            for (JsonNode step : status.path("steps")) {
                String name = step.path("name").asText();
                if (!step.path("phase").asText().equals("Skipped") && !ended(history, name, false)) {
                    found.add(name + " took no effect in a run that succeeded");
                }
            }
        } else if (UNDONE.contains(phase)) {
            for (String step : undoableThatBegan(history)) {
                if (!ended(history, step, true)) {
                    found.add(step + " began and was not undone, and the run is " + phase);
                }
            }
        }
        return found;
    }

    private static Set<String> undoableThatBegan(History history) {
        Definition definition = Definition.of(history);
        return history.effects().stream()
                .filter(effect -> effect.begin() && !effect.compensation())
                .map(Effect::step)
                .filter(definition.undoable()::contains)
                .collect(Collectors.toSet());
    }

    private static boolean ended(History history, String step, boolean compensation) {
        return history.effects().stream()
                .anyMatch(effect -> !effect.begin()
                        && effect.exit() == 0
                        && effect.step().equals(step)
                        && effect.compensation() == compensation);
    }
}
