package dev.clew.faults.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.clew.faults.history.Effect;
import dev.clew.faults.history.History;
import dev.clew.faults.history.Version;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A history made by hand, sentence by sentence. An attempt is called as everywhere: "charge 1" or "undo charge 1". */
final class Story {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String RUN = "run-uid";

    private final List<Version> versions = new ArrayList<>();
    private final List<Effect> effects = new ArrayList<>();
    private final Map<String, String> attempts = new LinkedHashMap<>();
    private final Map<String, ObjectNode> pods = new LinkedHashMap<>();
    private String phase = "Running";
    private String label = "shop";
    private String desired = "Running";
    private JsonNode workflow =
            MAPPER.valueToTree(Map.of("steps", List.of(step("reserve"), step("charge"), step("ship"))));
    private boolean turned;
    private boolean held = true;
    private int pod;

    /** "charge 1" in parts. */
    private record What(boolean undo, String step, int number) {
        static What of(String what) {
            String[] words = what.split(" ", -1);
            return new What(words.length == 3, words[words.length - 2], Integer.parseInt(words[words.length - 1]));
        }
    }

    /** A step with a compensation. */
    static Map<String, Object> step(String name, String... dependsOn) {
        return Map.of("name", name, "dependsOn", List.of(dependsOn), "compensation", Map.of());
    }

    /** What the run works on, in place of three steps in a row; to be said first. */
    Story works(Map<String, Object> on) {
        workflow = MAPPER.valueToTree(on);
        return this;
    }

    History history() {
        return new History(versions, effects, List.of());
    }

    private void add(String resource, ObjectNode object, boolean deleted) {
        versions.add(new Version(resource, versions.size() + 1L, deleted, object.deepCopy(), 0));
    }

    private Story told() {
        add("workflowruns", run(), false);
        return this;
    }

    private ObjectNode run() {
        ObjectNode run = MAPPER.createObjectNode();
        run.withObject("/metadata").put("name", "trip").put("uid", RUN);
        run.withObject("/metadata/labels").put("team", label);
        if (held) {
            run.withObject("/metadata").putArray("finalizers").add("clew.dev/run");
        }
        run.withObject("/spec").put("desiredState", desired).set("workflow", workflow);
        ObjectNode status = run.putObject("status").put("phase", phase);
        if (turned) {
            status.putObject("compensation");
        }
        var steps = status.putArray("steps");
        attempts.forEach((what, state) -> {
            What parts = What.of(what);
            ObjectNode step = steps.addObject().put("name", parts.step());
            ObjectNode attempt = (parts.undo() ? step.putObject("compensation") : step)
                    .putArray("attempts")
                    .addObject();
            attempt.put("number", parts.number()).put("state", state);
            attempt.putObject("pod").put("name", what.replace(' ', '-'));
        });
        return run;
    }

    Story claim(String what) {
        return record(what, "Claimed");
    }

    Story record(String what, String state) {
        attempts.put(what, state);
        return told();
    }

    Story phase(String now) {
        phase = now;
        return told();
    }

    Story turnBack() {
        turned = true;
        return told();
    }

    /** The run turns back in the very write that claims an attempt. */
    Story turnBackAndClaim(String what) {
        turned = true;
        return claim(what);
    }

    /** The run is gone. */
    Story vanished() {
        add("workflowruns", run(), true);
        return this;
    }

    Story label(String now) {
        label = now;
        return told();
    }

    Story desire(String now) {
        desired = now;
        return told();
    }

    /** The run's finalizer is taken off. */
    Story letGo() {
        held = false;
        return told();
    }

    /** A pod of the attempt is made; the next sentences about it are about this one. */
    Story create(String what) {
        What parts = What.of(what);
        ObjectNode made = MAPPER.createObjectNode();
        made.withObject("/metadata").put("name", what.replace(' ', '-')).put("uid", "pod-" + ++pod);
        made.withObject("/metadata/annotations")
                .put(
                        "clew.dev/attempt",
                        RUN + "/" + parts.step() + "/" + (parts.undo() ? "Compensation" : "Forward") + "/"
                                + parts.number());
        made.withObject("/metadata").putArray("finalizers").add("clew.dev/tracking");
        made.withObject("/metadata").putArray("ownerReferences").addObject().put("uid", RUN);
        pods.put(what, made);
        add("pods", made, false);
        return this;
    }

    private ObjectNode pod(String what) {
        return java.util.Objects.requireNonNull(pods.get(what));
    }

    private Story effect(String what, boolean begin, int exit) {
        What parts = What.of(what);
        String uid = pod(what).path("metadata").path("uid").asText();
        effects.add(
                new Effect(begin, "trip", parts.step(), parts.undo(), parts.number(), uid, effects.size() + 1L, exit));
        ObjectNode container = MAPPER.createObjectNode().put("name", "main");
        container.putObject("state").putObject(begin ? "running" : "terminated").put("containerID", "it");
        pod(what).putObject("status").putArray("containerStatuses").add(container);
        add("pods", pod(what), false);
        return this;
    }

    Story begin(String what) {
        return effect(what, true, 0);
    }

    Story end(String what, int exit) {
        return effect(what, false, exit);
    }

    /** The pod's finalizer is taken off. */
    Story release(String what) {
        pod(what).withObject("/metadata").putArray("finalizers");
        add("pods", pod(what), false);
        return this;
    }

    Story gone(String what) {
        release(what);
        add("pods", pod(what), true);
        return this;
    }

    /** All of an attempt, as it should be. */
    Story attempt(String what, int exit) {
        return claim(what).create(what).begin(what).end(what, exit).over(what, exit);
    }

    Story over(String what, int exit) {
        return record(what, exit == 0 ? "Succeeded" : "Failed").release(what);
    }
}
