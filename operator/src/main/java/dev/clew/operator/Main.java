package dev.clew.operator;

import dev.clew.operator.config.OperatorConfig;
import dev.clew.operator.config.OperatorConfig.InvalidConfigException;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.OperatorException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the operator and stops it on SIGTERM. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    /** Takes no arguments; see {@link OperatorConfig} for its settings. */
    public static void main(String[] args) throws InterruptedException {
        try {
            run(OperatorConfig.read(System.getenv()));
        } catch (InvalidConfigException e) {
            LOG.error("cannot start: {}", e.getMessage());
            System.exit(2);
        } catch (IOException | IllegalStateException | KubernetesClientException | OperatorException e) {
            LOG.error("cannot start: {}", e.getMessage(), e);
            System.exit(1);
        }
    }

    /** At once, and past all shutdown hooks: another process may lead, and a new one of this pod stands by soon. */
    private static void lost() {
        LOG.error("lost the Lease: ends, so that there are never two that act");
        Runtime.getRuntime().halt(1);
    }

    private static void run(OperatorConfig config) throws IOException, InterruptedException {
        Configurator.setLevel("dev.clew", Level.valueOf(config.logLevel()));
        config.effective().forEach((key, value) -> LOG.info("{}={}", key, value));
        var stop = new CountDownLatch(1);
        ClewOperator operator = ClewOperator.start(config, Config.autoConfigure(null), Main::lost);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            operator.close();
                            stop.countDown();
                        },
                        "stop"));
        stop.await();
    }
}
