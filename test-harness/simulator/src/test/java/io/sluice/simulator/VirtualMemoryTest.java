package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reserved addresses, memory without one, and mapping one to the other. */
class VirtualMemoryTest {
    private static final long CARD = 64 << 20;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(CARD), Card.of(CARD).withUuid(Card.SECOND_UUID));
    }

    @Test
    void physicalMemoryIsBookedFromCreateToTheLastReleaseAndUnmap() throws Exception {
        Child.run(cards, VirtualMemoryTest.class, "bookToTheBlock");
    }

    static void bookToTheBlock() {
        CudaMemory cuda = CudaMemory.withContext();
        long range = cuda.reserve(1L << 38); // far more than the card
        assertThat(cuda.freeBytes()).isEqualTo(CARD);
        long handle = cuda.createPhysical(3 * Card.BLOCK, 0);
        assertThat(cuda.freeBytes()).isEqualTo(CARD - 3 * Card.BLOCK);
        Cuda.check(cuda.cuMemMap(range, 3 * Card.BLOCK, 0, handle, 0));
        Cuda.check(cuda.cuMemRelease(handle));
        assertThat(cuda.cuMemRelease(handle)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.freeBytes()).as("still mapped").isEqualTo(CARD - 3 * Card.BLOCK);
        LongByReference again = new LongByReference();
        Cuda.check(cuda.cuMemRetainAllocationHandle(again, new Pointer(range + Card.BLOCK)));
        assertThat(again.getValue()).isEqualTo(handle);
        Cuda.check(cuda.cuMemUnmap(range, 3 * Card.BLOCK));
        assertThat(cuda.freeBytes()).as("retained").isEqualTo(CARD - 3 * Card.BLOCK);
        Cuda.check(cuda.cuMemRelease(handle));
        assertThat(cuda.freeBytes()).isEqualTo(CARD);
        Cuda.check(cuda.cuMemAddressFree(range, 1L << 38));

        assertThat(cuda.cuMemCreate(new LongByReference(), CARD + Card.BLOCK, CudaMemory.allocationOn(0, 0), 0))
                .isEqualTo(Cuda.OUT_OF_MEMORY);
        cuda.createPhysical(CARD, 0);
        assertThat(cuda.cuMemCreate(new LongByReference(), Card.BLOCK, CudaMemory.allocationOn(0, 0), 0))
                .isEqualTo(Cuda.OUT_OF_MEMORY);
        Cuda.check(cuda.cuMemCreate(new LongByReference(), Card.BLOCK, CudaMemory.allocationOn(1, 0), 0));
    }

    @Test
    void mappingsInARowAreOneMemoryAndTwoMappingsOfOneHandleShowTheSameBytes() throws Exception {
        Child.run(cards, VirtualMemoryTest.class, "mapTwice");
    }

    static void mapTwice() {
        CudaMemory cuda = CudaMemory.withContext();
        long range = cuda.reserve(8 * Card.BLOCK);
        long first = cuda.createPhysical(Card.BLOCK, 0);
        long second = cuda.createPhysical(2 * Card.BLOCK, 0);
        Cuda.check(cuda.cuMemMap(range, Card.BLOCK, 0, first, 0));
        Cuda.check(cuda.cuMemMap(range + Card.BLOCK, 2 * Card.BLOCK, 0, second, 0));
        Cuda.check(cuda.cuMemMap(range + 5 * Card.BLOCK, Card.BLOCK, 0, first, 0));
        Memory everywhere = CudaMemory.access(0, CudaMemory.READ_WRITE);
        Cuda.check(cuda.cuMemSetAccess(range, 3 * Card.BLOCK, everywhere, 1));
        Cuda.check(cuda.cuMemSetAccess(range + 5 * Card.BLOCK, Card.BLOCK, everywhere, 1));
        byte[] bytes = new byte[3_000_017];
        new Random(5).nextBytes(bytes);
        cuda.put(range + 12_345, bytes);
        assertThat(cuda.get(range + 12_345, bytes.length)).isEqualTo(bytes);
        assertThat(cuda.get(range + 5 * Card.BLOCK + 12_345, 1000)).startsWith(bytes[0], bytes[1], bytes[2]);
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(range + 5 * Card.BLOCK)));
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(cuda.get(range, 4)).containsExactly(7, 0, 0, 0);
    }

    @Test
    void aKernelNeedsAccessAndFaultsAfterUnmap() throws Exception {
        Child.run(cards, VirtualMemoryTest.class, "withoutAccess");
        Child.run(cards, VirtualMemoryTest.class, "accessOfTheOtherGpu");
        Child.run(cards, VirtualMemoryTest.class, "afterUnmap");
    }

    private static long mapOne(CudaMemory cuda) {
        long range = cuda.reserve(Card.BLOCK);
        Cuda.check(cuda.cuMemMap(range, Card.BLOCK, 0, cuda.createPhysical(Card.BLOCK, 0), 0));
        return range;
    }

    private static void expectFault(CudaMemory cuda, long address) {
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(address)));
        assertThat(cuda.cuCtxSynchronize()).isEqualTo(Cuda.ILLEGAL_ADDRESS);
    }

    static void withoutAccess() {
        CudaMemory cuda = CudaMemory.withContext();
        long range = mapOne(cuda);
        assertThat(cuda.cuMemsetD8_v2(range, (byte) 0, 1)).isEqualTo(Cuda.INVALID_VALUE);
        expectFault(cuda, range);
    }

    static void accessOfTheOtherGpu() {
        CudaMemory cuda = CudaMemory.withContext();
        long range = mapOne(cuda);
        Cuda.check(cuda.cuMemSetAccess(range, Card.BLOCK, CudaMemory.access(1, CudaMemory.READ_WRITE), 1));
        LongByReference flags = new LongByReference();
        Cuda.check(cuda.cuMemGetAccess(flags, CudaMemory.access(0, 0), range));
        assertThat(flags.getValue()).isZero();
        Cuda.check(cuda.cuMemGetAccess(flags, CudaMemory.access(1, 0), range));
        assertThat(flags.getValue()).isEqualTo(CudaMemory.READ_WRITE);
        expectFault(cuda, range);
        cuda.newContext(1);
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(range)));
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(cuda.get(range, 1)).containsExactly(7);
    }

    static void afterUnmap() {
        CudaMemory cuda = CudaMemory.withContext();
        long range = mapOne(cuda);
        Cuda.check(cuda.cuMemSetAccess(range, Card.BLOCK, CudaMemory.access(0, CudaMemory.READ_WRITE), 1));
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(range)));
        Cuda.check(cuda.cuMemUnmap(range, Card.BLOCK));
        Cuda.check(cuda.cuCtxSynchronize());
        expectFault(cuda, range);
    }

    @Test
    void refusesWhatDoesNotFit() throws Exception {
        Child.run(cards, VirtualMemoryTest.class, "wrongRanges");
    }

    static void wrongRanges() {
        CudaMemory cuda = CudaMemory.withContext();
        LongByReference out = new LongByReference();
        Cuda.check(cuda.cuMemGetAllocationGranularity(out, CudaMemory.allocationOn(0, 0), 0));
        assertThat(out.getValue()).isEqualTo(Card.BLOCK);
        assertThat(cuda.cuMemAddressReserve(out, Card.BLOCK + 1, 0, 0, 0)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemAddressReserve(out, Card.BLOCK, 3 << 20, 0, 0)).isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(cuda.cuMemAddressReserve(out, Card.BLOCK, 1 << 30, 0, 0));
        assertThat(out.getValue() % (1 << 30)).as("alignment").isZero();
        assertThat(cuda.cuMemCreate(out, Card.BLOCK - 1, CudaMemory.allocationOn(0, 0), 0))
                .isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemCreate(out, Card.BLOCK, CudaMemory.allocationOn(2, 0), 0))
                .isEqualTo(Cuda.INVALID_DEVICE);

        long range = cuda.reserve(4 * Card.BLOCK);
        long handle = cuda.createPhysical(2 * Card.BLOCK, 0);
        assertThat(cuda.cuMemMap(range, 3 * Card.BLOCK, 0, handle, 0)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemMap(range + 3 * Card.BLOCK, 2 * Card.BLOCK, 0, handle, 0))
                .as("beyond the reservation")
                .isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(cuda.cuMemMap(range, 2 * Card.BLOCK, 0, handle, 0));
        assertThat(cuda.cuMemMap(range + Card.BLOCK, Card.BLOCK, 0, handle, 0))
                .as("mapped already")
                .isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemUnmap(range, Card.BLOCK)).as("half a mapping").isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemSetAccess(range, 4 * Card.BLOCK, CudaMemory.access(0, 3), 1))
                .as("not mapped to its end")
                .isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemAddressFree(range, 4 * Card.BLOCK)).as("mapped").isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemFree_v2(range)).isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(cuda.cuMemUnmap(range, 2 * Card.BLOCK));
        assertThat(cuda.cuMemAddressFree(range, 2 * Card.BLOCK)).as("half").isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(cuda.cuMemAddressFree(range, 4 * Card.BLOCK));
        assertThat(cuda.cuMemMap(range, 2 * Card.BLOCK, 0, handle, 0)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemRelease(4711)).isEqualTo(Cuda.INVALID_VALUE);
    }
}
