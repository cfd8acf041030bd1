package dev.clew.engine.protocol;

import dev.clew.api.Condition;
import dev.clew.api.run.Attempt;
import dev.clew.api.run.DeletionPolicy;
import dev.clew.api.run.DesiredState;
import dev.clew.api.run.InterventionAction;
import dev.clew.api.run.InterventionStatus;
import dev.clew.api.run.Output;
import dev.clew.api.run.StepStatus;
import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.run.DefinitionSeen;
import dev.clew.engine.run.RunView;
import dev.clew.engine.workflow.Workflows;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A run of a workflow in a cluster where only happens what is asked for. Attempts are named "charge/1", "undo charge/1". */
public final class Scenario {
    private final Operation operation;
    private final Map<String, SimulatedPod.Fate> fates = new HashMap<>();
    private final Map<String, SimulatedPod.Circumstances> circumstances = new HashMap<>();
    private Faults.Fault nextCreate = Faults.Fault.NONE;

    /** A run of a workflow. */
    public Scenario(String yaml) {
        this(yaml, null);
    }

    /** A run of a workflow that a GitOps tool would create again. */
    public Scenario(String yaml, @Nullable String gitOps) {
        operation = new Operation(Workflows.yaml(yaml), Mutation.NONE, gitOps);
        operation.cluster.let(new Faults() {
            @Override
            public Fault next(String request) {
                Fault fault = request.equals("create") ? nextCreate : Fault.NONE;
                nextCreate = request.equals("create") ? Fault.NONE : nextCreate;
                return fault;
            }

            @Override
            public SimulatedPod.Circumstances circumstances(String attempt) {
                return circumstances.getOrDefault(name(attempt), SimulatedPod.Circumstances.ORDINARY);
            }

            @Override
            public SimulatedPod.Fate fate(String attempt) {
                return fates.getOrDefault(name(attempt), SimulatedPod.Fate.SUCCEEDS);
            }
        });
    }

    private static String name(String annotation) {
        String[] parts = annotation.split("/", -1);
        return (parts[2].equals("Step") ? "" : "undo ") + parts[1] + "/" + parts[3];
    }

    public Scenario fails(String... attempts) {
        return all(SimulatedPod.Fate.FAILS, attempts);
    }

    /** They end with 3, not 7. */
    public Scenario failsOtherwise(String... attempts) {
        return all(SimulatedPod.Fate.FAILS_OTHERWISE, attempts);
    }

    /** Somebody else's scheduling gate holds the pod. */
    public Scenario gated(String attempt) {
        circumstances.put(attempt, new SimulatedPod.Circumstances(true, false, 30));
        return this;
    }

    /** Somebody else puts a container beside its own that does not end by itself. */
    public Scenario sidecar(String attempt) {
        circumstances.put(attempt, new SimulatedPod.Circumstances(false, true, 30));
        return this;
    }

    /** Somebody else gives the pod another time to end. */
    public Scenario grace(String attempt, long seconds) {
        circumstances.put(attempt, new SimulatedPod.Circumstances(false, false, seconds));
        return this;
    }

    /** The next create is not sent, for its process dies before. */
    public Scenario diesBeforeCreating() {
        nextCreate = Faults.Fault.NOT_SENT;
        return this;
    }

    /** The next create arrives later than its process waits for it. */
    public Scenario createsLate() {
        nextCreate = Faults.Fault.LATE;
        return this;
    }

    /** What is on its way arrives. */
    public Scenario lateCreateArrives() {
        operation.cluster.late();
        return this;
    }

    public Scenario hangs(String... attempts) {
        return all(SimulatedPod.Fate.HANGS, attempts);
    }

    public Scenario neverStarts(String... attempts) {
        return all(SimulatedPod.Fate.NEVER_STARTS, attempts);
    }

    public Scenario unschedulable(String... attempts) {
        return all(SimulatedPod.Fate.UNSCHEDULABLE, attempts);
    }

    /** The definition cannot be read any more. */
    public Scenario definitionGone() {
        operation.cluster.definitionIs(new DefinitionSeen.NotYet("RevisionMissing", "the revision is gone"));
        return this;
    }

    /** The run asks for what cannot be. */
    public Scenario definitionWrong(String problems) {
        operation.cluster.definitionIs(new DefinitionSeen.Wrong(problems));
        return this;
    }

    /** The definition is there and usable. */
    public Scenario definitionBack() {
        operation.cluster.definitionIs(null);
        return this;
    }

