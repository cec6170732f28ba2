package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pools that processes share, and the pointers of them. */
class SharedPoolTest {
    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(SharedMemoryTest.CARD));
    }

    @Test
    void aPoolsPointersOpenElsewhereAndOutliveTheirKilledExporter() throws Exception {
        try (Child importer = Child.start(cards, Map.of(), SharedPoolTest.class, "importPool");
                Child exporter = Child.start(cards, Map.of(), SharedPoolTest.class, "exportPool")) {
            assertThat(importer.line()).isEqualTo("listens");
            exporter.go();
            assertThat(exporter.line()).isEqualTo("sent");
            assertThat(importer.line()).isEqualTo("imported");
            exporter.go();
            assertThat(exporter.line()).isEqualTo("saw 42");
            exporter.kill();
            importer.go();
            assertThat(importer.line()).isEqualTo("reads on");
            importer.kill();
        }
        Child.run(cards, SharedMemoryTest.class, "expectEmpty");
    }

    private static void writePointer(CudaMemory cuda, String name, long address) throws Exception {
        Memory data = new Memory(64);
        Cuda.check(cuda.cuMemPoolExportPointer(data, address));
        Files.write(SharedMemoryTest.handleFile(name), data.getByteArray(0, 64));
    }

    private static long readPointer(CudaMemory cuda, Pointer pool, String name) throws Exception {
        Memory data = new Memory(64);
        data.write(0, Files.readAllBytes(SharedMemoryTest.handleFile(name)), 0, 64);
        LongByReference address = new LongByReference();
        Cuda.check(cuda.cuMemPoolImportPointer(address, pool, data));
        return address.getValue();
    }

    static void exportPool() throws Exception {
        CudaMemory cuda = CudaMemory.withContext();
        Pointer pool = cuda.newPool(CudaMemory.POSIX_FD);
        Cuda.check(cuda.cuDeviceSetMemPool(0, pool));
        long large = cuda.allocateAsync(3_000_001, null);
        long small = cuda.allocateAsync(1000, null);
        cuda.put(large + 2_999_998, new byte[] {1, 2, 3});
        cuda.put(small, new byte[] {4, 5, 6});
        assertThat(cuda.freeBytes()).isEqualTo(SharedMemoryTest.CARD - (32 << 20));
        writePointer(cuda, "large", large);
        writePointer(cuda, "small", small);
        IntByReference fd = new IntByReference();
        Cuda.check(cuda.cuMemPoolExportToShareableHandle(fd, pool, CudaMemory.POSIX_FD, 0));
        Child.awaitParent();
        FileDescriptors.send(SharedMemoryTest.socket(), fd.getValue());
        FileDescriptors.close(fd.getValue());
        Child.tell("sent");
        Child.awaitParent();
        Child.tell("saw " + cuda.get(small + 999, 1)[0]);
        Child.awaitParent();
    }

    static void importPool() throws Exception {
        CudaMemory cuda = CudaMemory.withContext();
        int listening = FileDescriptors.listen(SharedMemoryTest.socket());
        Child.tell("listens");
        int fd = FileDescriptors.receive(listening);
        PointerByReference pool = new PointerByReference();
        Cuda.check(cuda.cuMemPoolImportFromShareableHandle(pool, new Pointer(fd), CudaMemory.POSIX_FD, 0));
        FileDescriptors.close(fd);
        long large = readPointer(cuda, pool.getValue(), "large");
        long small = readPointer(cuda, pool.getValue(), "small");
        assertThat(cuda.get(large + 2_999_998, 3)).containsExactly(1, 2, 3);
        assertThat(cuda.get(small, 3)).containsExactly(4, 5, 6);
        cuda.put(small + 999, new byte[] {42});
        assertThat(cuda.cuMemcpyDtoH_v2(new Memory(8), small + 993, 8))
                .as("its end")
                .isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemAllocFromPoolAsync(new LongByReference(), 1, pool.getValue(), null))
                .as("only pointers of its exporter")
                .isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.freeBytes()).as("booked once").isEqualTo(SharedMemoryTest.CARD - (32 << 20));
        Child.tell("imported");
        Child.awaitParent();
        assertThat(cuda.get(large + 2_999_998, 3)).containsExactly(1, 2, 3);
        Cuda.check(cuda.cuMemFreeAsync(small, null));
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(cuda.get(large + 2_999_998, 3)).as("beside what was freed").containsExactly(1, 2, 3);
        assertThat(cuda.freeBytes()).isEqualTo(SharedMemoryTest.CARD - (32 << 20));
        Cuda.check(cuda.cuMemFree_v2(large));
        Cuda.check(cuda.cuMemPoolDestroy(pool.getValue()));
        assertThat(cuda.freeBytes()).as("the last holder let go").isEqualTo(SharedMemoryTest.CARD);
        Child.tell("reads on");
        Child.awaitParent();
    }
}
