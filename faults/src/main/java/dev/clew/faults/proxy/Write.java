package dev.clew.faults.proxy;

/**
 * A write of the operator, named by what it is about, for the names of pods and events are never the same twice.
 *
 * @param namespace where
 * @param about such as "create charge 1", "release undo charge 1", "status" or "finalizer off"
 * @param occurrence which of those about the same, from 1
 */
public record Write(String namespace, String about, int occurrence) {
    /** The name by which plans call it: "create charge 1", "create charge 1 #2", "status 3". */
    public String name() {
        if (about.equals("status") || about.equals("workflow status")) {
            return about + " " + occurrence;
        }
        return occurrence == 1 ? about : about + " #" + occurrence;
    }
}
