package dev.clew.faults.plan;

import dev.clew.faults.plan.Plan.OnWrite;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** All plans. */
public final class Plans {
    private Plans() {}

    /** Every write of every undisturbed run meets every fault. */
    public static List<Plan> onWrites(Collection<Golden> golden) {
        List<Plan> plans = new ArrayList<>();
        for (Golden flow : golden) {
            for (String write : flow.writes()) {
                for (WriteFault fault : WriteFault.values()) {
                    if (fault != WriteFault.KILL_AND_ARRIVE_LATE || canArriveLate(write)) {
                        plans.add(new OnWrite(flow.flow(), write, fault));
                    }
                }
            }
        }
        return plans;
    }

    /** What a late arrival could spoil: creates above all, and writes that depend on a version. */
    private static boolean canArriveLate(String write) {
        return !write.startsWith("event");
    }
}
