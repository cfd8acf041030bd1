package dev.clew.devcluster.kubelet;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Containers that only follow a script. */
final class ScriptedContainers implements ContainerSource {
    private final ScriptedOutcome outcome;

    ScriptedContainers(ScriptedOutcome outcome) {
        this.outcome = outcome;
    }

    @Override
    public boolean announcesCreation() {
        return false;
    }

    @Override
    public Duration startDelay() {
        return Duration.ZERO;
    }

    @Override
    public Duration terminalDelay() {
        return outcome instanceof ScriptedOutcome.Exits exits ? exits.phaseDelay() : Duration.ZERO;
    }

    @Override
    public Start start(Pod pod, Container container, int attempt) {
        String id = "scripted://" + UUID.randomUUID().toString().replace("-", "");
        boolean isMain = pod.getSpec().getContainers().stream()
                .anyMatch(other -> other.getName().equals(container.getName()));
        if (!isMain) {
            return new Start.Started(new ScriptedContainer(id, ended(ScriptedOutcome.End.of(0)), 143));
        }
        boolean leads = leading(pod).equals(container.getName());
        return switch (outcome) {
            case ScriptedOutcome.NeverStarts never -> new Start.NotCreated(never.reason(), never.text());
            case ScriptedOutcome.Held held ->
                new Start.Started(
                        new ScriptedContainer(id, held.end().thenApply(end -> leads ? end : withoutMessage(end)), 143));
            case ScriptedOutcome.Exits exits -> {
                var end =
                        new ScriptedOutcome.End(exits.code(), leads ? exits.text() : Optional.empty(), exits.because());
                yield new Start.Started(new ScriptedContainer(id, endedAfter(end, exits.delay()), exits.codeOnTerm()));
            }
        };
    }

    private static String leading(Pod pod) {
        List<String> names =
                pod.getSpec().getContainers().stream().map(Container::getName).toList();
        return names.contains("main") ? "main" : names.getFirst();
    }

    private static ScriptedOutcome.End withoutMessage(ScriptedOutcome.End end) {
        return new ScriptedOutcome.End(end.exitCode(), Optional.empty(), end.reason());
    }

    private static CompletableFuture<ScriptedOutcome.End> endedAfter(ScriptedOutcome.End end, Duration delay) {
        return delay.isZero()
                ? ended(end)
                : new CompletableFuture<ScriptedOutcome.End>()
                        .completeOnTimeout(end, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static CompletableFuture<ScriptedOutcome.End> ended(ScriptedOutcome.End end) {
        return CompletableFuture.completedFuture(end);
    }
}
