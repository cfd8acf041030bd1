package dev.clew.engine.protocol;

import dev.clew.api.run.DesiredState;
import org.junit.jupiter.api.Test;

class ExplorationTest {
    @Test
    void measure() {
        go(World.Setting.of(Saga.sequential("seq").fails("c/1"), 2));
        go(World.Setting.of(Saga.diamond("diamond").fails("d/1"), 2).about(World.Scope.REQUESTS_AND_PROCESSES));
        go(World.Setting.of(Saga.sequential("cancelled").wishes(DesiredState.Cancelled), 2)
                .about(World.Scope.REQUESTS_AND_PROCESSES));
        go(World.Setting.of(Saga.withPivot("pivot").wishes(DesiredState.RolledBack), 2)
                .about(World.Scope.REQUESTS_AND_PROCESSES));
    }

    private static void go(World.Setting setting) {
        long t = System.nanoTime();
        Explorer.Explored e = Explorer.upTo(setting, 500000);
        System.out.println("XX " + setting.saga().name() + " " + setting.faults() + " " + e + " "
                + (System.nanoTime() - t) / 1000000);
    }
}
