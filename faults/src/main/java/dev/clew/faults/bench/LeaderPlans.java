package dev.clew.faults.bench;

import dev.clew.faults.history.Version;
import dev.clew.faults.oracle.Judged;
import dev.clew.faults.plan.Flow;
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
    private static final int LEASE_SECONDS = 6;
    private static final int APART_SECONDS = 20;

    /** A standby looks at the Lease every half second, and this machine may be slow. */
    private static final Duration SLACK = Duration.ofSeconds(4);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern TIME = Pattern.compile("(\"(?:renewTime|acquireTime)\":\")([^\"]+)\"");
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");

    private final Bench bench;

    LeaderPlans(Bench bench) {
        this.bench = bench;
    }

    /** As {@link ClockApart} for what the elector writes in the Lease, which has no clock that could be set. */
    private record OtherClock(int seconds, CompletableFuture<Write> met, Director rest) implements Director {
        @Override
        public Fault onWrite(Write write, int nth) {
            return rest.onWrite(write, nth);
        }

        @Override
        public String rewrite(Write write, String body) {
            if (!isOfLease(write)) {
                return body;
            }
            String shifted = TIME.matcher(body)
                    .replaceAll(found -> found.group(1)
                            + MICROS.format(OffsetDateTime.parse(found.group(2)).plusSeconds(seconds))
                            + "\"");
            if (!shifted.equals(body)) {
                met.complete(write);
            }
            return shifted;
        }
    }

    /** From a write on the Lease cannot be renewed, and all else is slow, so that the run is not over before the leader is. */
    private record NoRenewal(String from, CompletableFuture<Write> met, CompletableFuture<Write> refused)
            implements Director {
        private static final long SLOW_MILLIS = 500;

        @Override
        public Fault onWrite(Write write, int nth) {
            if (write.name().equals(from)) {
                met.complete(write);
            }
            if (!met.isDone()) {
                return Fault.NONE;
            }
            if (isOfLease(write)) {
                refused.complete(write);
                return new Fault.Refuse(503, "ServiceUnavailable");
            }
            return Slow.down(SLOW_MILLIS);
        }
    }

    private static boolean isOfLease(Write write) {
        return write.about().endsWith(" lease");
    }

    /** The settings of operators that elect a leader. */
    static Map<String, String> elected(String namespace) {
        return Map.of(
                "CLEW_LEADER_ELECTION",
                "true",
                "CLEW_LEASE_NAMESPACE",
                namespace,
                "CLEW_LEASE_SECONDS",
                Integer.toString(LEASE_SECONDS),
                "CLEW_RENEW_DEADLINE_SECONDS",
                "4");
    }

    Outcome perform(OnLeaders plan) {
        var performance = new Performance(bench, plan);
        try (Operators operators = bench.operators()) {
            return switch (plan.fault()) {
                case KILLED, CLOCK_AHEAD_KILLED -> killed(plan, performance, operators);
                case RENEWALS_CUT -> cannotRenew(plan, performance, operators);
                case PAUSED_WITH_POLICY, PAUSED_WITHOUT_POLICY, PAUSED_AND_BACK -> paused(plan, performance, operators);
                case CLOCKS_APART -> apart(performance, operators);
                case NO_ELECTION, NO_ELECTION_LATE_CREATE -> both(plan, performance, operators);
            };
        }
    }

    private static Operators.Running startLeader(Performance performance, Operators operators, Director director) {
        String namespace = performance.stage().namespace();
        return leads(performance, operators.start(namespace, new Naming(), director, elected(namespace)));
    }

    private static void startLeader(Performance performance, Operators operators, Director director, int secondsApart) {
        String namespace = performance.stage().namespace();
        var shifted = new CompletableFuture<Write>();
        var otherClock = new OtherClock(secondsApart, shifted, director);
        leads(performance, operators.start(namespace, new Naming(), otherClock, elected(namespace), secondsApart));
        performance.expect(shifted.isDone(), "the leader's clock is that of this machine");
    }

    private static Operators.Running leads(Performance performance, Operators.Running leader) {
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

    /** The first version of the Lease that names the second holder; empty if there is none. */
    private static Optional<Version> takeover(Performance performance) {
        Optional<String> first = performance.stage().leases().map(Stage::holder).findFirst();
        return performance
                .stage()
                .leases()
                .filter(lease -> !Stage.holder(lease).isEmpty() && !first.equals(Optional.of(Stage.holder(lease))))
                .findFirst();
    }

    /** It comes soon after the Lease has run out, and then the run goes on soon. */
    private static void checkTakeover(Performance performance, Operators.Running standby) {
        takeover(performance)
                .ifPresentOrElse(
                        taken -> {
                            long renewed = performance
                                    .stage()
                                    .leases()
                                    .takeWhile(lease -> lease.revision() < taken.revision())
                                    .mapToLong(Version::seen)
                                    .max()
                                    .orElse(taken.seen());
                            long millis = (taken.seen() - renewed) / 1_000_000;
                            performance.check(
                                    millis <= LEASE_SECONDS * 1000L + SLACK.toMillis(),
                                    "the other operator took over only " + millis + " ms after the last renewal");
                            performance.checkRecovery(standby, taken.seen());
                        },
                        () -> performance.check(false, "the other operator did not take over"));
    }

    private Outcome killed(OnLeaders plan, Performance performance, Operators operators) {
        var met = new CompletableFuture<Write>();
        Director killing = new OneWrite(plan.where(), new Fault.KillBefore(), met);
        if (plan.fault() == LeaderFault.CLOCK_AHEAD_KILLED) {
            startLeader(performance, operators, killing, APART_SECONDS);
        } else {
            startLeader(performance, operators, killing);
        }
        var standby = startStandby(performance, operators);
        var flow = performance.begin();
        performance.awaitFault(met);
        flow.join();
        checkTakeover(performance, standby);
        return performance.end(flow, operators, Judged.NONE_HELD);
    }

    private Outcome cannotRenew(OnLeaders plan, Performance performance, Operators operators) {
        var refused = new CompletableFuture<Write>();
        var leader =
                startLeader(performance, operators, new NoRenewal(plan.where(), new CompletableFuture<>(), refused));
        var standby = startStandby(performance, operators);
        var flow = performance.begin();
        performance.awaitFault(refused);
        flow.join();
        performance.check(leader.process().awaitEnd(20), "the leader that could not renew its Lease did not end");
        checkTakeover(performance, standby);
        performance.expect(performance.wroteAboutTheRun(standby), "the run was over before the leader was");
        takeover(performance)
                .ifPresent(taken -> performance.check(
                        leader.gate().sent().stream().allMatch(write -> write.arrived() < taken.seen()),
                        "the former leader wrote when the other one held the Lease"));
        return performance.end(flow, operators, Judged.NONE_HELD);
    }

    /**
     * What was about to be sent when it was stopped is sent when it goes on, and nothing some seconds later: the history tells
     * whether that did harm.
     */
    private Outcome paused(OnLeaders plan, Performance performance, Operators operators) {
        boolean policy = plan.fault() != LeaderFault.PAUSED_WITHOUT_POLICY;
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
        long resumed = Long.MAX_VALUE;
        if (plan.fault() == LeaderFault.PAUSED_AND_BACK) {
            performance.check(
                    Waiting.until(PATIENCE, () -> takeover(performance).isPresent()),
                    "the other operator did not take over");
            arrive.complete(null);
            resumed = System.nanoTime();
            leader.process().resume();
        }
        flow.join();
        checkTakeover(performance, standby);
        arrive(plan, performance, List.of(leader), arrive);
        performance.check(
                // the API server may learn of another holder a moment later
                plan.fault() != LeaderFault.PAUSED_WITH_POLICY
                        || answers(plan, List.of(leader)).allMatch(code -> code == 403),
                "the policy did not refuse the late create");
        if (plan.fault() != LeaderFault.PAUSED_AND_BACK) {
            resumed = System.nanoTime();
            leader.process().resume();
        }
        performance.check(leader.process().awaitEnd(20), "the former leader did not end");
        long silent = resumed + SLACK.toNanos();
        performance.check(
                leader.gate().sent().stream().allMatch(write -> write.arrived() < silent),
                "the former leader still wrote " + SLACK.toSeconds() + " s after it went on");
        return performance.end(flow, operators, Set.of(Performance.HELD));
    }

    /** Lets the held create go on, and waits for what comes of it. */
    private void arrive(
            OnLeaders plan, Performance performance, List<Operators.Running> senders, CompletableFuture<Void> arrive) {
        if (plan.fault().startsTwice(plan.flow())) {
            // the garbage collector may be quicker than the kubelet, or not
            bench.withoutGarbageCollector(() -> {
                awaitArrival(plan, performance, senders, arrive);
                performance.expect(
                        Waiting.until(PATIENCE, () -> performance.stage().begins(Performance.HELD) > 1),
                        "the pod of the late create did not start");
            });
            performance.check(
                    plan.flow() != Flow.DELETION
                            || Waiting.until(PATIENCE, () -> performance.stage().isGone(Performance.HELD)),
                    "the pod of the late create is not gone");
        } else {
            awaitArrival(plan, performance, senders, arrive);
            // nothing starts
            var _ = Waiting.until(
                    Duration.ofSeconds(4), () -> performance.stage().begins(Performance.HELD) > 1);
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
        startLeader(performance, operators, Director.NONE, -APART_SECONDS);
        startStandby(performance, operators);
        var flow = performance.begin();
        flow.join();
        // for longer than a Lease lasts
        performance.check(
                !Waiting.until(Duration.ofSeconds(8), () -> holders(performance) > 1),
                "the other operator took over from a leader that was well");
        performance.check(operators.allAlive(), "an operator has ended");
        return performance.end(flow, operators, Judged.NONE_HELD);
    }

    private Outcome both(OnLeaders plan, Performance performance, Operators operators) {
        boolean late = plan.fault() == LeaderFault.NO_ELECTION_LATE_CREATE;
        var naming = new Naming();
        var met = new CompletableFuture<Write>();
        var arrive = new CompletableFuture<Void>();
        Director director = late ? new OneWrite(plan.where(), new Fault.Hold(() -> {}, arrive), met) : new Slow(300);
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
        performance.check(operators.allAlive(), "an operator has ended");
        return performance.end(flow, operators, late ? Set.of(Performance.HELD) : Judged.NONE_HELD);
    }
}
