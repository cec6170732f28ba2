package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stream-ordered memory, and what pools book of the card. */
class PoolTest {
    private static final long STEP = 32 << 20;
    private static final long CARD = 256 << 20;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(CARD));
    }

    @Test
    void booksInStepsAndSettlesToTheThresholdAtSynchronise() throws Exception {
        Child.run(cards, PoolTest.class, "settle");
    }

    static void settle() {
        CudaMemory cuda = CudaMemory.withContext();
        Pointer pool = cuda.defaultPool();
        Pointer stream = cuda.newStream(1);
        long first = cuda.allocateAsync(1_999_993, stream);
        assertThat(cuda.freeBytes()).isEqualTo(CARD - STEP);
        long second = cuda.allocateAsync(STEP, stream);
        assertThat(cuda.freeBytes()).isEqualTo(CARD - 2 * STEP);
        assertThat(cuda.poolValue(pool, CudaMemory.USED_NOW)).isEqualTo(STEP + 2_000_384); // in units of 512
        cuda.put(first, new byte[] {1, 2, 3});
        assertThat(cuda.get(first, 3)).containsExactly(1, 2, 3);

        Cuda.check(cuda.cuMemFreeAsync(second, stream));
        assertThat(cuda.cuMemFreeAsync(second, stream)).as("twice").isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(cuda.cuStreamSynchronize(stream));
        assertThat(cuda.freeBytes()).isEqualTo(CARD - STEP);
        Cuda.check(cuda.cuMemFree_v2(first));
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(cuda.freeBytes()).isEqualTo(CARD);
        assertThat(cuda.poolValue(pool, CudaMemory.RESERVED_HIGH)).isEqualTo(2 * STEP);
        assertThat(cuda.poolValue(pool, CudaMemory.USED_HIGH)).isEqualTo(STEP + 2_000_384);
        Cuda.check(cuda.cuMemPoolSetAttribute(pool, CudaMemory.USED_HIGH, new LongByReference(0)));
        assertThat(cuda.poolValue(pool, CudaMemory.USED_HIGH)).isZero();
        assertThat(cuda.cuMemPoolSetAttribute(pool, CudaMemory.USED_NOW, new LongByReference(0)))
                .isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void keepsWhatTheThresholdSaysUntilItIsTrimmed() throws Exception {
        Child.run(cards, PoolTest.class, "keep");
    }

    static void keep() {
        CudaMemory cuda = CudaMemory.withContext();
        Pointer pool = cuda.newPool(0);
        Cuda.check(cuda.cuDeviceSetMemPool(0, pool));
        Cuda.check(cuda.cuMemPoolSetAttribute(pool, CudaMemory.RELEASE_THRESHOLD, new LongByReference(2 * STEP)));
        long memory = cuda.allocateAsync(3 * STEP, null);
        Cuda.check(cuda.cuMemFreeAsync(memory, null));
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(cuda.poolValue(pool, CudaMemory.RESERVED_NOW)).isEqualTo(2 * STEP);
        Cuda.check(cuda.cuMemPoolTrimTo(pool, STEP + 1));
        assertThat(cuda.freeBytes()).isEqualTo(CARD - 2 * STEP);
        Cuda.check(cuda.cuMemPoolTrimTo(pool, STEP));
        assertThat(cuda.freeBytes()).isEqualTo(CARD - STEP);
        Cuda.check(cuda.cuMemPoolSetAttribute(pool, CudaMemory.RELEASE_THRESHOLD, new LongByReference(-1)));
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(cuda.freeBytes()).as("a threshold of all").isEqualTo(CARD - STEP);

        memory = cuda.allocateAsync(1, null);
        Cuda.check(cuda.cuMemPoolDestroy(pool));
        assertThat(cuda.cuMemPoolDestroy(pool)).isEqualTo(Cuda.INVALID_VALUE);
        PointerByReference current = new PointerByReference();
        Cuda.check(cuda.cuDeviceGetMemPool(current, 0));
        assertThat(current.getValue()).as("the default pool again").isEqualTo(cuda.defaultPool());
        assertThat(cuda.freeBytes()).as("its memory lives on").isEqualTo(CARD - STEP);
        Cuda.check(cuda.cuMemFreeAsync(memory, null));
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(cuda.freeBytes()).isEqualTo(CARD);
        assertThat(cuda.cuMemPoolDestroy(cuda.defaultPool())).isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void aStreamTakesAtOnceWhatItFreedAndAnotherOnlyWhenTheFreeIsReached() throws Exception {
        Child.run(cards, PoolTest.class, "reuse");
    }

    static void reuse() {
        CudaMemory cuda = CudaMemory.withContext();
        Pointer pool = cuda.defaultPool();
        Pointer stream = cuda.newStream(1);
        Pointer other = cuda.newStream(1);
        CountDownLatch gate = new CountDownLatch(1);
        Cuda.HostFunction wait = data -> await(gate);
        long memory = cuda.allocateAsync(STEP, stream);
        Cuda.check(cuda.cuLaunchHostFunc(stream, wait, null));
        Cuda.check(cuda.cuMemFreeAsync(memory, stream));
        assertThat(cuda.poolValue(pool, CudaMemory.USED_NOW)).isZero();
        long again = cuda.allocateAsync(STEP, stream);
        assertThat(cuda.poolValue(pool, CudaMemory.RESERVED_NOW)).isEqualTo(STEP);
        Cuda.check(cuda.cuMemFreeAsync(again, stream));
        cuda.allocateAsync(1, other);
        assertThat(cuda.poolValue(pool, CudaMemory.RESERVED_NOW)).isEqualTo(2 * STEP);
        Cuda.check(cuda.cuMemPoolTrimTo(pool, 0));
        assertThat(cuda.poolValue(pool, CudaMemory.RESERVED_NOW))
                .as("not come there")
                .isEqualTo(2 * STEP);
        gate.countDown();
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(cuda.poolValue(pool, CudaMemory.RESERVED_NOW)).isEqualTo(STEP);
    }

    private static void await(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aFullCardRefusesAfterWaitingForPendingFrees() throws Exception {
        Child.run(cards, PoolTest.class, "fill");
    }

    static void fill() {
        CudaMemory cuda = CudaMemory.withContext();
        long ordinary = cuda.allocate(CARD - 3 * Card.BLOCK);
        Pointer stream = cuda.newStream(1);
        long memory = cuda.allocateAsync(2 * Card.BLOCK, stream);
        assertThat(cuda.freeBytes()).as("no full step is left").isEqualTo(Card.BLOCK);
        assertThat(cuda.cuMemAllocAsync(new LongByReference(), Card.BLOCK + 1, null))
                .isEqualTo(Cuda.OUT_OF_MEMORY);
        Cuda.check(cuda.cuMemFreeAsync(memory, stream));
        cuda.allocateAsync(3 * Card.BLOCK, null);
        assertThat(cuda.freeBytes()).isZero();
        assertThat(cuda.tryAllocate(1)).isEqualTo(Cuda.OUT_OF_MEMORY);
        Cuda.check(cuda.cuMemFreeAsync(ordinary, stream));
        Cuda.check(cuda.cuStreamSynchronize(stream));
        assertThat(cuda.freeBytes()).isEqualTo(CARD - 3 * Card.BLOCK);
        assertThat(cuda.cuMemAllocAsync(new LongByReference(), 0, null)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemAllocFromPoolAsync(new LongByReference(), 1, null, null))
                .isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemFreeAsync(12345, null)).isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void everyContextOfTheGpuReachesIt() throws Exception {
        Child.run(cards, PoolTest.class, "reach");
    }

    static void reach() {
        CudaMemory cuda = CudaMemory.withContext();
        long memory = cuda.allocateAsync(4, null);
        Pointer pool = cuda.defaultPool();
        cuda.newContext(0);
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(cuda.get(memory, 4)).containsExactly(7, 0, 0, 0);
        Memory data = new Memory(8);
        Cuda.check(cuda.cuPointerGetAttribute(data, 17, memory));
        assertThat(data.getPointer(0)).as("its pool").isEqualTo(pool);
        Cuda.check(cuda.cuPointerGetAttribute(data, 9, memory));
        assertThat(data.getInt(0)).as("its GPU").isZero();
        IntByReference flags = new IntByReference();
        Cuda.check(cuda.cuMemPoolGetAccess(flags, pool, CudaMemory.access(0, 0)));
        assertThat(flags.getValue()).isEqualTo(CudaMemory.READ_WRITE);
        assertThat(cuda.cuMemPoolSetAccess(pool, CudaMemory.access(0, 0), 1)).isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void aKernelBehindTheFreeFaults() throws Exception {
        Child.run(cards, PoolTest.class, "useAfterFree");
    }

    static void useAfterFree() {
        CudaMemory cuda = CudaMemory.withContext();
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        long memory = cuda.allocateAsync(4, null);
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
        Cuda.check(cuda.cuMemFreeAsync(memory, null));
        Cuda.check(cuda.cuCtxSynchronize());
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
        assertThat(cuda.cuCtxSynchronize()).isEqualTo(Cuda.ILLEGAL_ADDRESS);
    }

    @Test
    void aKilledProcessGivesItsPoolsBack() throws Exception {
        try (Child victim = Child.start(cards, Map.of(), PoolTest.class, "hold")) {
            assertThat(victim.line()).isEqualTo("holds");
            victim.kill();
        }
        Child.run(cards, PoolTest.class, "expectEmpty");
    }

    static void hold() throws Exception {
        CudaMemory cuda = CudaMemory.withContext();
        cuda.allocateAsync(5 * STEP, null);
        Child.tell("holds");
        Child.awaitParent();
    }

    static void expectEmpty() {
        assertThat(CudaMemory.withContext().freeBytes()).isEqualTo(CARD);
    }
}
