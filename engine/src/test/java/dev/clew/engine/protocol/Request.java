package dev.clew.engine.protocol;

import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.run.NodeSeen;
import dev.clew.engine.run.RunView;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request to the API server as a thing: it can be sent now, held up on its way, or never arrive. */
sealed interface Request {
    /** What a process hears of a request. */
    sealed interface Answer {
        record Run(Optional<RunView> view) implements Answer {}

        record OfPod(Optional<PodFacts> facts) implements Answer {}

        record OfNode(NodeSeen seen) implements Answer {}

        record Made(Cluster.Created created) implements Answer {}

        record Done() implements Answer {}

        record Stale() implements Answer {}

        /** Nothing, or an error that does not say whether it took effect. */
        record None() implements Answer {}
    }

    record ReadRun(RunView view) implements Request {}

    record ReadPod(String name) implements Request {}

    record ReadNode(String name) implements Request {}

    record AddFinalizer(RunView view) implements Request {}

    /** Right only if it is guarded by the resource version. */
    record RemoveFinalizer(RunView view, boolean guarded) implements Request {}

    record WriteStatus(RunView view, WorkflowRunStatus status) implements Request {}

    /**
     * Right only if the name is what the attempt says; else another one is taken if there is such a pod.
     *
     * @param known the status that its process knows, and acts on
     */
    record Create(Pod manifest, boolean named, WorkflowRunStatus known) implements Request {
        String name() {
            return manifest.getMetadata().getName();
        }

        String attempt() {
            return manifest.getMetadata().getAnnotations().getOrDefault("clew.dev/attempt", "");
        }

        private Pod sentAs(SimulatedCluster cluster) {
            return named ? manifest : unnamed(manifest, cluster);
        }
    }

    record Delete(String name, String uid) implements Request {}

    record Release(String name, String uid) implements Request {}

    /** Whether it changes anything. */
    default boolean writes() {
        return switch (this) {
            case ReadRun read -> false;
            case ReadPod read -> false;
            case ReadNode read -> false;
            case AddFinalizer add -> true;
            case RemoveFinalizer remove -> true;
            case WriteStatus write -> true;
            case Create create -> true;
            case Delete delete -> true;
            case Release release -> true;
        };
    }

    /** Name of the pod that it is about, if it is about one. */
    default @Nullable String pod() {
        return switch (this) {
            case ReadPod(String name) -> name;
            case Create create -> create.name();
            case Delete(String name, String uid) -> name;
            case Release(String name, String uid) -> name;
            case ReadRun read -> null;
            case ReadNode read -> null;
            case AddFinalizer add -> null;
            case RemoveFinalizer remove -> null;
            case WriteStatus write -> null;
        };
    }

    /** Whether it is about the run. */
    default boolean ofRun() {
        return pod() == null && !(this instanceof ReadNode);
    }

    /** Whether it can still have an effect, if it arrives some time. */
    default boolean canTakeEffect(SimulatedCluster cluster) {
        return switch (this) {
            case ReadRun read -> false;
            case ReadPod read -> false;
            case ReadNode read -> false;
            case AddFinalizer(RunView view) -> isCurrent(cluster, view);
            case RemoveFinalizer(RunView view, boolean guarded) -> !guarded || isCurrent(cluster, view);
            case WriteStatus(RunView view, WorkflowRunStatus status) -> isCurrent(cluster, view);
            case Create create -> true;
            case Delete(String name, String uid) -> isThere(cluster, name, uid);
            case Release(String name, String uid) -> isThere(cluster, name, uid);
        };
    }

    private static boolean isCurrent(SimulatedCluster cluster, RunView view) {
        return cluster.stored()
                .filter(run -> run.resourceVersion().equals(view.resourceVersion()))
                .isPresent();
    }

    private static boolean isThere(SimulatedCluster cluster, String name, String uid) {
        SimulatedPod pod = cluster.pods.get(name);
        return pod != null && pod.uid.equals(uid);
    }

    /** It arrives, and takes effect if it may. */
    default Answer arrive(SimulatedCluster cluster) {
        try {
            return switch (this) {
                case ReadRun(RunView view) -> new Answer.Run(cluster.readRun(view));
                case ReadPod(String name) -> new Answer.OfPod(cluster.readPod("shop", name));
                case ReadNode(String name) -> new Answer.OfNode(cluster.readNode(name));
                case AddFinalizer(RunView view) -> new Answer.Run(Optional.of(cluster.addFinalizer(view)));
                case RemoveFinalizer(RunView view, boolean guarded) -> {
                    cluster.removeFinalizer(guarded ? view : cluster.stored().orElse(view));
                    yield new Answer.Done();
                }
                case WriteStatus(RunView view, WorkflowRunStatus status) ->
                    new Answer.Run(Optional.of(cluster.writeStatus(view, status)));
                case Create create -> new Answer.Made(cluster.make(create.sentAs(cluster)));
                case Delete(String name, String uid) -> {
                    cluster.delete("shop", name, uid);
                    yield new Answer.Done();
                }
                case Release(String name, String uid) -> new Answer.OfPod(cluster.release("shop", name, uid));
            };
        } catch (Cluster.StaleException e) {
            return new Answer.Stale();
        }
    }

    /** It leaves the process: from then on the process cannot take it back. */
    default void leave(SimulatedCluster cluster) {
        if (this instanceof Create(Pod pod, boolean named, WorkflowRunStatus known)) {
            cluster.oracle.sent(pod, cluster.stored().map(RunView::status).orElse(WorkflowRunStatus.EMPTY));
        }
    }

    private static Pod as(Pod pod, String name) {
        return new PodBuilder(pod).editMetadata().withName(name).endMetadata().build();
    }

    /** A name that nobody has given is never taken. */
    private static Pod unnamed(Pod pod, SimulatedCluster cluster) {
        String name = pod.getMetadata().getName();
        return cluster.pods.containsKey(name) ? unnamed(as(pod, name + "x"), cluster) : pod;
    }
}
