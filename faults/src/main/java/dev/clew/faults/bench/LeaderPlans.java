package dev.clew.faults.bench;

import dev.clew.faults.history.Version;
import dev.clew.faults.oracle.Judged;
import dev.clew.faults.plan.LeaderFault;
import dev.clew.faults.plan.Plan.OnLeaders;
import dev.clew.faults.proxy.Director;
import dev.clew.faults.proxy.Fault;
import dev.clew.faults.proxy.Naming;
import dev.clew.faults.proxy.Sent;
import dev.clew.faults.proxy.Write;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Carries out plans with two operators. */
final class LeaderPlans {
    /** The attempt whose create is held. */
    static final String HELD = "charge 1";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern TIME = Pattern.compile("(\"(?:renewTime|acquireTime)\":\")([^\"]+)\"");
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");

    private final Bench bench;

    LeaderPlans(Bench bench) {
        this.bench = bench;
    }

    private record OneWrite(String name, Fault fault, CompletableFuture<Write> met) implements Director {
        @Override
        public Fault onWrite(Write write, int nth) {
            return write.name().equals(name) && met.complete(write) ? fault : Fault.NONE;
        }
    }

    /** Its clock is 20 s behind, as far as others see it. */
    private record SlowClock(CompletableFuture<Write> met) implements Director {
        @Override
        public String rewrite(Write write, String body) {
            if (!write.about().endsWith(" lease")) {
                return body;
            }
            String behind = TIME.matcher(body)
                    .replaceAll(found -> found.group(1)
                            + MICROS.format(OffsetDateTime.parse(found.group(2)).minusSeconds(20))
                            + "\"");
            if (!behind.equals(body)) {
                met.complete(write);
            }
            return behind;
        }
    }

    /** The settings of operators that elect a leader. */
    static Map<String, String> elected(String namespace) {
        return Map.of(
                "CLEW_LEADER_ELECTION", "true",
                "CLEW_LEASE_NAMESPACE", namespace,
                "CLEW_LEASE_SECONDS", "6",
                "CLEW_RENEW_DEADLINE_SECONDS", "4");
    }

    Outcome perform(OnLeaders plan) {
        var performance = new Performance(bench, plan);
        try (Operators operators = bench.operators()) {
            return switch (plan.fault()) {
                case KILLED -> killed(plan, performance, operators);
                case PAUSED_WITH_POLICY, PAUSED_WITHOUT_POLICY -> paused(plan, performance, operators);
                case CLOCKS_APART -> apart(performance, operators);
                case NO_ELECTION, NO_ELECTION_LATE_CREATE -> both(plan, performance, operators);
            };
        }
    }

    private static Operators.Running startLeader(Performance performance, Operators operators, Director director) {
        String namespace = performance.stage().namespace();
        var leader = operators.start(namespace, new Naming(), director, elected(namespace));
        leader.process().awaitReady();
        performance.expect(
                Waiting.until(PATIENCE, () -> holders(performance) == 1), "the first operator did not take the Lease");
        return leader;
    }

    private static Operators.Running startStandby(Performance performance, Operators operators) {
        String namespace = performance.stage().namespace();
        var standby = operators.start(namespace, new Naming(), Director.NONE, elected(namespace));
        standby.process().awaitReady();
        return standby;
    }

    private static long holders(Performance performance) {
        return performance
                .stage()
                .leases()
                .map(Stage::holder)
                .filter(holder -> !holder.isEmpty())
                .distinct()
                .count();
    }

    private static void checkTakeover(Performance performance, Operators.Running standby) {
        Optional<String> first = performance.stage().leases().map(Stage::holder).findFirst();
        performance
                .stage()
                .leases()
                .filter(lease -> !Stage.holder(lease).isEmpty() && !first.equals(Optional.of(Stage.holder(lease))))
                .findFirst()
                .map(Version::seen)
                .ifPresentOrElse(
                        seen -> performance.checkRecovery(standby, seen),
                        () -> performance.expect(false, "the other operator did not take over"));
    }

    private Outcome killed(OnLeaders plan, Performance performance, Operators operators) {
        var met = new CompletableFuture<Write>();
        startLeader(performance, operators, new OneWrite(plan.where(), new Fault.KillBefore(), met));
        var standby = startStandby(performance, operators);
        var flow = performance.begin();
        performance.awaitFault(met);
        flow.join();
        checkTakeover(performance, standby);
        return performance.end(flow, operators, Judged.NONE_HELD);
    }

