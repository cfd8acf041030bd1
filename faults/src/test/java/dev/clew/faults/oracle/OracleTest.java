package dev.clew.faults.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every guarantee: a history that violates it is told, and one that comes near and does not is let pass. */
class OracleTest {
    private static Set<String> told(Story story) {
        return told(story, Set.of(), Judged.NONE_HELD);
    }

    private static Set<String> told(Story story, Set<String> desired, String held) {
        Set<String> guarantees = new TreeSet<>();
        Guarantees.violations(new Judged(story.history(), desired, Set.of("pods/bystander"), held))
                .forEach(violation -> guarantees.add(violation.guarantee()));
        return guarantees;
    }

    private static Story reserved() {
        return new Story().attempt("reserve 1", 0);
    }

    private static Story undone(Story story) {
        return story.turnBack().attempt("undo charge 1", 0).attempt("undo reserve 1", 0);
    }

    private static Story failed(Story story) {
        return undone(story).phase("Failed").letGo();
    }

    @Test
    void aSagaThatFailsAndIsUndoneViolatesNothing() {
        assertThat(told(failed(reserved().attempt("charge 1", 1)))).isEmpty();
    }

    @Test
    void g1TwoPodsOfOneAttemptStart() {
        Story story = reserved()
                .claim("charge 1")
                .create("charge 1")
                .begin("charge 1")
                .end("charge 1", 1);
        assertThat(told(failed(story.create("charge 1")
                        .begin("charge 1")
                        .end("charge 1", 1)
                        .over("charge 1", 1))))
                .containsExactly("G1", "G6");
    }

    @Test
    void g1AnAttemptBeginsBeforeTheOneBeforeHasEnded() {
        Story story = reserved().claim("charge 1").create("charge 1").begin("charge 1");
        story.claim("charge 2")
                .create("charge 2")
                .begin("charge 2")
                .end("charge 1", 1)
                .over("charge 1", 1);
        assertThat(told(failed(story.end("charge 2", 1).over("charge 2", 1)))).containsExactly("G1");
    }

    @Test
    void g1AnEarlierAttemptBeginsAfterALaterOne() {
        Story story = reserved().claim("charge 1").attempt("charge 2", 1);
        story.create("charge 1").begin("charge 1").end("charge 1", 1).over("charge 1", 1);
        assertThat(told(failed(story))).containsExactly("G1");
    }

    @Test
    void g1HoldsForAttemptsOneAfterTheOther() {
        assertThat(told(failed(reserved().attempt("charge 1", 1).attempt("charge 2", 1))))
                .isEmpty();
    }

    @Test
    void g2APodExistsBeforeItsAttemptIsClaimed() {
        Story story = reserved()
                .create("charge 1")
                .claim("charge 1")
                .begin("charge 1")
                .end("charge 1", 1);
        assertThat(told(failed(story.over("charge 1", 1)))).containsExactly("G2");
    }

    @Test
    void g2APodCanDisappearBeforeItsOutcomeIsRecorded() {
        Story story = reserved()
                .claim("charge 1")
                .create("charge 1")
                .begin("charge 1")
                .end("charge 1", 1);
        assertThat(told(failed(story.release("charge 1").record("charge 1", "Failed"))))
                .containsExactly("G2");
    }

    @Test
    void g2HoldsIfAPodIsGoneAfterItsOutcomeIsRecorded() {
        assertThat(told(failed(reserved().attempt("charge 1", 1).gone("charge 1"))))
                .isEmpty();
    }

    @Test
    void g3AStepThatBeganIsNotUndone() {
        Story story = reserved().attempt("charge 1", 1).turnBack().attempt("undo charge 1", 0);
        assertThat(told(story.phase("Failed").letGo())).containsExactly("G3");
    }

    @Test
    void g3AnEndIsLeft() {
        Story story = undone(reserved().attempt("charge 1", 1)).phase("Failed").phase("Running");
        assertThat(told(story.phase("Failed").letGo())).containsExactly("G3");
    }

