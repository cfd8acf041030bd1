package dev.clew.engine.protocol;

import dev.clew.api.run.WorkflowRunStatus;
import dev.clew.engine.pod.PodFacts;
import dev.clew.engine.run.RunView;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * A state in 128 bits. Equal things have equal numbers, and a state is the row of the numbers of its parts. Of a resource
 * version only counts whether it is the current one: that is all that anybody ever compares it with.
 */
final class Fingerprint {
    /** What two different states have in common with odds of one to many billions, in explorations of this size. */
    record Value(long one, long other) {}

    /** The numbers of all things that were seen so far. */
    static final class Numbers {
        private final Map<Object, Integer> numbers = new HashMap<>();
        private final Map<WorkflowRunStatus, AtSomeTime> statuses = new HashMap<>();

        int of(Object thing) {
            return numbers.computeIfAbsent(thing, unseen -> numbers.size());
        }

        /** The number of what of a status makes a difference at a time. */
        int of(WorkflowRunStatus status, Instant now) {
            AtSomeTime known = statuses.get(status);
            if (known == null || !known.at().equals(now)) {
                known = new AtSomeTime(now, of(new Essence(now).of(status)));
                statuses.put(status, known);
            }
            return known.number();
        }

        private record AtSomeTime(Instant at, int number) {}
    }

    private final Numbers numbers;
    private final Instant now;
    private final Essence essence;
    private final String currentVersion;
    private long one = 0xcbf29ce484222325L;
    private long other = 0x9e3779b97f4a7c15L;

    Fingerprint(Numbers numbers, Instant now, String currentVersion) {
        this.numbers = numbers;
        this.now = now;
        this.essence = new Essence(now);
        this.currentVersion = currentVersion;
    }

    void add(Object thing) {
        number(numbers.of(thing));
    }

    void add(WorkflowRunStatus status) {
        number(numbers.of(status, now));
    }

    void add(PodFacts pod) {
        add(essence.of(pod));
    }

    void add(Map<String, PodFacts> pods) {
        add(essence.of(pods));
    }

    void add(RunView run) {
        add(run.status());
        add(run.spec());
        add(run.finalizers());
        add(run.resourceVersion().equals(currentVersion));
    }

    private void number(long number) {
        one = mix(one ^ number) + 0x2545f4914f6cdd1dL;
        other = mix(other + number * 0xd6e8feb86659fd93L);
    }

    /** The finalizer of SplitMix64. */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }

    Value value() {
        return new Value(one, other);
    }
}