    private Outcome paused(OnLeaders plan, Performance performance, Operators operators) {
        boolean policy = plan.fault() == LeaderFault.PAUSED_WITH_POLICY;
        if (policy) {
            performance.stage().installLeaderPolicy();
        }
        var met = new CompletableFuture<Write>();
        var arrive = new CompletableFuture<Void>();
        var pausing = new CompletableFuture<Operators.Running>();
        var leader = startLeader(
                performance,
                operators,
                new OneWrite(
                        plan.where(),
                        new Fault.Hold(() -> pausing.join().process().pause(), arrive),
                        met));
        pausing.complete(leader);
        performance.expect(!policy || performance.stage().policyHolds(), "the policy is not in force");
        var standby = startStandby(performance, operators);
        var flow = performance.begin();
        performance.awaitFault(met);
        flow.join();
        checkTakeover(performance, standby);
        arrive(plan, performance, List.of(leader), arrive);
        performance.expect(
                !policy || answers(plan, List.of(leader)).allMatch(code -> code == 403),
                "the policy did not refuse the late create");
        leader.process().resume();
        performance.expect(leader.process().awaitEnd(20), "the former leader did not end");
        return performance.end(flow, operators, Set.of(HELD));
    }

    /** Lets the held create go on, and waits for what comes of it. */
    private void arrive(
            OnLeaders plan, Performance performance, List<Operators.Running> senders, CompletableFuture<Void> arrive) {
        if (plan.fault().startsTwice(plan.flow())) {
            // the garbage collector may be quicker than the kubelet, or not
            bench.withoutGarbageCollector(() -> {
                awaitArrival(plan, performance, senders, arrive);
                performance.expect(
                        Waiting.until(PATIENCE, () -> performance.stage().begins(HELD) > 1),
                        "the pod of the late create did not start");
            });
            performance.expect(
                    Waiting.until(PATIENCE, () -> performance.stage().isGone(HELD)),
                    "the pod of the late create is not gone");
        } else {
            awaitArrival(plan, performance, senders, arrive);
            // nothing starts
            var _ = Waiting.until(
                    Duration.ofSeconds(4), () -> performance.stage().begins(HELD) > 1);
        }
    }

    private static void awaitArrival(
            OnLeaders plan, Performance performance, List<Operators.Running> senders, CompletableFuture<Void> arrive) {
        arrive.complete(null);
        performance.expect(
                Waiting.until(PATIENCE, () -> answers(plan, senders).findAny().isPresent()),
                "the held create did not arrive");
    }

    /** What the API server answered to the held create. */
    private static Stream<Integer> answers(OnLeaders plan, List<Operators.Running> senders) {
        return senders.stream()
                .flatMap(sender -> sender.gate().sent().stream())
                .filter(write -> write.write().name().equals(plan.where()) && write.code() > 0)
                .map(Sent::code);
    }

    private Outcome apart(Performance performance, Operators operators) {
        var met = new CompletableFuture<Write>();
        startLeader(performance, operators, new SlowClock(met));
        startStandby(performance, operators);
        performance.awaitFault(met);
        var flow = performance.begin();
        flow.join();
        // for longer than a Lease lasts
        performance.expect(
                !Waiting.until(Duration.ofSeconds(8), () -> holders(performance) > 1),
                "the other operator took over from a leader that was well");
        performance.expect(operators.allAlive(), "an operator has ended");
        return performance.end(flow, operators, Judged.NONE_HELD);
    }

    private Outcome both(OnLeaders plan, Performance performance, Operators operators) {
        boolean late = plan.fault() == LeaderFault.NO_ELECTION_LATE_CREATE;
        var naming = new Naming();
        var met = new CompletableFuture<Write>();
        var arrive = new CompletableFuture<Void>();
        Director director = late ? new OneWrite(plan.where(), new Fault.Hold(() -> {}, arrive), met) : Director.NONE;
        String namespace = performance.stage().namespace();
        var one = operators.start(namespace, naming, director);
        var other = operators.start(namespace, naming, director);
        one.process().awaitReady();
        other.process().awaitReady();
        var flow = performance.begin();
        if (late) {
            performance.awaitFault(met);
            flow.join();
            arrive(plan, performance, List.of(one, other), arrive);
        }
        flow.join();
        for (var running : List.of(one, other)) {
            performance.expect(performance.wroteAboutTheRun(running), "one of the operators did nothing");
        }
        performance.expect(operators.allAlive(), "an operator has ended");
        return performance.end(flow, operators, late ? Set.of(HELD) : Judged.NONE_HELD);
    }
}
