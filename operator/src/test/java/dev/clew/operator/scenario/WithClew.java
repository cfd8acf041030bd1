package dev.clew.operator.scenario;

import dev.clew.devcluster.junit.WithDevCluster;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/** Gives a test class a cluster with a running operator, and each test a {@link Scenario}. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@WithDevCluster(crds = "../crds")
@ExtendWith(ClewExtension.class)
@interface WithClew {}
