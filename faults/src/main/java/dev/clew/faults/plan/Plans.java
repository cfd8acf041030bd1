package dev.clew.faults.plan;

import dev.clew.faults.plan.Plan.OnFence;
import dev.clew.faults.plan.Plan.OnLeaders;
import dev.clew.faults.plan.Plan.OnServer;
import dev.clew.faults.plan.Plan.OnWatch;
import dev.clew.faults.plan.Plan.OnWrite;
import dev.clew.faults.plan.Plan.StaleStart;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** All plans. */
public final class Plans {
    private Plans() {}

    /** All of them. */
    public static List<Plan> all(Collection<Golden> golden) {
        List<Plan> plans = new ArrayList<>(onWrites(golden));
        golden.forEach(flow -> plans.addAll(onWatches(flow)));
        golden.forEach(flow -> plans.addAll(staleStarts(flow)));
        golden.forEach(flow -> plans.addAll(onServers(flow)));
        for (Flow flow : List.of(Flow.CANCEL, Flow.DELETION)) {
            for (FenceFault fault : FenceFault.values()) {
                plans.add(new OnFence(flow, fault));
            }
        }
        for (Flow flow : Flow.values()) {
            for (LeaderFault fault : LeaderFault.values()) {
                plans.add(new OnLeaders(flow, fault));
            }
        }
        return plans;
    }

    /** Every write of every undisturbed run meets every fault. */
    static List<Plan> onWrites(Collection<Golden> golden) {
        List<Plan> plans = new ArrayList<>();
        for (Golden flow : golden) {
            for (String write : flow.writes()) {
                for (WriteFault fault : WriteFault.values()) {
                    plans.add(new OnWrite(flow.flow(), write, fault));
                }
            }
        }
        return plans;
    }

    /** At so many events of a watch as the undisturbed run has. */
    private static List<Plan> onWatches(Golden golden) {
        Flow flow = golden.flow();
        List<Plan> plans = new ArrayList<>();
        for (String resource : List.of("pods", "workflowruns", "all")) {
            for (WatchFault fault : List.of(WatchFault.REFUSED, WatchFault.DELAYED, WatchFault.TWICE, WatchFault.OLD)) {
                plans.add(new OnWatch(flow, resource, 0, fault));
            }
            int stride = resource.equals("workflowruns") ? 1 : 3;
            // how many versions of a pod there are is not always the same
            int last = golden.events(resource) - (stride - 1);
            IntStream.rangeClosed(1, flow == Flow.SAGA ? 9 : 4)
                    .map(nth -> nth * stride)
                    .filter(event -> event <= last)
                    .forEach(event -> Stream.of(WatchFault.CUT, WatchFault.GONE)
                            .forEach(fault -> plans.add(new OnWatch(flow, resource, event, fault))));
            plans.add(new OnWatch(flow, resource, 4, WatchFault.SILENT));
        }
        switch (flow) {
            case SAGA -> plans.add(new OnWatch(flow, "pods", 9, WatchFault.HALF_OPEN));
            case CANCEL -> plans.add(new OnWatch(flow, "workflowruns", 3, WatchFault.HALF_OPEN));
            case DELETION -> plans.add(new OnWatch(flow, "all", 3, WatchFault.HALF_OPEN));
            case SUCCESS -> {
                // it is over too soon
            }
        }
        return plans;
    }

    /** After every status but the first claim. */
    private static List<Plan> staleStarts(Golden golden) {
        return golden.writes().stream()
                .filter(write -> write.startsWith("status ") && !write.equals("status 1"))
                .flatMap(write -> Stream.<Plan>of(
                        new StaleStart(golden.flow(), write, false), new StaleStart(golden.flow(), write, true)))
                .toList();
    }

    private static List<Plan> onServers(Golden golden) {
        return golden.writes().stream()
                .filter(
                        Set.of("finalizer on", "create charge 1", "status 3", "create undo charge 1", "finalizer off")
                                ::contains)
                .flatMap(write ->
                        Stream.of(ServerFault.values()).<Plan>map(fault -> new OnServer(golden.flow(), write, fault)))
                .toList();
    }

    /** At least one plan for each fault and each step of the protocol. */
    public static List<Plan> quick(List<Plan> all) {
        Set<String> met = new HashSet<>();
        return all.stream().filter(plan -> isQuick(plan, met)).toList();
    }

    private static boolean isQuick(Plan plan, Set<String> met) {
        return switch (plan) {
            case OnWrite write ->
                write.flow() != Flow.SUCCESS && met.add(step(write.write()) + "/" + write.faultClass());
            case OnWatch watch ->
                watch.fault() != WatchFault.HALF_OPEN && met.add(watch.resource() + "/" + watch.faultClass());
            case StaleStart stale -> stale.write().equals("status 5") && met.add(stale.faultClass());
            case OnFence fence -> fence.flow() == Flow.CANCEL;
            case OnLeaders leaders -> leaders.flow() == Flow.DELETION;
            case OnServer server -> server.write().equals("create charge 1") && met.add(server.faultClass());
        };
    }

    /** The step of the protocol that a write is: "create charge 1" and "create ship 1" are the same, "create undo ship 1" is another. */
    static String step(String write) {
        String[] words = write.split(" ", -1);
        return switch (words[0]) {
            case "create", "release", "delete", "reserve" ->
                words.length > 2 && words[1].equals("undo") ? words[0] + " undo" : words.length > 2 ? words[0] : write;
            case "status", "workflow" -> words[0];
            case "event" -> "event";
            default -> write;
        };
    }
}
