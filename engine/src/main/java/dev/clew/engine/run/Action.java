package dev.clew.engine.run;

import dev.clew.engine.pod.AttemptId;

/** Something to do in the cluster, after the status that calls for it is recorded. Each can be repeated. */
public sealed interface Action {
    /** Create the pod of a claimed attempt. */
    record Create(AttemptId attempt, String pod) implements Action {}

    /** Take the name of a claimed attempt's pod, so that none can be created any more. */
    record Reserve(AttemptId attempt, String pod) implements Action {}

    /** Delete a pod in order to stop it, with its own grace period. */
    record Stop(String pod, String uid) implements Action {}

    /** Remove Clew's finalizer from a pod whose outcome is recorded. */
    record Release(String pod, String uid) implements Action {}

    /** Delete a pod that is of no use any more: a finished one that nobody owns, or a reservation. */
    record Delete(String pod, String uid) implements Action {}

    /** Remove Clew's finalizer from the run: the last thing done for it. */
    record LetGo() implements Action {}

    /** Delete the run, some time after its end, if it is still what it was when this was decided. */
    record DeleteRun() implements Action {}
}
