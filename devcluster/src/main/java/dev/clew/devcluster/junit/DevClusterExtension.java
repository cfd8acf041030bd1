package dev.clew.devcluster.junit;

import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.DevClusterOptions;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * The extension behind {@link WithDevCluster}: one cluster per test run (with an audit log), closed at its end; one namespace
 * per test method.
 */
public final class DevClusterExtension implements BeforeAllCallback, ParameterResolver {
    /** A system property with files or directories of custom resource definitions, separated as in a path. */
    public static final String CRDS_PROPERTY = "clew.devcluster.crds";

    private static final Namespace NAMESPACE = Namespace.create(DevClusterExtension.class);

    /** The cluster of the run; the store closes it. */
    private static final class Shared implements AutoCloseable {
        private final DevCluster cluster;
        private final Set<Path> crds = ConcurrentHashMap.newKeySet();

        Shared(List<Path> first) {
            crds.addAll(first);
            DevClusterOptions options = DevClusterOptions.defaults().withAuditLog();
            for (Path path : first) {
                options = options.withCrds(path);
            }
            this.cluster = DevCluster.start(options);
        }

        void apply(List<Path> paths) {
            paths.stream().filter(crds::add).forEach(cluster::applyCrds);
        }

        @Override
        public void close() {
            cluster.close();
        }
    }

    /** The namespace of a test; the store closes it. */
    private record Lent(TestNamespace namespace, KubernetesClient client) implements AutoCloseable {
        static Lent create(String test, DevCluster cluster) {
            KubernetesClient client = cluster.client();
            String readable = test.replaceAll("[^A-Za-z0-9]+", "-").toLowerCase(Locale.ROOT);
            String name = "t-" + readable.substring(0, Math.min(40, readable.length())) + "-"
                    + UUID.randomUUID().toString().substring(0, 8);
            name = name.replaceAll("-+", "-");
            client.namespaces()
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .endMetadata()
                            .build())
                    .create();
            cluster.awaitServiceAccount(name);
            return new Lent(new TestNamespace(name), client);
        }

        @Override
        public void close() {
            try {
                client.namespaces().withName(namespace.name()).delete();
            } catch (KubernetesClientException e) {
                if (e.getCode() != 404 && e.getCode() != 409) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        shared(context).apply(crds(context));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == DevCluster.class
                || type == KubernetesClient.class
                || (type == TestNamespace.class && context.getTestMethod().isPresent());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        DevCluster cluster = shared(context).cluster;
        if (type == DevCluster.class) {
            return cluster;
        }
        if (type == KubernetesClient.class) {
            return cluster.client();
        }
        return namespace(context, cluster).namespace();
    }

    /** The cluster of the test run; for extensions that build on this one. */
    public static DevCluster cluster(ExtensionContext context) {
        return shared(context).cluster;
    }

    /** The namespace of a test; for extensions that build on this one. */
    public static TestNamespace namespace(ExtensionContext context) {
        return namespace(context, cluster(context)).namespace();
    }

    private static Shared shared(ExtensionContext context) {
        List<Path> crds = crds(context);
        Store store = context.getRoot().getStore(NAMESPACE);
        return store.computeIfAbsent(Shared.class, key -> new Shared(crds), Shared.class);
    }

    /** Kept at the method, so that its {@code @BeforeEach}, the test itself and {@code @AfterEach} share it. */
    private static Lent namespace(ExtensionContext context, DevCluster cluster) {
        String test = context.getTestMethod().map(method -> method.getName()).orElse("test");
        return context.getStore(NAMESPACE).computeIfAbsent(Lent.class, key -> Lent.create(test, cluster), Lent.class);
    }

    private static List<Path> crds(ExtensionContext context) {
        List<Path> paths = new ArrayList<>();
        for (String path : System.getProperty(CRDS_PROPERTY, "").split(File.pathSeparator, -1)) {
            if (!path.isBlank()) {
                paths.add(normal(path));
            }
        }
        AnnotationSupport.findAnnotation(context.getRequiredTestClass(), WithDevCluster.class)
                .ifPresent(annotation -> {
                    for (String path : annotation.crds()) {
                        paths.add(normal(path));
                    }
                });
        return paths;
    }

    private static Path normal(String path) {
        return Path.of(path).toAbsolutePath().normalize();
    }
}
