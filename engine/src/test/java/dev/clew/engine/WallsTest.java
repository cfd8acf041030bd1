package dev.clew.engine;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executor;

/** The engine decides, and does nothing else: what it needs to know is passed in. */
@AnalyzeClasses(packages = "dev.clew.engine", importOptions = ImportOption.DoNotIncludeTests.class)
class WallsTest {
    @ArchTest
    static final ArchRule knows_no_kubernetes_client = noClasses()
            .should()
            .dependOnClassesThat(
                    resideInAPackage("io.fabric8.kubernetes.client..").or(resideInAPackage("io.javaoperatorsdk..")));

    @ArchTest
    static final ArchRule knows_neither_operator_nor_development_cluster = noClasses()
            .should()
            .dependOnClassesThat(resideInAPackage("dev.clew..")
                    .and(not(resideInAPackage("dev.clew.engine..")))
                    .and(not(resideInAPackage("dev.clew.api.."))));

    @ArchTest
    static final ArchRule has_no_clock = noClasses()
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(LocalDateTime.class, "now")
            .orShould()
            .callMethod(ZonedDateTime.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Clock.class);

    @ArchTest
    static final ArchRule has_no_randomness = noClasses()
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Random.class)
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .orShould()
            .callMethod(Math.class, "random");

    @ArchTest
    static final ArchRule has_no_thread = noClasses()
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Executor.class);

    @ArchTest
    static final ArchRule logs_nothing = noClasses()
            .should()
            .dependOnClassesThat(resideInAPackage("org.slf4j..")
                    .or(resideInAPackage("java.util.logging.."))
                    .or(resideInAPackage("org.apache.logging..")))
            .orShould()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    @ArchTest
    static final ArchRule has_no_cycles_between_packages =
            slices().matching("dev.clew.engine.(**)").should().beFreeOfCycles();
}
