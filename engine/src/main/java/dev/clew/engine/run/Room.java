package dev.clew.engine.run;

import dev.clew.api.run.Attempt;
import dev.clew.api.run.AttemptPod;
import dev.clew.api.run.InterventionStatus;
import dev.clew.api.run.Output;
import dev.clew.api.run.StepStatus;
import dev.clew.api.workflow.Step;
import dev.clew.engine.pod.Kind;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sees that the record of a run fits into one object: below 1 MiB as JSON, managed fields included (etcd takes 1.5 MiB by
 * default). Before an attempt is claimed, the room for its outcome and for its compensation is kept free, so that what was
 * begun can always be ended.
 */
final class Room {
    /** Most bytes of the stored object. */
    static final int MOST = 1 << 20;

    /** What is kept for the fields beside the steps, and because sizes are estimated. */
    private static final int MARGIN = 96 << 10;

    /** Names, times and punctuation of an attempt, without its texts. */
    private static final int ATTEMPT = 420;

    /** Names and punctuation of a step. */
    private static final int STEP = 90;

    /** A compensation that is owed, of which one attempt is listed. */
    private static final int COMPENSATION = 120 + ATTEMPT;

    /** Bytes of outputs in one termination message; JSON may write one byte as six. */
    private static final int OUTPUTS = 6 * 4096;

    private final Turn turn;
    private @Nullable Integer measured;
    private boolean compacted;

    Room(Turn turn) {
        this.turn = turn;
    }

    /** Whether the next attempt may be claimed. If not now, then when an open one is over; if none is, the run turns back. */
    static boolean forClaim(Turn turn, int step, Kind kind) {
        // the room of a compensation was kept when its step was claimed
        return kind == Kind.Compensation || turn.room.takes(step);
    }

    /** The record is measured once in a decision, for that takes a look at all of it: each claim then adds what it takes. */
    private boolean takes(int step) {
        int claim = ATTEMPT + reserve(step, true);
        if (measured() + claim > MOST - MARGIN && !compacted) {
            compact();
            compacted = true;
            measured = needed();
        }
        int then = measured() + claim;
        boolean fits = then <= MOST - MARGIN;
        if (fits) {
            measured = then;
        } else if (turn.open(Kind.Step) == 0) {
            turn.full = true;
        }
        return fits;
    }

    private int measured() {
        int bytes = measured == null ? needed() : measured;
        measured = bytes;
        return bytes;
    }

    /** Whether outputs that a person gives fit. */
    static boolean forOutputs(Turn turn, List<Output> outputs) {
        int bytes = outputs.stream().mapToInt(Room::bytes).sum();
        return outputs.isEmpty() || new Room(turn).needed() + bytes <= MOST - MARGIN;
    }

    /** Shortens a record that has grown too large. */
    static void settle(Turn turn) {
        var room = new Room(turn);
        if (room.used() > MOST - MARGIN) {
            room.compact();
        }
    }

    private int needed() {
        int needed = used();
        for (int step = 0; step < turn.steps.size(); step++) {
            needed += reserve(step, turn.open(step, Kind.Step));
        }
        return needed;
    }

    /** What a step may still come to write: outputs while an attempt is open, and its compensation. */
    private int reserve(int step, boolean open) {
        StepStatus status = turn.steps.get(step);
        Step declared = turn.definition.step(step);
        boolean begun = open || !status.attempts().isEmpty();
        boolean undone = status.compensation() != null && status.compensation().done();
        int outputs = open && !declared.outputs().isEmpty() ? OUTPUTS : 0;
        int compensation = begun && declared.compensation() != null && !undone ? COMPENSATION : 0;
        return outputs + compensation;
    }

    private int used() {
        int bytes = turn.run.otherBytes();
        for (StepStatus step : turn.steps) {
            bytes += STEP + step.name().length();
            for (Kind kind : Kind.values()) {
                for (Attempt attempt : Turn.attempts(step, kind)) {
                    bytes += bytes(attempt);
                }
            }
            for (Output output : step.outputs()) {
                bytes += bytes(output);
            }
        }
        for (InterventionStatus intervention : turn.interventions) {
            bytes += 200 + json(intervention.message());
        }
        List<String> plan = turn.compensation == null ? null : turn.compensation.plan();
        return bytes + (plan == null ? 0 : plan.stream().mapToInt(Room::json).sum());
    }

    private static int bytes(Output output) {
        return 24 + json(output.name()) + json(output.value());
    }

    private static int bytes(Attempt attempt) {
        AttemptPod pod = attempt.pod();
        return ATTEMPT + json(attempt.message()) + (pod == null ? 0 : json(pod.node()));
    }

    /** Takes what only informs out of the record: messages of attempts, and older attempts. */
    private void compact() {
        for (int step = 0; step < turn.steps.size(); step++) {
            for (Kind kind : Kind.values()) {
                Optional<Attempt> last = turn.last(step, kind);
                if (last.isEmpty()) {
                    continue;
                }
                Trimming.toTheLast(turn, step, kind);
                if (last.get().message() != null) {
                    turn.record(step, kind, last.get().withoutMessage());
                }
            }
        }
    }

    /** Bytes of a string in JSON, as Go writes it. */
    private static int json(@Nullable String text) {
        if (text == null) {
            return 0;
        }
        int bytes = 2;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
                bytes += 6;
            } else if (c < 0x80) {
                bytes += c == '"' || c == '\\' ? 2 : 1;
            } else {
                bytes += c < 0x800 ? 2 : 3;
            }
        }
        return bytes;
    }
}
