package dev.clew.engine.protocol;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is explored of small sagas in full holds for large graphs in schedules taken at random. */
class RandomWalksTest {
    @Property(tries = 100, shrinking = ShrinkingMode.OFF)
    void a_large_graph_is_led_to_its_end(@ForAll @IntRange(min = 10, max = 40) int size, @ForAll long seed) {
        var random = RandomRunsTest.random(seed);
        new Walk(World.Setting.of(Saga.random(random, size), 8), random).go(30 * size);
    }

    @ParameterizedTest
    @EnumSource(names = {"NO_FENCE", "RANDOM_POD_NAMES", "CLAIM_AFTER_CREATE", "NEXT_ATTEMPT_BESIDE_THE_LAST"})
    void what_is_wrong_is_found_there_too(WrongVariant variant) {
        Noticed.by(variant.noticed, seed -> {
            var random = RandomRunsTest.random(seed);
            var setting = World.Setting.of(Saga.random(random, 12), 8).wrong(variant);
            new Walk(setting, random).go(360);
        });
    }
}