    @Test
    void g3HoldsIfASuccessIsRolledBackAsItsUserAsks() {
        Story story = reserved().attempt("charge 1", 0).phase("Succeeded").desire("RolledBack");
        Story rolledBack =
                undone(story.phase("Compensating")).phase("RolledBack").letGo();
        assertThat(told(rolledBack, Set.of("RolledBack"), Judged.NONE_HELD)).isEmpty();
    }

    @Test
    void g4ACompensationStartsBeforeTheLastForwardAttemptIsOver() {
        Story story = reserved()
                .claim("charge 1")
                .create("charge 1")
                .begin("charge 1")
                .turnBack();
        story.claim("undo charge 1").create("undo charge 1").begin("undo charge 1");
        story.end("charge 1", 1).over("charge 1", 1).end("undo charge 1", 0).over("undo charge 1", 0);
        assertThat(told(story.attempt("undo reserve 1", 0).phase("Failed").letGo()))
                .containsExactly("G4");
    }

    @Test
    void g4ACompensationStartsBeforeTheOneBeforeItIsOver() {
        Story story = reserved().attempt("charge 1", 1).turnBack();
        story.claim("undo charge 1").create("undo charge 1").begin("undo charge 1");
        story.attempt("undo reserve 1", 0).end("undo charge 1", 0).over("undo charge 1", 0);
        assertThat(told(story.phase("Failed").letGo())).containsExactly("G4");
    }

    @Test
    void g5AnAttemptIsClaimedAfterTheRunHasTurnedBack() {
        Story story = undone(reserved().attempt("charge 1", 1)).record("ship 1", "NotStarted");
        assertThat(told(story.phase("Failed").letGo())).containsExactly("G5");
    }

    @Test
    void g5APodIsMadeAfterTheRunHasTurnedBackUnlessThePlanHeldItBack() {
        Story story = reserved().claim("charge 1").turnBack().create("charge 1").begin("charge 1");
        story.end("charge 1", 1).over("charge 1", 1);
        failed(story);
        assertThat(told(story)).containsExactly("G5");
        assertThat(told(story, Set.of(), "charge 2")).containsExactly("G5");
        assertThat(told(story, Set.of(), "charge 1")).isEmpty();
    }

    @Test
    void g6TheRunHasNotEnded() {
        assertThat(told(undone(reserved().attempt("charge 1", 1)))).containsExactly("G6");
    }

    @Test
    void g6APodIsStillHeld() {
        Story story = reserved()
                .claim("charge 1")
                .create("charge 1")
                .begin("charge 1")
                .end("charge 1", 1);
        assertThat(told(failed(story.record("charge 1", "Failed")))).containsExactly("G6");
    }

    @Test
    void g7TheUsersLabelsAreChanged() {
        assertThat(told(failed(reserved().label("other").attempt("charge 1", 1))))
                .containsExactly("G7");
    }

    @Test
    void g7DesiredStateIsWhatItsUserHasSetAndNothingElse() {
        Story story = failed(reserved().attempt("charge 1", 1).desire("Cancelled"));
        assertThat(told(story)).containsExactly("G7");
        assertThat(told(story, Set.of("Cancelled"), Judged.NONE_HELD)).isEmpty();
    }

    @Test
    void aLateStartMayBeThatAndNothingElse() {
        Story story = failed(reserved().attempt("charge 1", 1));
        assertThat(LateStart.of(story.history(), "charge 1").violations())
                .extracting(Violation::guarantee)
                .containsExactly("plan");
        story.create("charge 1").begin("charge 1");
        assertThat(LateStart.of(story.history(), "charge 1").violations())
                .extracting(Violation::guarantee)
                .containsExactly("G6");
        LateStart late = LateStart.of(story.gone("charge 1").history(), "charge 1");
        assertThat(late.violations()).isEmpty();
        assertThat(Guarantees.violations(new Judged(late.rest(), Set.of(), Set.of(), "charge 1")))
                .isEmpty();
    }
}
