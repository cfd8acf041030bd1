package dev.clew.faults.bench;

import dev.clew.faults.history.History;
import dev.clew.faults.oracle.Guarantees;
import dev.clew.faults.oracle.Judged;
import dev.clew.faults.oracle.Violation;
import dev.clew.faults.plan.RandomFlow;
import dev.clew.faults.proxy.Director;
import dev.clew.faults.proxy.Fault;
import dev.clew.faults.proxy.Naming;
import dev.clew.faults.proxy.Target;
import dev.clew.faults.proxy.Watching;
import dev.clew.faults.proxy.Write;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;

/**
 * Random workflows, random outcomes, random faults, and the oracles of the bench. Three rounds at a time; what a round draws is a
 * function of the seed and its number.
 */
public final class Soak {
    private static final int AT_ONCE = 3;
    private static final String USAGE = "usage: ./soak [--minutes N] [--seed S]";

    private final Bench bench;
    private final long seed;
    private final SplittableRandom split;
    private final LongAdder faults = new LongAdder();
    private final long begun = System.nanoTime();
    private int runs;

    private Soak(Bench bench, long seed) {
        this.bench = bench;
        this.seed = seed;
        this.split = new SplittableRandom(seed);
    }

    /** See the class. Ends with 0 if all is well, with 1 at a violation, with 2 if it is called wrongly. */
    public static void main(String[] arguments) {
        Map<String, Long> options = new HashMap<>(Map.of("--minutes", 10L, "--seed", System.nanoTime() & 0xffffff));
        if (!read(arguments, options)) {
            System.err.println(USAGE);
            System.exit(2);
        }
        long minutes = Objects.requireNonNull(options.get("--minutes"));
        long seed = Objects.requireNonNull(options.get("--seed"));
        System.out.println("soak: " + minutes + " min, seed " + seed);
        boolean well;
        try (Bench bench =
                Bench.open(Path.of(System.getProperty("clew.crds", "crds")), Path.of("faults/target/soak"))) {
            bench.golden();
            well = new Soak(bench, seed).run(Duration.ofMinutes(minutes));
        }
        System.exit(well ? 0 : 1);
    }

    /** False if there is one that is not known, or not a number. */
    private static boolean read(String[] arguments, Map<String, Long> options) {
        try {
            for (int i = 0; i < arguments.length; i += 2) {
                if (i + 1 == arguments.length
                        || options.replace(arguments[i], Long.valueOf(arguments[i + 1])) == null) {
                    return false;
                }
            }
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private boolean run(Duration duration) {
        int violated = 0;
        while (violated == 0 && elapsed().compareTo(duration) < 0) {
            List<CompletableFuture<String>> rounds = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                int number = ++runs;
                SplittableRandom drawn = split.split();
                rounds.add(CompletableFuture.supplyAsync(
                        () -> round(number, drawn),
                        task -> Thread.ofPlatform().daemon().start(task)));
            }
            for (CompletableFuture<String> round : rounds) {
                String found = round.join();
                if (!found.isEmpty()) {
                    violated++;
                    System.out.println(found);
                }
            }
            System.out.println(elapsed().toMinutes() + " min: " + runs + " runs, " + faults + " faults, " + violated
                    + " violations");
        }
        System.out.println("soak: " + runs + " runs, " + faults + " faults, " + violated + " violations in "
                + elapsed().toMinutes() + " min");
        return violated == 0;
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    /** Faults at random: most writes pass. At most three kills, or nothing would ever end. */
    private static final class Chaos implements Director {
        private final Random random;
        private final LongAdder faults;
        private int kills = 3;

        Chaos(long seed, LongAdder faults) {
            this.random = new Random(seed);
            this.faults = faults;
        }

        @Override
        public void disturbed(Target target) {
            faults.increment();
        }

        @Override
        public synchronized Fault onWrite(Write write, int nth) {
            Fault fault = draw();
            if (!fault.equals(Fault.NONE)) {
                faults.increment();
            }
            return fault;
        }

        private Fault draw() {
            int drawn = random.nextInt(40);
            if (drawn < 2 && kills > 0) {
                kills--;
                return drawn == 0 ? new Fault.KillBefore() : new Fault.KillAfter();
            }
            return switch (drawn) {
                case 2 -> new Fault.DropAnswer();
                case 3 -> new Fault.Refuse(409, "Conflict");
                case 4 -> new Fault.Refuse(429, "TooManyRequests");
                case 5 -> new Fault.Refuse(500, "InternalError");
                case 6 -> new Fault.AnswerAfter(504, "Timeout");
                default -> Fault.NONE;
            };
        }

        @Override
        public synchronized Watching onWatch(Target target, int nth) {
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
    }

    /** Empty if all is well; else the seed of the round, what is violated, and the history. */
    private String round(int number, SplittableRandom drawn) {
        String name = "seed " + seed + ", round " + number + ": ";
        try {
            return round(name, RandomFlow.draw(new Random(drawn.nextLong())), new Chaos(drawn.nextLong(), faults));
        } catch (RuntimeException e) {
            var trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            return name + "could not be carried out: " + trace;
        }
    }

    private String round(String name, RandomFlow flow, Chaos chaos) {
        Stage stage = Stage.set(bench.newNamespace("soak"), bench);
        stage.waitAtMost(Duration.ofMinutes(3));
        var naming = new Naming();
        try (Operators operators = bench.operators()) {
            var ended = CompletableFuture.supplyAsync(
                    () -> stage.perform(flow), task -> Thread.ofVirtual().start(task));
            var operator = operators.start(stage.namespace(), naming, chaos);
            while (!ended.isDone()) {
                if (!Waiting.until(Duration.ofMillis(200), () -> !operators.anyAlive())) {
                    continue;
                }
                operator = operators.start(stage.namespace(), naming, chaos);
            }
            // what is left to release is released by an operator that lives
            if (!operator.process().isAlive()) {
                operators.start(stage.namespace(), naming, Director.NONE);
            }
            History history = stage.history(operators.gates());
            List<Violation> found = Guarantees.violations(Bench.judged(flow, history, Judged.NONE_HELD));
            String phase = history.lastStatus().path("phase").asText();
            if (!flow.ends().contains(phase)) {
                found.add(new Violation("end", "the run is " + phase + ", not one of " + flow.ends()));
            }
            bench.recorder().forget(stage.namespace());
            return found.isEmpty() ? "" : name + found + "\n" + flow + "\n" + history.print();
        }
    }
}
