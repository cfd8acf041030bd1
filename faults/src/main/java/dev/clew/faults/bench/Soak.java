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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Random workflows, random outcomes, random faults, and the oracles of the bench. {@code --minutes N --seed S}. Round by round;
 * a round is a function of the seed and its number.
 */
public final class Soak {
    private static final int AT_ONCE = 3;

    private Soak() {}

    /** See the class. */
    public static void main(String[] arguments) {
        long minutes = Long.parseLong(option(arguments, "--minutes", "10"));
        long seed = Long.parseLong(option(arguments, "--seed", Long.toString(System.nanoTime() & 0xffffff)));
        System.out.println("soak: " + minutes + " min, seed " + seed);
        try (Bench bench =
                Bench.open(Path.of(System.getProperty("clew.crds", "crds")), Path.of("faults/target/soak"))) {
            bench.golden();
            int runs = 0;
            long end = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
            while (System.nanoTime() < end) {
                List<CompletableFuture<String>> rounds = new ArrayList<>();
                for (int i = 0; i < AT_ONCE; i++) {
                    long round = seed + runs++;
                    rounds.add(CompletableFuture.supplyAsync(
                            () -> round(bench, round),
                            task -> Thread.ofPlatform().daemon().start(task)));
                }
                for (CompletableFuture<String> round : rounds) {
                    String violated = round.join();
                    if (!violated.isEmpty()) {
                        System.out.println(violated);
                        System.exit(1);
                    }
                }
                System.out.println(runs + " runs, 0 violations");
            }
        }
    }

    private static String option(String[] arguments, String name, String otherwise) {
        for (int i = 0; i + 1 < arguments.length; i++) {
            if (arguments[i].equals(name)) {
                return arguments[i + 1];
            }
        }
        return otherwise;
    }

    /** Faults at random: most writes pass. At most three kills, or nothing would ever end. */
    private static final class Chaos implements Director {
        private final Random random;
        private int kills = 3;

        Chaos(long seed) {
            random = new Random(seed);
        }

        @Override
        public synchronized Fault onWrite(Write write, int nth) {
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
    private static String round(Bench bench, long seed) {
        var flow = RandomFlow.draw(new Random(seed));
        Stage stage = Stage.set(bench.newNamespace("soak"), bench);
        stage.waitAtMost(Duration.ofMinutes(3));
        var chaos = new Chaos(seed);
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
            return found.isEmpty() ? "" : "seed " + seed + ": " + found + "\n" + flow + "\n" + history.print();
        }
    }
}
