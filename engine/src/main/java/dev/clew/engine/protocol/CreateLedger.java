package dev.clew.engine.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Knows until when a create of a pod's name may still arrive at the API server. A pod must not be released before that:
 * once it is gone, a late create would start its attempt a second time.
 */
public final class CreateLedger {
    private final Duration maxInFlight;
    private final Instant since;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    private record Entry(Instant first, List<Instant> unanswered, boolean claimedHere) {}

    /**
     * A ledger that begins empty.
     *
     * @param maxInFlight the longest time that a request can be on its way
     * @param since when this process began to act; what a former one sent counts as sent then
     */
    public CreateLedger(Duration maxInFlight, Instant since) {
        this.maxInFlight = maxInFlight;
        this.since = since;
    }

    /** A create is about to be sent, for a claim that this process made or for an older one. */
    void sending(String pod, boolean claimedHere, Instant now) {
        entries.merge(
                pod,
                new Entry(now, List.of(now), claimedHere),
                (old, added) -> new Entry(
                        old.first,
                        Stream.concat(old.unanswered.stream(), added.unanswered.stream())
                                .toList(),
                        old.claimedHere || claimedHere));
    }

    /** The API server has answered the create that was sent at this time. */
    void answered(String pod, Instant sent) {
        entries.computeIfPresent(pod, (name, entry) -> {
            List<Instant> left = new ArrayList<>(entry.unanswered);
            left.remove(sent);
            return new Entry(entry.first, List.copyOf(left), entry.claimedHere);
        });
    }

    /** The create that was about to be sent at a time got no answer, and was on its way by now at the latest. */
    void unanswered(String pod, Instant sent, Instant now) {
        answered(pod, sent);
        entries.computeIfPresent(pod, (name, entry) -> {
            List<Instant> unanswered = new ArrayList<>(entry.unanswered);
            // a name may be tried for days
            unanswered.removeIf(before -> before.plus(maxInFlight).isBefore(now));
            unanswered.add(now);
            return new Entry(entry.first, List.copyOf(unanswered), entry.claimedHere);
        });
    }

    /** When this process first sent a create of that name. */
    Optional<Instant> firstSent(String pod) {
        return Optional.ofNullable(entries.get(pod)).map(Entry::first);
    }

    /** The longest time that a request can be on its way. */
    Duration maxInFlight() {
        return maxInFlight;
    }

    /** From when on no create of that name can arrive. */
    Instant settledAt(String pod) {
        Entry entry = entries.get(pod);
        if (entry == null) {
            return since.plus(maxInFlight);
        }
        Instant former = entry.claimedHere ? Instant.MIN : since.plus(maxInFlight);
        Instant own = entry.unanswered.stream()
                .max(Instant::compareTo)
                .map(last -> last.plus(maxInFlight))
                .orElse(Instant.MIN);
        return former.isAfter(own) ? former : own;
    }

    /** The pod has been released: nothing rests on its entry any more. */
    void forget(String pod) {
        entries.remove(pod);
    }
}
