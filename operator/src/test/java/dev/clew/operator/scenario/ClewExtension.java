package dev.clew.operator.scenario;

import dev.clew.devcluster.DevCluster;
import dev.clew.devcluster.junit.DevClusterExtension;
import dev.clew.operator.ClewOperator;
import dev.clew.operator.config.OperatorConfig;
import dev.clew.operator.config.OperatorConfig.Election;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Runs one operator per test run, in this process, and stops it at the end; gives each test its {@link Scenario}. */
final class ClewExtension implements ParameterResolver {
    /** Requests are on their way for five seconds at most here; nothing skips the wait. A busy machine may renew late. */
    static final OperatorConfig CONFIG = new OperatorConfig(
            Set.of(),
            0,
            Duration.ofSeconds(4),
            Duration.ofSeconds(1),
            64,
            "info",
            new Election("default", "scenarios", Duration.ofSeconds(60), Duration.ofSeconds(50), "scenarios"));

    /** Closed by the store at the end of the run, before the cluster, which began earlier. */
    private record Running(ClewOperator operator) implements AutoCloseable {
        @Override
        public void close() {
            operator.close();
        }
    }

    private static Running start(DevCluster cluster) {
        // a test waits for what happens, also on a busy machine; what a test is about it says itself
        Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
        try {
            return new Running(ClewOperator.start(CONFIG, cluster.clientConfig("clew-operator"), () -> {}));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Scenario.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        DevCluster cluster = DevClusterExtension.cluster(context);
        context.getRoot()
                .getStore(Namespace.create(ClewExtension.class))
                .computeIfAbsent(Running.class, key -> start(cluster), Running.class);
        return new Scenario(cluster, DevClusterExtension.namespace(context).name());
    }
}
