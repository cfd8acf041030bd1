package dev.clew.engine.protocol;

import org.junit.jupiter.api.Test;

class ExplorationTest {
    @Test
    void measure() {
        for (int faults = 0; faults < 2; faults++) {
            for (Saga saga : new Saga[] {
                Saga.sequential("sequential").fails("c/1"),
                Saga.diamond("diamond").fails("d/1")
            }) {
                long t = System.nanoTime();
                Explorer.Explored e =
                        Explorer.upTo(new World.Setting(saga, WrongVariant.NONE, faults, true, false), 100000);
                System.out.println(
                        "XX " + saga.name() + " " + faults + " " + e + " " + (System.nanoTime() - t) / 1000000);
            }
        }
    }
}
