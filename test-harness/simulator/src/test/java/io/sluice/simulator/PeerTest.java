package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two GPUs: each has its own memory, and reaches the other's once that was allowed. */
class PeerTest {
    private static final long FIRST_CARD = 64 << 20;
    private static final long SECOND_CARD = 48 << 20;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(FIRST_CARD), Card.of(SECOND_CARD).withUuid(Card.SECOND_UUID));
    }

    @Test
    void copiesBetweenGpusNeedNoAccess() throws Exception {
        Child.run(cards, PeerTest.class, "copy");
    }

    static void copy() {
        CudaMemory cuda = CudaMemory.withContext();
        PointerByReference first = new PointerByReference();
        Cuda.check(cuda.cuCtxGetCurrent(first));
        byte[] bytes = new byte[1_999_993];
        new Random(1).nextBytes(bytes);
        long from = cuda.allocate(bytes.length);
        cuda.put(from, bytes);
        Pointer second = cuda.newContext(1);
        long to = cuda.allocate(bytes.length);
        assertThat(cuda.freeBytes()).isEqualTo(SECOND_CARD - Card.BLOCK);
        Cuda.check(cuda.cuMemcpyPeer(to, second, from, first.getValue(), bytes.length));
        assertThat(cuda.get(to, bytes.length)).isEqualTo(bytes);
        assertThat(cuda.tryAllocate(SECOND_CARD)).isEqualTo(Cuda.OUT_OF_MEMORY);
        Cuda.check(cuda.cuCtxSetCurrent(first.getValue()));
        assertThat(cuda.freeBytes()).isEqualTo(FIRST_CARD - Card.BLOCK);
        assertThat(cuda.cuMemcpyPeer(to, new Pointer(4711), from, first.getValue(), 1))
                .isEqualTo(Cuda.INVALID_CONTEXT);
    }

    @Test
    void aKernelReachesTheOtherGpuOnceAccessIsEnabledAndOneWayOnly() throws Exception {
        Child.run(cards, PeerTest.class, "enable");
        Child.run(cards, PeerTest.class, "disable");
    }

    static void enable() {
        CudaMemory cuda = CudaMemory.withContext();
        PointerByReference first = new PointerByReference();
        Cuda.check(cuda.cuCtxGetCurrent(first));
        long memory = cuda.allocate(4);
        IntByReference can = new IntByReference();
        Cuda.check(cuda.cuDeviceCanAccessPeer(can, 0, 1));
        assertThat(can.getValue()).isEqualTo(1);
        Cuda.check(cuda.cuDeviceCanAccessPeer(can, 1, 1));
        assertThat(can.getValue()).isZero();
        Pointer second = cuda.newContext(1);
        long own = cuda.allocate(4);
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Cuda.check(cuda.cuCtxEnablePeerAccess(first.getValue(), 0));
        assertThat(cuda.cuCtxEnablePeerAccess(first.getValue(), 0)).isEqualTo(CudaMemory.PEER_ACCESS_ALREADY_ENABLED);
        assertThat(cuda.cuCtxEnablePeerAccess(second, 0)).as("itself").isEqualTo(Cuda.INVALID_CONTEXT);
        assertThat(cuda.cuCtxEnablePeerAccess(first.getValue(), 1)).isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(cuda.get(memory, 1)).containsExactly(7);

        Cuda.check(cuda.cuCtxSetCurrent(first.getValue()));
        assertThat(cuda.cuCtxDisablePeerAccess(second)).isEqualTo(CudaMemory.PEER_ACCESS_NOT_ENABLED);
        store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(own)));
        assertThat(cuda.cuCtxSynchronize()).as("the other way").isEqualTo(Cuda.ILLEGAL_ADDRESS);
    }

    static void disable() {
        CudaMemory cuda = CudaMemory.withContext();
        PointerByReference first = new PointerByReference();
        Cuda.check(cuda.cuCtxGetCurrent(first));
        long memory = cuda.allocate(4);
        cuda.newContext(1);
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Cuda.check(cuda.cuCtxEnablePeerAccess(first.getValue(), 0));
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
        Cuda.check(cuda.cuCtxDisablePeerAccess(first.getValue()));
        Cuda.check(cuda.cuCtxSynchronize());
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
        assertThat(cuda.cuCtxSynchronize()).isEqualTo(Cuda.ILLEGAL_ADDRESS);
    }

    @Test
    void aPoolOpensToTheOtherGpuBySetAccess() throws Exception {
        Child.run(cards, PeerTest.class, "openPool");
    }

    static void openPool() {
        CudaMemory cuda = CudaMemory.withContext();
        Pointer pool = cuda.defaultPool();
        long before = cuda.allocateAsync(4, null);
        Cuda.check(cuda.cuMemPoolSetAccess(pool, CudaMemory.access(1, CudaMemory.READ_WRITE), 1));
        long after = cuda.allocateAsync(3 << 20, null);
        cuda.newContext(1);
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(before)));
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(after)));
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(cuda.get(after, 1)).containsExactly(7);
        assertThat(cuda.cuDeviceSetMemPool(1, pool)).as("of another GPU").isEqualTo(Cuda.INVALID_VALUE);
        LongByReference fromOther = new LongByReference();
        Cuda.check(cuda.cuMemAllocAsync(fromOther, 1, null));
        assertThat(cuda.freeBytes())
                .as("a step of the stream's GPU, and a block of the module")
                .isEqualTo(SECOND_CARD - (32 << 20) - Card.BLOCK);
        Cuda.check(cuda.cuMemPoolSetAccess(pool, CudaMemory.access(1, 0), 1));
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(before)));
        assertThat(cuda.cuCtxSynchronize()).isEqualTo(Cuda.ILLEGAL_ADDRESS);
    }
}
