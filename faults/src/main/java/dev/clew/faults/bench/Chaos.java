package dev.clew.faults.bench;

import dev.clew.faults.proxy.Director;
import dev.clew.faults.proxy.Fault;
import dev.clew.faults.proxy.Target;
import dev.clew.faults.proxy.Watching;
import dev.clew.faults.proxy.Write;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Faults at random, for the operators of one round: most writes pass. What befalls a write or a watch is a function of the seed
 * and of its name.
 */
final class Chaos {
    /** Longer than a Lease lasts, and so short that what arrives then arrives within the time in flight of the next leader. */
    private static final int PAUSE_MILLIS = 7000;

    private final long seed;
    private final LongAdder faults;
    private final Set<Write> late = ConcurrentHashMap.newKeySet();
    private final AtomicInteger operators = new AtomicInteger();

    /** Or nothing would ever end. */
    private int kills = 3;

    private int pauses;

    /**
     * A new one.
     *
     * @param pauses how often an operator is stopped at most: another one must take over
     */
    Chaos(long seed, int pauses, LongAdder faults) {
        this.seed = seed;
        this.pauses = pauses;
        this.faults = faults;
    }

    /** What befalls the next operator. */
    Director next(CompletableFuture<OperatorProcess> process) {
        return new OfOne(operators.incrementAndGet(), process);
    }

    /** The writes that arrive, or will arrive, when their process has been killed or stopped. */
    Set<Write> late() {
        return Set.copyOf(late);
    }

    private SplittableRandom random(String what) {
        return new SplittableRandom(seed ^ ((long) what.hashCode() << 16));
    }

    private static CompletableFuture<Void> in(int millis, Runnable what) {
        return CompletableFuture.runAsync(what, CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS));
    }

    private final class OfOne implements Director {
        private final int number;
        private final CompletableFuture<OperatorProcess> process;
        private boolean killed;
        private boolean paused;

        OfOne(int number, CompletableFuture<OperatorProcess> process) {
            this.number = number;
            this.process = process;
        }

        @Override
        public Fault onWrite(Write write, int nth) {
            synchronized (Chaos.this) {
                if (paused) {
                    late.add(write);
                }
                Fault fault = killed || paused ? Fault.NONE : draw(write, Chaos.this.random(write.name()));
                if (!fault.equals(Fault.NONE)) {
                    faults.increment();
                }
                return fault;
            }
        }

        private Fault draw(Write write, SplittableRandom random) {
            return switch (random.nextInt(40)) {
                case 0 -> kill(new Fault.KillBefore());
                case 1 -> kill(new Fault.KillAfter());
                case 2 -> killAndArriveLate(write, 1000 + random.nextInt(2000));
                case 3 -> pause(write, 1000 + random.nextInt(PAUSE_MILLIS - 1000));
                case 4 -> new Fault.DropAnswer();
                case 5 -> new Fault.Refuse(409, "Conflict");
                case 6 -> new Fault.Refuse(429, "TooManyRequests");
                case 7 -> new Fault.Refuse(500, "InternalError");
                case 8 -> new Fault.AnswerAfter(504, "Timeout");
                default -> Fault.NONE;
            };
        }

        private Fault kill(Fault fault) {
            if (kills == 0) {
                return Fault.NONE;
            }
            kills--;
            killed = true;
            return fault;
        }

        private Fault killAndArriveLate(Write write, int millis) {
            if (kills == 0 || isOfTheLease(write)) {
                return Fault.NONE;
            }
            late.add(write);
            return kill(new Fault.Hold(() -> process.join().kill(), in(millis, () -> {})));
        }

        private Fault pause(Write write, int millis) {
            if (pauses == 0 || isOfTheLease(write)) {
                return Fault.NONE;
            }
            pauses--;
            paused = true;
            late.add(write);
            var _ = in(PAUSE_MILLIS, () -> {
                if (process.join().isAlive()) {
                    process.join().resume();
                }
            });
            return new Fault.Hold(() -> process.join().pause(), in(millis, () -> {}));
        }

        private static boolean isOfTheLease(Write write) {
            return write.about().endsWith(" lease");
        }

        private SplittableRandom random(String what, Target target, int nth) {
            return Chaos.this.random(number + " " + what + " " + target.resource() + " " + nth);
        }

        @Override
        public boolean refusesWatch(Target target, int nth) {
            boolean refused = random("attempt", target, nth).nextInt(10) == 0;
            if (refused) {
                faults.increment();
            }
            return refused;
        }

        @Override
        public Watching onWatch(Target target, int nth) {
            SplittableRandom random = random("watch", target, nth);
            int events = 1 + random.nextInt(12);
            return switch (random.nextInt(8)) {
                case 0 -> new Watching.Cut(events);
                case 1 -> new Watching.Gone(events);
                case 2 -> new Watching.Silent(events, Duration.ofSeconds(5));
                case 3 -> new Watching.Delayed(Duration.ofSeconds(1 + random.nextInt(3)));
                case 4 -> new Watching.Twice();
                case 5 -> new Watching.Old();
                default -> Watching.FAITHFUL;
            };
        }

        @Override
        public void disturbed(Target target) {
            faults.increment();
        }
    }
}
