package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CapacityTest {
    private static final int BLOCKS = 16;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(BLOCKS * Card.BLOCK));
    }

    @Test
    void twoProcessesShareOneCardToTheExactBlock() throws Exception {
        try (Child one = Child.start(cards, Map.of(), CapacityTest.class, "takeNineBlocks");
                Child two = Child.start(cards, Map.of(), CapacityTest.class, "takeWhatIsLeft")) {
            assertThat(one.line()).isEqualTo("took 9");
            two.go();
            assertThat(two.line()).isEqualTo("took 7");
            one.go();
            one.awaitSuccess();
            two.go();
            two.awaitSuccess();
        }
    }

    static void takeNineBlocks() throws Exception {
        Cuda cuda = Cuda.withContext();
        cuda.allocate(9 * Card.BLOCK);
        Child.tell("took 9");
        Child.awaitParent();
        assertThat(cuda.tryAllocate(Card.BLOCK)).isEqualTo(Cuda.OUT_OF_MEMORY);
        assertThat(cuda.freeBytes()).isZero();
    }

    static void takeWhatIsLeft() throws Exception {
        Cuda cuda = Cuda.withContext();
        Child.awaitParent();
        assertThat(cuda.freeBytes()).isEqualTo(7 * Card.BLOCK);
        assertThat(cuda.tryAllocate(7 * Card.BLOCK + 1)).isEqualTo(Cuda.OUT_OF_MEMORY);
        cuda.allocate(7 * Card.BLOCK);
        Child.tell("took 7");
        Child.awaitParent();
        cuda.allocate(9 * Card.BLOCK);
    }

    @Test
    void aKilledProcessGivesItsMemoryBack() throws Exception {
        try (Child victim = Child.start(cards, Map.of(), CapacityTest.class, "takeNineBlocks")) {
            assertThat(victim.line()).isEqualTo("took 9");
            victim.kill();
        }
        Child.run(cards, CapacityTest.class, "takeAll");
    }

    static void takeAll() {
        Cuda cuda = Cuda.withContext();
        assertThat(cuda.freeBytes()).isEqualTo(BLOCKS * Card.BLOCK);
        cuda.allocate(BLOCKS * Card.BLOCK);
    }

    @Test
    void smallAllocationsShareBlocks() throws Exception {
        Child.run(cards, CapacityTest.class, "fillBlocksWithSmallAllocations");
    }

    static void fillBlocksWithSmallAllocations() {
        Cuda cuda = Cuda.withContext();
        List<Long> addresses = new ArrayList<>();
        for (int i = 0; i < Card.BLOCK / 1024; i++) {
            addresses.add(cuda.allocate(513)); // two units of 512
        }
        assertThat(cuda.freeBytes()).isEqualTo((BLOCKS - 1) * Card.BLOCK);
        addresses.add(cuda.allocate(1));
        assertThat(cuda.freeBytes()).isEqualTo((BLOCKS - 2) * Card.BLOCK);
        assertThat(addresses).doesNotHaveDuplicates().allMatch(address -> address % 512 == 0);
        addresses.forEach(address -> Cuda.check(cuda.cuMemFree_v2(address)));
        assertThat(cuda.freeBytes()).isEqualTo(BLOCKS * Card.BLOCK);
    }

    @Test
    void aContextTakesWhatTheCardSaysAndGivesAllBack() throws Exception {
        Card.install(cards, Card.of(BLOCKS * Card.BLOCK).with("context_bytes=" + (3 * Card.BLOCK - 1)));
        Child.run(cards, CapacityTest.class, "createAndDestroy");
    }

    static void createAndDestroy() {
        Cuda cuda = Cuda.withContext();
        assertThat(cuda.freeBytes()).isEqualTo((BLOCKS - 3) * Card.BLOCK);
        var second = cuda.newContext(0);
        cuda.allocate(2 * Card.BLOCK);
        cuda.allocate(700);
        assertThat(cuda.freeBytes()).isEqualTo((BLOCKS - 9) * Card.BLOCK);
        Cuda.check(cuda.cuCtxDestroy_v2(second));
        assertThat(cuda.freeBytes()).isEqualTo((BLOCKS - 3) * Card.BLOCK);
    }
}
