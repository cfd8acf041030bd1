package dev.clew.faults.plan;

import dev.clew.faults.history.EffectLedger;
import java.util.Optional;
import java.util.Set;

/** A run that plans disturb. Its container's begin is what its user waits for before asking for an end. */
public enum Flow implements Performable {
    /** A Workflow of three steps that fails at the third, the second having been retried. */
    SAGA("saga", Ask.NOTHING, "Failed") {
        @Override
        String steps(EffectLedger ledger) {
            return step(ledger, "reserve", "0", "0", "    outputs: [id]\n", "id=r-1")
                    + step(ledger, "charge", "0", "CLEW_ATTEMPT==1", "    retry: {limit: 1, backoffSeconds: 0}\n", "")
                    + step(ledger, "ship", "0", "1", "", "");
        }

        @Override
        String inOrder() {
            return """
                    create revision, workflow status 1, event ValidWithWarnings, finalizer on, status 1,
                    create reserve 1, status 2, create charge 1, release reserve 1, status 3, create charge 2,
                    release charge 1, status 4, create ship 1, release charge 2, status 5, event Compensating,
                    create undo ship 1, release ship 1, status 6, create undo charge 1, release undo ship 1, status 7,
                    create undo reserve 1, release undo charge 1, status 8, event Failed, release undo reserve 1,
                    finalizer off""";
        }
    },
    /** Two steps that succeed. */
    SUCCESS("success", Ask.NOTHING, "Succeeded") {
        @Override
        String steps(EffectLedger ledger) {
            return step(ledger, "reserve", "0", "0", "", "") + step(ledger, "charge", "0", "0", "", "");
        }

        @Override
        String inOrder() {
            return """
                    finalizer on, status 1, create reserve 1, status 2, create charge 1, release reserve 1, status 3,
                    event Succeeded, release charge 1, finalizer off""";
        }
    },
    /** Its user cancels it while its second step runs. */
    CANCEL("cancel", Ask.CANCEL, "Cancelled") {
        @Override
        String steps(EffectLedger ledger) {
            return step(ledger, "reserve", "0", "0", "", "") + step(ledger, "charge", "600", "0", "", "");
        }

        @Override
        String inOrder() {
            return """
                    finalizer on, status 1, create reserve 1, status 2, create charge 1, release reserve 1, status 3,
                    event Compensating, delete charge 1, status 4, create undo charge 1, release charge 1, status 5,
                    create undo reserve 1, release undo charge 1, status 6, event Cancelled, release undo reserve 1,
                    finalizer off""";
        }
    },
    /** Its user deletes it while its second step runs. */
    DELETION("deletion", Ask.DELETE, "Cancelled") {
        @Override
        String steps(EffectLedger ledger) {
            return step(ledger, "reserve", "0", "0", "", "") + step(ledger, "charge", "600", "0", "", "");
        }

        @Override
        String inOrder() {
            return """
                    finalizer on, status 1, create reserve 1, status 2, create charge 1, release reserve 1, status 3,
                    event Compensating, delete charge 1, status 4, create undo charge 1, release charge 1, status 5,
                    create undo reserve 1, release undo charge 1, status 6, event Cancelled, release undo reserve 1,
                    delete undo charge 1, delete undo reserve 1, finalizer off""";
        }
    };

    /** What the user asks for. */
    public enum Ask {
        NOTHING,
        CANCEL,
        ROLL_BACK,
        DELETE
    }

    private final String label;
    private final Ask ask;
    private final String phase;

    Flow(String label, Ask ask, String phase) {
        this.label = label;
        this.ask = ask;
        this.phase = phase;
    }

    abstract String steps(EffectLedger ledger);

    abstract String inOrder();

    /** The names of the writes that the operator makes of it when nothing disturbs it. */
    public Set<String> writes() {
        return Set.of(inOrder().strip().split(",\\s+", -1));
    }

    /** Its name in the names of plans. */
    public String label() {
        return label;
    }

    @Override
    public Ask ask() {
        return ask;
    }

    @Override
    public Optional<String> askAt() {
        return Optional.of("charge");
    }

    /** How it ends. */
    public String phase() {
        return phase;
    }

    /** The name of its run. */
    @Override
    public String run() {
        return "trip";
    }

    /** The name of its Workflow, if it has one. */
    @Override
    public Optional<String> workflow() {
        return this == SAGA ? Optional.of("trips") : Optional.empty();
    }

    /** What its user sets {@code desiredState} to. */
    @Override
    public Set<String> desired() {
        return ask == Ask.CANCEL ? Set.of("Cancelled") : Set.of();
    }

    /** The Workflow in YAML. */
    @Override
    public String workflowYaml(EffectLedger ledger) {
        return """
                apiVersion: clew.dev/v1alpha1
                kind: Workflow
                metadata: {name: trips, labels: {team: shop}, annotations: {note: mine}}
                spec:
                """ + spec(ledger).indent(2);
    }

    /** The run in YAML. */
    @Override
    public String runYaml(EffectLedger ledger) {
        String head = """
                apiVersion: clew.dev/v1alpha1
                kind: WorkflowRun
                metadata: {name: trip, labels: {team: shop}, annotations: {note: mine}}
                spec:
                """;
        return workflow().isPresent()
                ? head + "  workflowRef: {name: trips}\n"
                : head + "  workflow:\n" + spec(ledger).indent(4);
    }

    private String spec(EffectLedger ledger) {
        return "pod: {terminationGracePeriodSeconds: 5}\nsteps:\n" + steps(ledger);
    }

    private static String step(
            EffectLedger ledger, String name, String seconds, String exit, String more, String output) {
        return "- name: " + name + "\n" + more.replaceAll("(?m)^  ", "")
                + "  container: " + ledger.container(seconds, exit, output) + "\n"
                + "  compensation: {container: " + ledger.container("0", "0", "") + "}\n";
    }
}
