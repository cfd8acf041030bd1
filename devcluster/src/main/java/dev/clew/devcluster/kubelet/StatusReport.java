package dev.clew.devcluster.kubelet;

import dev.clew.devcluster.kubelet.ContainerState.Running;
import dev.clew.devcluster.kubelet.ContainerState.Terminated;
import dev.clew.devcluster.kubelet.ContainerState.Waiting;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a kubelet knows of one pod, and the status that follows from it. The rules are those of the recorded statuses of a
 * real kubelet 1.34. Of one thread.
 */
final class StatusReport {
    static final String PENDING = "Pending";
    static final String RUNNING = "Running";
    static final String SUCCEEDED = "Succeeded";
    static final String FAILED = "Failed";

    private final Instant startTime;
    private final Map<String, ContainerState> init = new LinkedHashMap<>();
    private final Map<String, ContainerState> main = new LinkedHashMap<>();
    private final Map<String, String> images = new LinkedHashMap<>();
    private final PodConditions conditions;
    private String phase = PENDING;
    private Optional<String> reason = Optional.empty();
    private Optional<String> message = Optional.empty();
    private boolean sandboxReady;
    private boolean hadSandbox;
    private boolean failing;

    StatusReport(Pod pod, Instant now) {
        this.startTime = now.truncatedTo(ChronoUnit.SECONDS);
        List<Container> initContainers = pod.getSpec().getInitContainers();
        Waiting waiting =
                new Waiting(initContainers.isEmpty() ? "ContainerCreating" : "PodInitializing", Optional.empty());
        for (Container container : initContainers) {
            init.put(container.getName(), waiting);
            images.put(container.getName(), container.getImage());
        }
        for (Container container : pod.getSpec().getContainers()) {
            main.put(container.getName(), waiting);
            images.put(container.getName(), container.getImage());
        }
        this.conditions = new PodConditions(pod);
    }

    Instant startTime() {
        return startTime;
    }

    ContainerState state(String container) {
        ContainerState state = main.containsKey(container) ? main.get(container) : init.get(container);
        if (state == null) {
            throw new IllegalArgumentException("The pod has no container " + container + ".");
        }
        return state;
    }

    void set(String container, ContainerState state) {
        (main.containsKey(container) ? main : init).put(container, state);
    }

    /** The pod has its sandbox (here: nothing), so containers may start and it has an address. */
    void sandboxIsReady() {
        sandboxReady = true;
        hadSandbox = true;
    }

    /** The kubelet has decided to end the pod as failed; until its containers are gone only the conditions tell. */
    void isToFail() {
        failing = true;
    }

    /** A deletion makes the kubelet forget why a container waits. */
    boolean forgetWaitingReasons() {
        Waiting creating = new Waiting(init.isEmpty() ? "ContainerCreating" : "PodInitializing", Optional.empty());
        boolean changed = false;
        for (Map.Entry<String, ContainerState> entry : main.entrySet()) {
            if (entry.getValue() instanceof Waiting waiting && !waiting.equals(creating)) {
                entry.setValue(creating);
                changed = true;
            }
        }
        return changed;
    }

    boolean isInitialized() {
        return init.values().stream().allMatch(StatusReport::hasSucceeded);
    }

    /** Whether no container runs and none will. */
    boolean isOver() {
        String derived = derivedPhase();
        return derived.equals(SUCCEEDED) || derived.equals(FAILED);
    }

    boolean hasWaitingMain() {
        return main.values().stream().anyMatch(Waiting.class::isInstance);
    }

    /** The phase that follows from the containers alone. */
    private String derivedPhase() {
        if (init.values().stream().anyMatch(StatusReport::hasFailed)) {
            return FAILED;
        }
        if (!isInitialized()) {
            return PENDING;
        }
        Collection<ContainerState> states = main.values();
        if (states.stream().allMatch(Terminated.class::isInstance)) {
            return states.stream().allMatch(StatusReport::hasSucceeded) ? SUCCEEDED : FAILED;
        }
        return states.stream().anyMatch(Waiting.class::isInstance) ? PENDING : RUNNING;
    }

    /** Ends the pod by a deadline. */
    void deadlineExceeded() {
        phase = FAILED;
        reason = Optional.of("DeadlineExceeded");
        message = Optional.of("Pod was active on the node longer than the specified deadline");
        sandboxReady = false;
    }

    /** Ends the pod as its containers say: success only if all of them succeeded. */
    void end() {
        if (!phase.equals(FAILED)) {
            phase = derivedPhase().equals(SUCCEEDED) ? SUCCEEDED : FAILED;
        }
        sandboxReady = false;
    }

    /** What a kubelet writes for containers that never were, if the pod had got so far that they might have been. */
    void writeOffMissing() {
        if (isInitialized() && !main.values().stream().allMatch(Terminated.class::isInstance)) {
            conditions.freeze();
            main.replaceAll((name, state) -> state instanceof Terminated ? state : Terminated.unknown());
        }
    }

    /**
     * The status to merge into the pod's.
     *
     * @param generation of the pod that it is about
     * @param fixedPhase a terminal phase that the pod already has, which stays
     */
    Map<String, @Nullable Object> render(Instant now, @Nullable Long generation, Optional<String> fixedPhase) {
        String derived = derivedPhase();
        if (phase.equals(PENDING) && derived.equals(RUNNING)) {
            phase = RUNNING;
        }
        Map<String, @Nullable Object> status = new LinkedHashMap<>();
        status.put("observedGeneration", generation);
        status.put("phase", fixedPhase.orElse(phase));
        reason.ifPresent(text -> status.put("reason", text));
        message.ifPresent(text -> status.put("message", text));
        status.put("startTime", startTime.toString());
        status.put("hostIP", ProcessKubelet.ADDRESS);
        status.put("hostIPs", List.of(Map.of("ip", ProcessKubelet.ADDRESS)));
        if (hadSandbox) {
            status.put("podIP", ProcessKubelet.ADDRESS);
            status.put("podIPs", List.of(Map.of("ip", ProcessKubelet.ADDRESS)));
        }
        status.put(
                "conditions",
                conditions.render(
                        new PodConditions.Facts(
                                sandboxReady, isInitialized(), failing ? FAILED : derived, incomplete(), unready()),
                        now,
                        generation));
        if (!init.isEmpty()) {
            status.put("initContainerStatuses", ContainerStatuses.render(init, images, true));
        }
        status.put("containerStatuses", ContainerStatuses.render(main, images, false));
        return status;
    }

    private List<String> incomplete() {
        return init.entrySet().stream()
                .filter(entry -> !hasSucceeded(entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private List<String> unready() {
        return main.entrySet().stream()
                .filter(entry -> !(entry.getValue() instanceof Running))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static boolean hasSucceeded(ContainerState state) {
        return state instanceof Terminated terminated && terminated.succeeded();
    }

    private static boolean hasFailed(ContainerState state) {
        return state instanceof Terminated terminated && !terminated.succeeded();
    }
}
