package dev.clew.devcluster.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a development cluster. All classes of a test run share one, which starts when the first test needs it;
 * each test method has a namespace of its own. Parameters of these types are injected into test and life-cycle methods:
 * {@link dev.clew.devcluster.DevCluster}, {@link io.fabric8.kubernetes.client.KubernetesClient} and, for a test and its
 * {@code @BeforeEach} and {@code @AfterEach}, {@link TestNamespace}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(DevClusterExtension.class)
public @interface WithDevCluster {
    /**
     * Files or directories with custom resource definitions, relative to the module's directory. Those of the class that
     * starts the cluster are applied before the controller manager starts; those of a later class, that it has not seen,
     * when that class begins (the garbage collector then needs up to 30 s to learn of them). More can be named in the system
     * property {@value DevClusterExtension#CRDS_PROPERTY}, separated as in a path.
     */
    String[] crds() default {};
}
