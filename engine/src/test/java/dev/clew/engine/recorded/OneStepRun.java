package dev.clew.engine.recorded;

import dev.clew.api.container.Container;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.AttemptState;
import dev.clew.api.run.RunPhase;
import dev.clew.api.run.StepPhase;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRef;
import dev.clew.api.run.WorkflowRunSpec;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.api.run.WorkflowSnapshot;
import dev.clew.api.workflow.Step;
import dev.clew.api.workflow.WorkflowSpec;
import dev.clew.engine.pod.AttemptId;
import dev.clew.engine.pod.Kind;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.run.Decision;
import dev.clew.engine.run.DefinitionSeen;
import dev.clew.engine.run.Engine;
import dev.clew.engine.run.NodeSeen;
import dev.clew.engine.run.Observed;
import dev.clew.engine.run.PodSeen;
import dev.clew.engine.run.RunView;
import dev.clew.engine.workflow.Definition;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A run of one step in the hands of the real engine; what the engine records is what it finds the next time. */
final class OneStepRun {
    static final AttemptId ATTEMPT = new AttemptId("run-uid", "only", Kind.Step, 1);
    static final String POD = ATTEMPT.podName("recorded");

    private static final WorkflowSnapshot SNAPSHOT = new WorkflowSnapshot("recorded", "recorded-1", 1L);
    private static final Definition DEFINITION = Definition.of(
            new WorkflowSpec(
                    List.of(),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    List.of(new Step("only", List.of(), List.of(), null, null, null, null, null, container(), null))),
            List.of());

    private static final Duration MAX_IN_FLIGHT = Duration.ofSeconds(70);

    private RunView run;
    private Instant informedAt;
    private int liveReads;
    private UnaryOperator<PodFacts> eyes = UnaryOperator.identity();
    private Optional<Instant> wakeUp = Optional.empty();
    private PodSeen last = new PodSeen.Absent(false);

    private OneStepRun(RunView run) {
        this.run = run;
    }

    /** A run whose attempt is claimed, and nothing else is recorded. */
    static OneStepRun claimed(Instant time) {
        return claimed(time, null, null);
    }

    /** A run whose attempt is claimed, and of its pod the UID and a reason of waiting are recorded. */
    static OneStepRun claimed(Instant time, String uid, String waiting) {
        var attempt = new Attempt(
                1,
                AttemptState.Claimed,
                time,
                null,
                null,
                null,
                waiting,
                null,
                null,
                null,
                null,
                new AttemptPod(POD, uid, null, null, null));
        var step = StepStatus.pending("only").withPhase(StepPhase.Running).withAttempts(List.of(attempt), null, null);
        var status = new WorkflowRunStatus(
                1L,
                RunPhase.Running,
                "only",
                "0/1",
                null,
                "only",
                null,
                SNAPSHOT,
                time,
                null,
                null,
                null,
                List.of(step),
                null,
                List.of(),
                List.of());
        return new OneStepRun(new RunView(
                "fixtures",
                "recorded",
                ATTEMPT.runUid(),
                "1",
                1,
                List.of("clew.dev/run"),
                null,
                new WorkflowRunSpec(new WorkflowRef("recorded"), null, List.of(), null, List.of(), null, null, null),
                status,
                null,
                0));
    }

    private static Container container() {
        return new Container(
                "busybox:1.36", List.of(), List.of(), null, List.of(), List.of(), null, List.of(), null, null, null);
    }

    /** Sees pods as something else than they are. */
    OneStepRun withEyes(UnaryOperator<PodFacts> other) {
        eyes = other;
        return this;
    }

    OneStepRun copy() {
        var copy = new OneStepRun(run);
        copy.informedAt = informedAt;
        copy.wakeUp = wakeUp;
        copy.last = last;
        copy.eyes = eyes;
        return copy;
    }

    /** A version of the pod arrives; meanwhile the run was looked at whenever it had asked for that. */
    void see(Recording recording, Recording.Version version, boolean live) {
        Instant time = recording.time(version);
        letTimePass(time);
        look(new PodSeen.Present(eyes.apply(version.facts()), live), time);
        if (version.deleted()) {
            look(new PodSeen.Absent(false), time);
        }
    }

    private void letTimePass(Instant until) {
        for (int i = 0; i < 100 && wakeUp.filter(until::isAfter).isPresent(); i++) {
            look(last, wakeUp.get());
        }
    }

    private void look(PodSeen seen, Instant now) {
        last = seen;
        Map<String, NodeSeen> nodes = new HashMap<>();
        for (Optional<Decision.Look> look = decide(seen, nodes, now);
                look.isPresent();
                look = decide(seen, nodes, now)) {
            // only a person can tell: so that no doubt is settled by what no recording knows
            look.get().nodes().forEach(node -> nodes.put(node, new NodeSeen.Forbidden()));
            if (!look.get().pods().isEmpty()) {
                liveReads++;
                seen = live(seen);
            }
        }
    }

    private static PodSeen live(PodSeen seen) {
        return switch (seen) {
            case PodSeen.Present(PodFacts facts, boolean live) -> new PodSeen.Present(facts, true);
            case PodSeen.Absent absent -> new PodSeen.Absent(true);
            case PodSeen.Refused refused -> refused;
        };
    }

    /** What the engine wants to look at first, if it does. */
    private Optional<Decision.Look> decide(PodSeen seen, Map<String, NodeSeen> nodes, Instant now) {
        var observed = new Observed(
                new DefinitionSeen.Usable(DEFINITION, SNAPSHOT),
                false,
                Map.of(POD, seen),
                Map.of(),
                nodes,
                MAX_IN_FLIGHT,
                informedAt,
                false);
        return switch (Engine.decide(run, observed, now)) {
            case Decision.Look look -> Optional.of(look);
            case Decision.Unreadable(String why) -> throw new AssertionError(why);
            case Decision.Prepare prepare -> throw new AssertionError("a run that has begun is not prepared");
            case Decision.Proceed proceed -> {
                run = run.withStatus(proceed.status());
                informedAt = proceed.informs() ? now : informedAt;
                wakeUp = proceed.wakeUp();
                yield Optional.empty();
            }
        };
    }

    Attempt attempt() {
        return run.status().steps().getFirst().attempts().getFirst();
    }

    boolean inDoubt() {
        return !attempt().over() && "InDoubt".equals(attempt().reason());
    }

    boolean uidRecorded() {
        return attempt().pod() != null && attempt().pod().uid() != null;
    }

    /** How often the engine wanted to look at the pod itself. */
    int liveReads() {
        return liveReads;
    }

    /** What the attempt has come to, in a few words. */
    String outcome() {
        String reason = attempt().reason();
        return attempt().state() + (reason == null ? "" : "/" + reason);
    }
}
