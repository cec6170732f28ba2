package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The memory of a killed process comes back late, as with NVIDIA's driver; that of one that ends by itself does not. */
class LateMemoryTest {
    private static final int BLOCKS = 16;
    private static final int TAKEN = 9;

    @TempDir
    private Path cards;

    private void install(int lateMs) throws Exception {
        Card.install(cards, Card.of(BLOCKS * Card.BLOCK).with("late_memory_ms=" + lateMs));
    }

    @Test
    void ofAKilledProcessIsUsedUntilItIsDue() throws Exception {
        install(10_000);
        try (Child victim = Child.start(cards, Map.of(), LateMemoryTest.class, "holdNineBlocks");
                Child next = Child.start(cards, Map.of(), LateMemoryTest.class, "waitForAll")) {
            assertThat(victim.line()).isEqualTo("took 9");
            assertThat(next.line()).isEqualTo("ready");
            victim.kill();
            next.go();
            next.awaitSuccess();
        }
    }

    static void holdNineBlocks() throws Exception {
        Cuda cuda = Cuda.withContext();
        cuda.allocate(TAKEN * Card.BLOCK);
        Child.tell("took 9");
        Child.awaitParent();
    }

    static void waitForAll() throws Exception {
        Cuda cuda = Cuda.withContext();
        Child.tell("ready");
        Child.awaitParent();
        assertThat(cuda.freeBytes()).isEqualTo((BLOCKS - TAKEN) * Card.BLOCK);
        assertThat(cuda.tryAllocate((BLOCKS - TAKEN) * Card.BLOCK + 1)).isEqualTo(Cuda.OUT_OF_MEMORY);
        cuda.allocate((BLOCKS - TAKEN) * Card.BLOCK);
        Awaitility.await()
                .pollInSameThread()
                .atMost(Duration.ofSeconds(40))
                .until(() -> cuda.tryAllocate(TAKEN * Card.BLOCK) == Cuda.SUCCESS);
    }

    @Test
    void ofAProcessThatExitsIsThereAtOnce() throws Exception {
        install(60_000);
        Child.run(cards, LateMemoryTest.class, "takeAllAndExit");
        Child.run(cards, LateMemoryTest.class, "takeAllAndExit");
    }

    static void takeAllAndExit() {
        Cuda.withContext().allocate(BLOCKS * Card.BLOCK);
    }

    @Test
    void whatAProcessFreedBeforeItWasKilledIsThereAtOnce() throws Exception {
        install(60_000);
        try (Child victim = Child.start(cards, Map.of(), LateMemoryTest.class, "freeAndStay")) {
            assertThat(victim.line()).isEqualTo("freed");
            victim.kill();
        }
        Child.run(cards, LateMemoryTest.class, "takeAllAndExit");
    }

    static void freeAndStay() throws Exception {
        Cuda cuda = Cuda.withContext();
        Cuda.check(cuda.cuMemFree_v2(cuda.allocate(TAKEN * Card.BLOCK)));
        Child.tell("freed");
        Child.awaitParent();
    }
}
