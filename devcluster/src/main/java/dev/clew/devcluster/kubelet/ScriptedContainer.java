package dev.clew.devcluster.kubelet;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A container without a process. */
final class ScriptedContainer implements RunningContainer {
    private static final int KILLED = 137;

    private final String id;
    private final Instant startedAt = Instant.now();
    private final int codeOnTerm;
    private final CompletableFuture<ScriptedOutcome.End> end;
    private final CompletableFuture<Exit> exit;

    ScriptedContainer(String id, CompletableFuture<ScriptedOutcome.End> scripted, int codeOnTerm) {
        this.id = id;
        this.codeOnTerm = codeOnTerm;
        this.end = scripted.copy();
        this.exit = end.thenApply(ended -> new Exit(ended.exitCode(), Instant.now(), ended.reason()));
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Instant startedAt() {
        return startedAt;
    }

    @Override
    public CompletableFuture<Exit> exit() {
        return exit;
    }

    @Override
    public void terminate() {
        if (codeOnTerm >= 0) {
            end.complete(ScriptedOutcome.End.of(codeOnTerm));
        }
    }

    @Override
    public void kill() {
        end.complete(ScriptedOutcome.End.of(KILLED));
    }

    @Override
    public Optional<String> collect(Exit ended) {
        return end.join().message();
    }
}