    /** Somebody takes the run's finalizer off. */
    public Scenario stripRun() {
        operation.cluster.stripRun();
        return this;
    }

    private Scenario all(SimulatedPod.Fate fate, String... attempts) {
        for (String attempt : attempts) {
            fates.put(attempt, fate);
        }
        return this;
    }

    public Scenario write(String message) {
        operation.cluster.containersWrite(message);
        return this;
    }

    /** All goes on until only something that hangs is left. */
    public Scenario rest() {
        operation.rest();
        return this;
    }

    /** Time passes, and the kubelets and the loop look whenever there is a reason to. */
    public Scenario passes(Duration time) {
        Instant until = operation.cluster.now().plus(time);
        operation.rest(until);
        operation.cluster.timeIs(until);
        operation.rest(until);
        return this;
    }

    /** Time passes, and nobody looks. */
    public Scenario timePasses(Duration time) {
        operation.cluster.letTimePass(time);
        return this;
    }

    /** What hangs, fails after all. */
    public Scenario hangingFails() {
        operation.cluster.pods.values().forEach(SimulatedPod::stopHanging);
        return rest();
    }

    /** The container of an attempt that hangs ends with 0, and that is seen. */
    public Scenario ends(String attempt) {
        for (SimulatedPod pod : pods(attempt)) {
            pod.succeedAfterAll();
            operation.cluster.advance(pod);
        }
        return this;
    }

    /** The container of an attempt that hangs fails, and nobody looks. */
    public Scenario stopsHanging(String attempt) {
        for (SimulatedPod pod : pods(attempt)) {
            pod.stopHanging();
            operation.cluster.advance(pod);
        }
        return this;
    }

    /** One look of the loop, at what is there now. */
    public Scenario look() {
        operation.cluster.deliver();
        operation.pass();
        return this;
    }

    /** Somebody deletes the run. */
    public Scenario deleteRun() {
        operation.cluster.deleteRun();
        return this;
    }

    /** A person wants the run to be in a state. */
    public Scenario desires(DesiredState state) {
        operation.person.desires(state);
        return this;
    }

    /** A person says what the deletion of the run means. */
    public Scenario deletionPolicy(DeletionPolicy policy) {
        operation.person.deletionPolicy(policy);
        return this;
    }

    /** A person says how long the run is kept. */
    public Scenario ttl(@Nullable Integer seconds) {
        operation.person.ttl(seconds);
        return this;
    }

    /** A person does something about a step. */
    public Scenario intervenes(InterventionAction action, String step, Output... outputs) {
        operation.person.about(action, step, outputs);
        return this;
    }

    /** A person vouches for a pod. */
    public Scenario vouches(String podUid) {
        operation.person.vouches(podUid);
        return this;
    }

    /** The lines that the run's message gives. */
    public List<String> lines() {
        return Kubectl.lines(Objects.requireNonNullElse(status().message(), ""));
    }

    /** The lines that the last attempt of a step gives. */
    public List<String> linesOf(String step) {
        return Kubectl.lines(Objects.requireNonNullElse(attempts(step).getLast().message(), ""));
    }

    /** A person types a line. */
    public Scenario types(String line) {
        RunView typed = operation.cluster.stored().orElseThrow();
        operation.cluster.spec(old -> Kubectl.type(line, typed));
        return this;
    }

    /** Somebody deletes the pods of an attempt. */
    public Scenario deletePod(String attempt) {
        pods(attempt).forEach(operation.cluster::deletePod);
        return this;
    }

    /** The pods of an attempt vanish without a trace, as if somebody took their finalizer and their node was lost. */
    public Scenario podVanishes(String attempt) {
        pods(attempt).forEach(operation.cluster::vanishPod);
        return this;
    }

    /** The kubelet of the node that has the pod no longer reports. */
    public Scenario nodeLost(String attempt) {
        operation.cluster.nodes.lose(nodeOf(attempt), now());
        return this;
    }

    /** The kubelet of a node no longer reports. */
    public Scenario nodeIsLost(String node) {
        operation.cluster.nodes.lose(node, now());
        return this;
    }

    /** A node that seemed to be switched off was not. */
    public Scenario nodeThereAgain(String node) {
        operation.cluster.nodes.restore(node, now());
        return this;
    }

    /** The kubelet reports again. */
    public Scenario nodeBack(String node) {
        operation.cluster.nodes.back(node, now());
        return this;
    }

    /** The node is switched off for good. */
    public Scenario nodeGone(String node) {
        operation.cluster.nodes.remove(node, now());
        return this;
    }

