package dev.clew.faults.bench;

import dev.clew.faults.history.History;
import dev.clew.faults.oracle.Guarantees;
import dev.clew.faults.oracle.Violation;
import dev.clew.faults.plan.RandomFlow;
import dev.clew.faults.proxy.Naming;
import dev.clew.faults.proxy.Sent;
import dev.clew.faults.proxy.Write;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Random workflows, random outcomes, random faults, and the oracles of the bench. Three rounds at a time; what a round draws is a
 * function of the seed and its number, so that it can be repeated alone.
 */
public final class Soak {
    private static final int AT_ONCE = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String USAGE = "usage: ./soak [--minutes N | --round N] [--seed S]";

    private final Bench bench;
    private final long seed;
    private final LongAdder faults = new LongAdder();
    private final long begun = System.nanoTime();

    private Soak(Bench bench, long seed) {
        this.bench = bench;
        this.seed = seed;
    }

    /** See the class. Ends with 0 if all is well, with 1 at a violation, with 2 if it is called wrongly. */
    public static void main(String[] arguments) {
        Map<String, Long> options =
                new HashMap<>(Map.of("--minutes", 10L, "--seed", System.nanoTime() & 0xffffff, "--round", 0L));
        if (!read(arguments, options)) {
            System.err.println(USAGE);
            System.exit(2);
        }
        long minutes = Objects.requireNonNull(options.get("--minutes"));
        long seed = Objects.requireNonNull(options.get("--seed"));
        int round = Math.toIntExact(Objects.requireNonNull(options.get("--round")));
        System.out.println("soak: " + (round > 0 ? "round " + round : minutes + " min") + ", seed " + seed);
        boolean well;
        try (Bench bench =
                Bench.open(Path.of(System.getProperty("clew.crds", "crds")), Path.of("faults/target/soak"))) {
            bench.golden();
            var soak = new Soak(bench, seed);
            well = round > 0 ? soak.repeat(round) : soak.run(Duration.ofMinutes(minutes));
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
        int runs = 0;
        int violated = 0;
        while (violated == 0 && elapsed().compareTo(duration) < 0) {
            List<CompletableFuture<String>> rounds = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                int number = ++runs;
                rounds.add(CompletableFuture.supplyAsync(
                        () -> round(number),
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

    private boolean repeat(int number) {
        String found = round(number);
        System.out.println(found.isEmpty() ? "round " + number + ": " + faults + " faults, no violation" : found);
        return found.isEmpty();
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    /** Empty if all is well; else the seed of the round, what is violated, and the history. */
    private String round(int number) {
        String name = "seed " + seed + ", round " + number + ": ";
        var split = new SplittableRandom(seed);
        for (int i = 1; i < number; i++) {
            split.split();
        }
        SplittableRandom drawn = split.split();
        try {
            return round(name, RandomFlow.draw(new Random(drawn.nextLong())), drawn.nextLong(), drawn.nextInt(4) == 0);
        } catch (RuntimeException e) {
            var trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            return name + "could not be carried out: " + trace;
        }
    }

    private String round(String name, RandomFlow flow, long chaosSeed, boolean elected) {
        Stage stage = Stage.set(bench.newNamespace("soak"), bench);
        stage.waitAtMost(Duration.ofMinutes(3));
        var naming = new Naming();
        var chaos = new Chaos(chaosSeed, elected ? 1 : 0, faults);
        Map<String, String> settings = elected ? LeaderPlans.elected(stage.namespace()) : Map.of();
        try (Operators operators = bench.operators()) {
            var crew = new Crew(
                    elected ? 2 : 1,
                    new ArrayList<>(),
                    () -> {
                        var process = new CompletableFuture<OperatorProcess>();
                        var next = operators.start(stage.namespace(), naming, chaos.next(process), settings);
                        process.complete(next.process());
                        return next;
                    },
                    new HashSet<>());
            var ended = CompletableFuture.supplyAsync(
                    () -> stage.perform(flow), task -> Thread.ofVirtual().start(task));
            crew.actUntil(ended::isDone, Duration.ofMinutes(15));
            ended.join();
            crew.actUntil(() -> arrived(operators).containsAll(chaos.late()), PATIENCE);
            stage.catchUp();
            crew.actUntil(stage::nothingIsHeld, PATIENCE);
            History history = stage.history(operators.gates());
            List<Violation> found = Guarantees.violations(Bench.judged(flow, history, held(chaos)));
            String phase = history.lastStatus().path("phase").asText();
            if (!flow.ends().contains(phase)) {
                found.add(new Violation("end", "the run is " + phase + ", not one of " + flow.ends()));
            }
            crew.odd().forEach(code -> found.add(new Violation("operator", "one ended by itself, with " + code)));
            bench.recorder().forget(stage.namespace());
            return found.isEmpty() ? "" : name + found + "\n" + flow + "\n" + history.print();
        }
    }

    /**
     * Operators of which so many are always there: one that ends is replaced.
     *
     * @param acting those that are there
     * @param next starts one more
     * @param odd exit codes of operators that neither were killed nor lost the Lease
     */
    private record Crew(int size, List<Operators.Running> acting, Supplier<Operators.Running> next, Set<Integer> odd) {
        private static final int SIGKILL = 128 + 9;
        private static final int LEASE_LOST = 1;

        void actUntil(BooleanSupplier over, Duration patience) {
            Waiting.until(patience, () -> {
                acting.removeIf(this::hasEnded);
                while (acting.size() < size) {
                    acting.add(next.get());
                }
                return over.getAsBoolean();
            });
        }

        private boolean hasEnded(Operators.Running operator) {
            OptionalInt code = operator.process().exitCode();
            code.ifPresent(ended -> {
                if (ended != SIGKILL && !(size > 1 && ended == LEASE_LOST)) {
                    odd.add(ended);
                }
            });
            return code.isPresent();
        }
    }

    private static Set<Write> arrived(Operators operators) {
        return operators
                .gates()
                .flatMap(gate -> gate.sent().stream())
                .filter(sent -> sent.code() > 0)
                .map(Sent::write)
                .collect(Collectors.toSet());
    }

    private static Set<String> held(Chaos chaos) {
        return chaos.late().stream()
                .map(Write::about)
                .filter(about -> about.startsWith("create "))
                .map(about -> about.substring("create ".length()))
                .collect(Collectors.toSet());
    }
}
