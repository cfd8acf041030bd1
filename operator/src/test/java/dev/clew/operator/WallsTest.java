package dev.clew.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.clew.operator.deletion.Deletions;
import dev.clew.operator.event.Events;
import dev.clew.operator.pod.Pods;
import dev.clew.operator.status.StatusWriter;
import dev.clew.operator.workflow.Revisions;
import java.util.Set;

@AnalyzeClasses(packages = "dev.clew", importOptions = ImportOption.DoNotIncludeTests.class)
class WallsTest {
    private static DescribedPredicate<JavaMethodCall> callTo(String what, Set<String> names) {
        return DescribedPredicate.describe(
                what,
                call -> names.contains(call.getName())
                        && call.getTargetOwner().getPackageName().startsWith("io.fabric8.kubernetes.client"));
    }

    private static final Set<String> WRITES = Set.of(
            "create",
            "createOr",
            "createOrReplace",
            "delete",
            "edit",
            "editStatus",
            "patch",
            "patchStatus",
            "raw",
            "replace",
            "replaceStatus",
            "serverSideApply",
            "update",
            "updateStatus");

    @ArchTest
    static final ArchRule ONE_CLASS_WRITES_STATUS = noClasses()
            .that()
            .resideInAPackage("dev.clew.operator..")
            .and()
            .doNotBelongToAnyOf(StatusWriter.class)
            .should()
            .callMethodWhere(callTo(
                    "a write of status",
                    Set.of("subresource", "updateStatus", "patchStatus", "editStatus", "replaceStatus")));

    @ArchTest
    static final ArchRule ONE_CLASS_TOUCHES_PODS = noClasses()
            .that()
            .resideInAPackage("dev.clew.operator..")
            .and()
            .doNotBelongToAnyOf(Pods.class)
            .should()
            .callMethodWhere(callTo("a request about pods", Set.of("pods")));

    /** Status, pods, finalizers of runs, revisions, events, deletions, the Lease: each has its one class, and nothing else writes. */
    @ArchTest
    static final ArchRule SEVEN_CLASSES_WRITE = noClasses()
            .that()
            .resideInAPackage("dev.clew.operator..")
            .and()
            .haveSimpleNameNotStartingWith("KubernetesCluster")
            .and()
            .doNotHaveSimpleName("OwnClockLease")
            .and()
            .doNotBelongToAnyOf(StatusWriter.class, Pods.class, Revisions.class, Events.class, Deletions.class)
            .should()
            .callMethodWhere(callTo("a write", WRITES));

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("dev.clew.operator.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule DEPENDENCIES_POINT_ONE_WAY = noClasses()
            .that()
            .resideInAnyPackage("dev.clew.api..", "dev.clew.engine..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.clew.operator..", "dev.clew.devcluster..", "io.javaoperatorsdk..");
}