    /** The node that has the pod. */
    public String nodeOf(String attempt) {
        return Objects.requireNonNull(pods(attempt).getLast().node());
    }

    /** Pod garbage collection writes that the pod has failed, and deletes it. */
    public Scenario collects(String attempt) {
        pods(attempt).forEach(operation.cluster::collectPod);
        return this;
    }

    /** Somebody else's scheduling gate is lifted. */
    public Scenario liftGate(String attempt) {
        pods(attempt).forEach(SimulatedPod::liftGate);
        return this;
    }

    /** The UID of the pod of an attempt. */
    public String podUid(String attempt) {
        return pods(attempt).getLast().uid;
    }

    /** The process of a pod ends, and nobody hears of it; also of a pod that is gone. */
    public Scenario processEnds(String podUid) {
        Stream.concat(operation.cluster.pods.values().stream(), operation.cluster.ghosts.stream())
                .filter(pod -> pod.uid.equals(podUid))
                .forEach(SimulatedPod::die);
        return this;
    }

    /** Nodes cannot be read. */
    public Scenario nodesForbidden() {
        operation.cluster.nodes.forbid(true);
        return this;
    }

    /** A pod that is not Clew's has the name. */
    public Scenario foreignPod(String name) {
        operation.cluster.foreignPod(name);
        return this;
    }

    private List<SimulatedPod> pods(String attempt) {
        return operation.cluster.pods.values().stream()
                .filter(pod -> name(pod.attempt).equals(attempt))
                .toList();
    }

    /** The namespace is deleted. */
    public Scenario terminateNamespace() {
        operation.cluster.terminateNamespace();
        return this;
    }

    /** Creates are refused from now on. */
    public Scenario refuseCreates(String reason, String message) {
        operation.cluster.refuseCreates(new Cluster.Created.Refused(reason, message));
        return this;
    }

    /** The API server fails at creates from now on. */
    public Scenario failCreates(String message) {
        operation.cluster.refuseCreates(new Cluster.Created.Failed(message));
        return this;
    }

    /** Creates are no longer refused. */
    public Scenario allowCreates() {
        operation.cluster.allowCreates();
        return this;
    }

    /** Who reads each status that is written. */
    public Scenario readBy(Consumer<WorkflowRunStatus> who) {
        operation.cluster.readBy(who);
        return this;
    }

    /** The status is as the test says, whatever happened. */
    public Scenario recorded(WorkflowRunStatus status) {
        operation.cluster.recorded(status);
        return this;
    }

    public WorkflowRunStatus status() {
        return operation.status();
    }

    public Instant now() {
        return operation.cluster.now();
    }

    /** The run as it is stored. */
    public Optional<RunView> run() {
        return operation.cluster.stored();
    }

    public Optional<Instant> wakesUp() {
        return operation.wakesUp();
    }

    public StepStatus step(String name) {
        return status().steps().stream()
                .filter(step -> step.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    public List<Attempt> attempts(String step) {
        return step(step).attempts();
    }

    public List<Attempt> undoing(String step) {
        return Objects.requireNonNull(step(step).compensation(), "owes nothing").attempts();
    }

    public Condition condition(String type) {
        return status().conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElseThrow();
    }

    /** The conditions in the order of the contract, as "Unknown False …". */
    public String conditions() {
        return status().conditions().stream()
                .map(condition -> condition.status().name())
                .collect(Collectors.joining(" "));
    }

    /** Names of the attempts whose pods were created, in order. */
    public List<String> created() {
        return operation.cluster.created().stream().map(Scenario::name).toList();
    }

    /** What came of the last intervention, as "Done: …". */
    public String intervened() {
        InterventionStatus last = status().interventions().getLast();
        return last.result() + ": " + last.message();
    }

    /** What people were told, as "Reason: message". */
    public List<String> told() {
        return operation.cluster.tellings.stream()
                .map(telling -> telling.reason() + ": " + telling.message())
                .toList();
    }

    /** When pods were created, in order. */
    public List<Instant> createdAt() {
        return operation.cluster.createdAt();
    }

    /** The pods that are there and answer to something. */
    public List<String> pods(Predicate<PodFacts> which) {
        List<String> names = new ArrayList<>();
        operation.cluster.pods.values().stream()
                .filter(pod -> which.test(pod.facts()))
                .forEach(pod -> names.add(name(pod.attempt)));
        return names;
    }

    public int requests(String kind) {
        return operation.cluster.requests(kind);
    }
}
