package dev.clew.engine.run;

import dev.clew.engine.pod.AttemptId;

/** Something to do in the cluster, after the status that calls for it is recorded. Each can be repeated. */
public sealed interface Action {
    /** Create the pod of a claimed attempt. */
    record Create(AttemptId attempt, String pod) implements Action {}

    /** Delete a pod in order to stop it, with its own grace period. */
    record Stop(String pod, String uid) implements Action {}

    /** Remove Clew's finalizer from a pod whose outcome is recorded. */
    record Release(String pod, String uid) implements Action {}

    /** Delete a finished pod that nobody owns. */
    record Delete(String pod, String uid) implements Action {}

    /** Remove Clew's finalizer from the run: the last thing done for it. */
    record LetGo() implements Action {}
}
