package dev.clew.faults.bench;

import dev.clew.operator.ClewOperator;
import dev.clew.operator.config.OperatorConfig;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;

/** An operator as a process whose clock is apart from that of this machine, by so many seconds. */
public final class ClockApart {
    private ClockApart() {}

    /** Runs until it is killed. */
    public static void main(String[] args) throws IOException {
        var clock = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(Long.parseLong(args[0])));
        ClewOperator.start(
                OperatorConfig.read(System.getenv()),
                Config.autoConfigure(null),
                () -> Runtime.getRuntime().halt(1),
                clock);
    }
}
