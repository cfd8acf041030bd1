package dev.clew.faults.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every guarantee: a history that violates it is told, and one that comes near and does not is let pass. */
class OracleTest {
    private static Set<String> told(Story story) {
        return told(story, Set.of(), Judged.NONE_HELD);
    }

    private static Set<String> told(Story story, Set<String> desired, Set<String> held) {
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
        assertThat(told(story.phase("Failed").letGo())).containsExactly("G4", "order");
    }

    @Test
    void g4ACompensationStartsBeforeThatOfADependent() {
        Story story = reserved().attempt("charge 1", 1).turnBack();
        story.attempt("undo reserve 1", 0).attempt("undo charge 1", 0);
        assertThat(told(story.phase("Failed").letGo())).containsExactly("G4");
    }

    @Test
    void g4ACompensationThatFailedIsTriedAgainBeforeTheNext() {
        Story story = reserved().attempt("charge 1", 1).turnBack().attempt("undo charge 1", 1);
        story.attempt("undo charge 2", 0).attempt("undo reserve 1", 0);
        assertThat(told(story.phase("Failed").letGo())).isEmpty();
        Story tooEarly = reserved().attempt("charge 1", 1).turnBack().attempt("undo charge 1", 1);
        tooEarly.attempt("undo reserve 1", 0).attempt("undo charge 2", 0);
        assertThat(told(tooEarly.phase("Failed").letGo())).containsExactly("G4");
    }

    /** Two branches that meet. */
    private static Story branches(Map<String, Object> more) {
        Map<String, Object> workflow = new HashMap<>(more);
        workflow.put("order", "Graph");
        workflow.put("steps", List.of(Story.step("join", "left", "right"), Story.step("left"), Story.step("right")));
        return new Story().works(workflow);
    }

    /** Two attempts beside each other. */
    private static Story both(Story story, String one, String other) {
        story.claim(one).create(one).begin(one).claim(other).create(other).begin(other);
        return story.end(one, 0).over(one, 0).end(other, 0).over(other, 0);
    }

    private static Story joinFailed(Map<String, Object> more) {
        return both(branches(more), "right 1", "left 1").attempt("join 1", 1).turnBack();
    }

    @Test
    void branchesMayRunAndBeUndoneInAnyOrder() {
        Story story = joinFailed(Map.of()).attempt("undo join 1", 0);
        story.attempt("undo right 1", 0).attempt("undo left 1", 0);
        assertThat(told(story.phase("Failed").letGo())).isEmpty();
    }

    @Test
    void g4ABranchIsUndoneBeforeWhatDependsOnIt() {
        Story story = joinFailed(Map.of()).attempt("undo left 1", 0);
        story.attempt("undo join 1", 0).attempt("undo right 1", 0);
        assertThat(told(story.phase("Failed").letGo())).containsExactly("G4");
    }

    @Test
    void branchesAreUndoneBesideEachOtherOnlyIfThatIsDeclared() {
        Story story = joinFailed(Map.of()).attempt("undo join 1", 0);
        both(story, "undo left 1", "undo right 1").phase("Failed").letGo();
        assertThat(told(story)).containsExactly("order");
        Story declared = joinFailed(Map.of("compensation", Map.of("order", "Graph")));
        both(declared.attempt("undo join 1", 0), "undo left 1", "undo right 1");
        assertThat(told(declared.phase("Failed").letGo())).isEmpty();
    }

    @Test
    void noMoreStepsRunAtATimeThanIsDeclared() {
        Story story = both(branches(Map.of("maxParallelSteps", 1)), "left 1", "right 1");
        assertThat(told(story.attempt("join 1", 0).phase("Succeeded").letGo())).containsExactly("order");
    }

    @Test
    void aStepBeginsOnceThoseBeforeItAreDone() {
        Story story = branches(Map.of()).attempt("left 1", 0).attempt("join 1", 0);
        assertThat(told(story.attempt("right 1", 0).phase("Succeeded").letGo())).containsExactly("order");
    }

