package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Page-locked and managed memory, which kernels and the host both use. */
class HostMemoryTest {
    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(64 << 20), Card.of(64 << 20).withUuid(Card.SECOND_UUID));
    }

    @Test
    void aKernelUsesRegisteredMemoryUntilItIsUnregistered() throws Exception {
        Child.run(cards, HostMemoryTest.class, "register");
    }

    static void register() {
        CudaMemory cuda = CudaMemory.withContext();
        Memory host = new Memory(100_000);
        Pointer inside = host.share(4096);
        Cuda.check(cuda.cuMemHostRegister_v2(host, 100_000, 2));
        assertThat(cuda.cuMemHostRegister_v2(inside, 10, 0)).isEqualTo(CudaMemory.HOST_MEMORY_ALREADY_REGISTERED);
        LongByReference device = new LongByReference();
        Cuda.check(cuda.cuMemHostGetDevicePointer_v2(device, inside, 0));
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(device.getValue())));
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(inside.getInt(0)).isEqualTo(7);
        assertThat(cuda.cuMemHostGetFlags(new IntByReference(), host))
                .as("flags are of what was allocated")
                .isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemFreeHost(host)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemHostUnregister(inside)).isEqualTo(CudaMemory.HOST_MEMORY_NOT_REGISTERED);
        Cuda.check(cuda.cuMemHostUnregister(host));
        assertThat(cuda.cuMemHostUnregister(host)).isEqualTo(CudaMemory.HOST_MEMORY_NOT_REGISTERED);
        assertThat(cuda.cuMemHostGetDevicePointer_v2(device, inside, 0)).isEqualTo(Cuda.INVALID_VALUE);

        PointerByReference allocated = new PointerByReference();
        Cuda.check(cuda.cuMemHostAlloc(allocated, 1000, 1));
        IntByReference flags = new IntByReference();
        Cuda.check(cuda.cuMemHostGetFlags(flags, allocated.getValue().share(999)));
        assertThat(flags.getValue()).as("portable, and mapped as all is").isEqualTo(3);
        assertThat(cuda.cuMemHostUnregister(allocated.getValue())).isEqualTo(CudaMemory.HOST_MEMORY_NOT_REGISTERED);

        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(Pointer.nativeValue(inside))));
        assertThat(cuda.cuCtxSynchronize()).as("unregistered").isEqualTo(Cuda.ILLEGAL_ADDRESS);
    }

    @Test
    void tellsBackWhatWasAdvisedOfManagedMemory() throws Exception {
        Child.run(cards, HostMemoryTest.class, "advise");
    }

    private static int attribute(CudaMemory cuda, long address, int attribute) {
        Memory data = new Memory(4);
        Cuda.check(cuda.cuMemRangeGetAttribute(data, 4, attribute, address, 3_000_000));
        return data.getInt(0);
    }

    static void advise() {
        CudaMemory cuda = CudaMemory.withContext();
        LongByReference managed = new LongByReference();
        Cuda.check(cuda.cuMemAllocManaged(managed, 3_000_000, 1));
        long address = managed.getValue();
        assertThat(attribute(cuda, address, 1)).isZero();
        assertThat(attribute(cuda, address, 2)).as("no preferred location").isEqualTo(-2);
        Cuda.check(cuda.cuMemAdvise(address, 3_000_000, 1, 0));
        Cuda.check(cuda.cuMemAdvise(address, 3_000_000, 3, -1));
        Cuda.check(cuda.cuMemAdvise(address, 3_000_000, 5, 1));
        Cuda.check(cuda.cuMemAdvise(address, 3_000_000, 5, -1));
        Cuda.check(cuda.cuMemPrefetchAsync(address, 3_000_000, 1, null));
        assertThat(attribute(cuda, address, 1)).isEqualTo(1);
        assertThat(attribute(cuda, address, 2)).isEqualTo(-1);
        assertThat(attribute(cuda, address, 4)).isEqualTo(1);
        Memory accessed = new Memory(16);
        Cuda.check(cuda.cuMemRangeGetAttribute(accessed, 16, 3, address, 1));
        assertThat(accessed.getIntArray(0, 4)).containsExactly(1, -1, -2, -2);
        assertThat(cuda.cuMemAdvise(address, 3_000_000, 3, 2)).isEqualTo(Cuda.INVALID_DEVICE);
        assertThat(cuda.cuMemAdvise(address, 3_000_000, 7, 0)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemAdvise(address, 3_000_001, 1, 0)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemPrefetchAsync(cuda.allocate(8), 8, 0, null))
                .as("not managed")
                .isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemRangeGetAttribute(accessed, 3, 1, address, 1)).isEqualTo(Cuda.INVALID_VALUE);
    }
}
