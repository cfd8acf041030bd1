package dev.clew.engine.run;

import dev.clew.api.run.WorkflowRunStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is to be done next for a run. */
public sealed interface Decision {
    /** Nothing can be decided before these pods and nodes have been read live. */
    record Look(Set<String> pods, Set<String> nodes) implements Decision {
        public Look {
            pods = Set.copyOf(pods);
            nodes = Set.copyOf(nodes);
        }
    }

    /** What is recorded contradicts itself: nothing can be decided, and nothing is touched. */
    record Unreadable(String why) implements Decision {}

    /** The run can begin: put the finalizer on it and make sure that its revision exists, then decide again. */
    record Prepare() implements Decision {}

    /**
     * Record the status, then act.
     *
     * @param status the status as it shall be; to be written if it differs from the one that was read
     * @param informs whether the status differs only in what it tells, not in what is decided
     * @param actions what to do once the status is recorded
     * @param wakeUp when to look again at the latest, if nothing happens before
     */
    record Proceed(WorkflowRunStatus status, boolean informs, List<Action> actions, Optional<Instant> wakeUp)
            implements Decision {
        public Proceed {
            actions = List.copyOf(actions);
        }
    }
}
