package dev.clew.engine.protocol;

import java.util.Random;

/** What goes wrong with a request. */
interface Faults {
    /** No faults. */
    Faults NONE = new Faults() {
        @Override
        public Fault next(String request) {
            return Fault.NONE;
        }

        @Override
        public SimulatedPod.Fate fate(String attempt) {
            return SimulatedPod.Fate.SUCCEEDS;
        }
    };

    /** One thing that goes wrong. */
    enum Fault {
        /** All goes well. */
        NONE,
        /** The request does not reach the API server. */
        NOT_SENT,
        /** The answer does not reach the process. */
        NO_ANSWER,
        /** The request arrives later, when the process no longer waits for it; only of a create. */
        LATE
    }

    /** What goes wrong with the next request. */
    Fault next(String request);

    /** What the pod of an attempt will do. */
    SimulatedPod.Fate fate(String attempt);

    /** What others do to the pod of an attempt. */
    default SimulatedPod.Circumstances circumstances(String attempt) {
        return SimulatedPod.Circumstances.ORDINARY;
    }

    /** Whether a person changes the run just before the next request about it. */
    default boolean interferes() {
        return false;
    }

    /** Whether the process dies of the fault; else it only hears of an error. */
    default boolean deadly() {
        return false;
    }

    /** Faults at random. */
    static Faults random(Random random, int faultsPerHundred, int failuresPerHundred) {
        return new Faults() {
            @Override
            public Fault next(String request) {
                if (random.nextInt(100) >= faultsPerHundred) {
                    return Fault.NONE;
                }
                return switch (random.nextInt(request.equals("create") ? 3 : 2)) {
                    case 0 -> Fault.NOT_SENT;
                    case 1 -> Fault.NO_ANSWER;
                    default -> Fault.LATE;
                };
            }

            @Override
            public SimulatedPod.Fate fate(String attempt) {
                if (random.nextInt(100) >= failuresPerHundred) {
                    return SimulatedPod.Fate.SUCCEEDS;
                }
                SimulatedPod.Fate[] bad = {
                    SimulatedPod.Fate.FAILS,
                    SimulatedPod.Fate.FAILS,
                    SimulatedPod.Fate.FAILS_OTHERWISE,
                    SimulatedPod.Fate.HANGS,
                    SimulatedPod.Fate.STUBBORN,
                    SimulatedPod.Fate.NEVER_STARTS,
                    SimulatedPod.Fate.UNSCHEDULABLE
                };
                return bad[random.nextInt(bad.length)];
            }

            @Override
            public SimulatedPod.Circumstances circumstances(String attempt) {
                return new SimulatedPod.Circumstances(
                        random.nextInt(20) == 0, random.nextInt(10) == 0, random.nextInt(5) == 0 ? 60 : 30);
            }

            @Override
            public boolean interferes() {
                return random.nextInt(100) == 0;
            }

            @Override
            public boolean deadly() {
                return random.nextBoolean();
            }
        };
    }
}