    @Test
    void aStepWithoutACompensationIsNotUndone() {
        Map<String, Object> workflow = Map.of("steps", List.of(Map.of("name", "reserve"), Story.step("charge")));
        Story story = new Story().works(workflow).attempt("reserve 1", 0).attempt("charge 1", 1);
        story.turnBack().attempt("undo charge 1", 0).phase("Failed").letGo();
        assertThat(told(story)).isEmpty();
    }

    @Test
    void aRunThatStallsPastItsPivotMayBeRolledBack() {
        Story story = reserved().attempt("charge 1", 1).phase("Stalled").desire("RolledBack");
        undone(story).phase("RolledBack").letGo();
        assertThat(told(story, Set.of("RolledBack"), Judged.NONE_HELD)).isEmpty();
    }

    @Test
    void g4AStepIsUndoneThoughTheUndoingOfALaterOneHasFailed() {
        Story story = reserved().attempt("charge 1", 1).turnBack().attempt("undo charge 1", 1);
        story.attempt("undo reserve 1", 0).attempt("undo charge 2", 0);
        assertThat(told(story.phase("Failed").letGo())).containsExactly("G4");
    }

    @Test
    void g4ACompensationsPodIsMadeBeforeTheOneBeforeItIsOver() {
        Story story = reserved().attempt("charge 1", 1).turnBack();
        story.claim("undo charge 1").create("undo charge 1");
        story.claim("undo reserve 1").create("undo reserve 1");
        story.begin("undo charge 1").end("undo charge 1", 0).over("undo charge 1", 0);
        story.begin("undo reserve 1").end("undo reserve 1", 0).over("undo reserve 1", 0);
        assertThat(told(story.phase("Failed").letGo())).containsExactly("G4");
    }

    @Test
    void g3ARunIsLetGoBeforeItsEnd() {
        Story story = undone(reserved().attempt("charge 1", 1));
        assertThat(told(story.phase("Compensating").letGo().vanished())).containsExactly("G3");
    }

    @Test
    void g1IsAboutPodsAndAProgramMayBeStartedTwiceInOne() {
        Story story = reserved().claim("charge 1").create("charge 1").begin("charge 1");
        story.begin("charge 1").end("charge 1", 1).over("charge 1", 1);
        assertThat(told(failed(story))).isEmpty();
    }

    @Test
    void g5AnAttemptIsClaimedInTheWriteThatTurnsBack() {
        Story story = reserved().attempt("charge 1", 1).turnBackAndClaim("ship 1");
        assertThat(told(failed(story.record("ship 1", "NotStarted")))).containsExactly("G5");
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
        assertThat(told(story, Set.of(), Set.of("charge 2"))).containsExactly("G5");
        assertThat(told(story, Set.of(), Set.of("charge 1"))).isEmpty();
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
    void g7WhatItsUserHasSetIsTakenBack() {
        Story story = failed(reserved().attempt("charge 1", 1).desire("Cancelled"));
        assertThat(told(story.desire("Running"), Set.of("Cancelled"), Judged.NONE_HELD))
                .containsExactly("G7");
    }

    @Test
    void aLateStartMayBeThatAndNothingElse() {
        Story story = failed(reserved().attempt("charge 1", 1)).vanished();
        assertThat(LateStart.of(story.history(), "charge 1").violations())
                .extracting(Violation::guarantee)
                .containsExactly("plan");
        story.create("charge 1").begin("charge 1");
        assertThat(LateStart.of(story.history(), "charge 1").violations())
                .extracting(Violation::guarantee)
                .containsExactly("G6");
        LateStart late = LateStart.of(story.gone("charge 1").history(), "charge 1");
        assertThat(late.violations()).isEmpty();
        assertThat(Guarantees.violations(new Judged(late.rest(), Set.of(), Set.of(), Set.of("charge 1"))))
                .isEmpty();
    }
}
