package dev.clew.engine.run;

import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.Intervention;
import dev.clew.api.run.InterventionAction;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The lines that a person can type, exactly as they are to be typed. */
final class Hints {
    private Hints() {}

    /** A line that changes a field of the run's spec. */
    static String patch(RunView run, String field, String value) {
        return "kubectl patch workflowrun " + run.name() + " -n " + run.namespace() + " --type=merge -p '{\"spec\":{\""
                + field + "\":\"" + value + "\"}}'";
    }

    /** A line that adds an intervention about a step. */
    static String intervene(RunView run, InterventionAction action, String step) {
        String what = action.name().startsWith("Retry") ? "retry" : "skip";
        return intervene(run, action, what + "-" + step, "\"step\":\"" + step + "\"");
    }

    /** How a person vouches for a pod. */
    static String assumeStopped(RunView run, AttemptPod pod) {
        return "if you know that its process has stopped: "
                + intervene(run, InterventionAction.AssumeStopped, "stopped", "\"podUID\":\"" + pod.uid() + "\"");
    }

    private static String intervene(RunView run, InterventionAction action, String prefix, String about) {
        String intervention = "{\"name\":\"" + freeName(run, prefix.toLowerCase(Locale.ROOT)) + "\",\"action\":\""
                + action + "\"," + about + "}";
        String add = run.spec().interventions().isEmpty()
                ? "\"path\":\"/spec/interventions\",\"value\":[" + intervention + "]"
                : "\"path\":\"/spec/interventions/-\",\"value\":" + intervention;
        return "kubectl patch workflowrun " + run.name() + " -n " + run.namespace()
                + " --type=json -p '[{\"op\":\"add\"," + add + "}]'";
    }

    private static String freeName(RunView run, String prefix) {
        Set<String> taken =
                run.spec().interventions().stream().map(Intervention::name).collect(Collectors.toSet());
        int number = 1;
        while (taken.contains(prefix + "-" + number)) {
            number++;
        }
        return prefix + "-" + number;
    }
}
