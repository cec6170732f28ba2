package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory that two processes hold: it is one memory, and booked once as long as anybody holds it. */
class SharedMemoryTest {
    static final long CARD = 64 << 20;
    static final long SHARED = 3 * Card.BLOCK;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(CARD));
    }

    static Path socket() {
        return Path.of(System.getenv("SLUICE_SIM_DIR"), "s");
    }

    @Test
    void anExportedHandleIsTheSameMemoryAndOutlivesItsKilledExporter() throws Exception {
        try (Child importer = Child.start(cards, Map.of(), SharedMemoryTest.class, "importHandle");
                Child exporter = Child.start(cards, Map.of(), SharedMemoryTest.class, "exportHandle")) {
            assertThat(importer.line()).isEqualTo("listens");
            exporter.go();
            assertThat(exporter.line()).isEqualTo("sent");
            assertThat(importer.line()).isEqualTo("imported");
            exporter.go();
            assertThat(exporter.line()).isEqualTo("saw 42");
            exporter.kill();
            importer.go();
            assertThat(importer.line()).isEqualTo("reads on");
            Child.run(cards, SharedMemoryTest.class, "expectBookedOnce");
            importer.kill();
        }
        Child.run(cards, SharedMemoryTest.class, "expectEmpty");
        try (Stream<Path> files = Files.list(cards)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.contains(".shared."));
        }
    }

    private static long map(CudaMemory cuda, long handle) {
        long range = cuda.reserve(SHARED);
        Cuda.check(cuda.cuMemMap(range, SHARED, 0, handle, 0));
        Cuda.check(cuda.cuMemSetAccess(range, SHARED, CudaMemory.access(0, CudaMemory.READ_WRITE), 1));
        return range;
    }

    static void exportHandle() throws Exception {
        CudaMemory cuda = CudaMemory.withContext();
        long handle = cuda.createPhysical(SHARED, CudaMemory.POSIX_FD);
        long range = map(cuda, handle);
        cuda.put(range + 1_999_993, new byte[] {1, 2, 3});
        assertThat(cuda.freeBytes()).isEqualTo(CARD - SHARED);
        IntByReference fd = new IntByReference();
        Cuda.check(cuda.cuMemExportToShareableHandle(fd, handle, CudaMemory.POSIX_FD, 0));
        Child.awaitParent();
        FileDescriptors.send(socket(), fd.getValue());
        FileDescriptors.close(fd.getValue());
        Child.tell("sent");
        Child.awaitParent();
        Child.tell("saw " + cuda.get(range + SHARED - 1, 1)[0]);
        Child.awaitParent();
    }

    static void importHandle() throws Exception {
        CudaMemory cuda = CudaMemory.withContext();
        int listening = FileDescriptors.listen(socket());
        Child.tell("listens");
        int fd = FileDescriptors.receive(listening);
        LongByReference handle = new LongByReference();
        Cuda.check(cuda.cuMemImportFromShareableHandle(handle, new Pointer(fd), CudaMemory.POSIX_FD));
        FileDescriptors.close(fd);
        long range = map(cuda, handle.getValue());
        assertThat(cuda.get(range + 1_999_993, 3)).containsExactly(1, 2, 3);
        cuda.put(range + SHARED - 1, new byte[] {42});
        assertThat(cuda.freeBytes()).as("booked once").isEqualTo(CARD - SHARED);
        Memory properties = new Memory(32);
        Cuda.check(cuda.cuMemGetAllocationPropertiesFromHandle(properties, handle.getValue()));
        assertThat(properties.getInt(4)).isEqualTo(CudaMemory.POSIX_FD);
        Child.tell("imported");
        Child.awaitParent();
        assertThat(cuda.get(range + 1_999_993, 3)).containsExactly(1, 2, 3);
        assertThat(cuda.freeBytes()).isEqualTo(CARD - SHARED);
        Child.tell("reads on");
        Child.awaitParent();
    }

    static void expectBookedOnce() {
        CudaMemory cuda = CudaMemory.withContext();
        assertThat(cuda.freeBytes()).isEqualTo(CARD - SHARED);
        assertThat(cuda.tryAllocate(CARD - SHARED + 1)).isEqualTo(Cuda.OUT_OF_MEMORY);
        cuda.allocate(CARD - SHARED);
    }

    static void expectEmpty() {
        CudaMemory cuda = CudaMemory.withContext();
        assertThat(cuda.freeBytes()).isEqualTo(CARD);
        cuda.allocate(CARD);
    }

    @Test
    void aDescriptorAloneHoldsTheMemory() throws Exception {
        Child.run(cards, SharedMemoryTest.class, "holdByDescriptor");
    }

    static void holdByDescriptor() {
        CudaMemory cuda = CudaMemory.withContext();
        long handle = cuda.createPhysical(SHARED, CudaMemory.POSIX_FD);
        IntByReference fd = new IntByReference();
        Cuda.check(cuda.cuMemExportToShareableHandle(fd, handle, CudaMemory.POSIX_FD, 0));
        Cuda.check(cuda.cuMemRelease(handle));
        assertThat(cuda.freeBytes()).isEqualTo(CARD - SHARED);
        LongByReference again = new LongByReference();
        Cuda.check(cuda.cuMemImportFromShareableHandle(again, new Pointer(fd.getValue()), CudaMemory.POSIX_FD));
        FileDescriptors.close(fd.getValue());
        assertThat(cuda.freeBytes()).isEqualTo(CARD - SHARED);
        Cuda.check(cuda.cuMemRelease(again.getValue()));
        assertThat(cuda.freeBytes()).isEqualTo(CARD);
        assertThat(cuda.cuMemImportFromShareableHandle(again, new Pointer(2), CudaMemory.POSIX_FD))
                .as("some other file")
                .isEqualTo(Cuda.INVALID_VALUE);
        long own = cuda.createPhysical(Card.BLOCK, 0);
        assertThat(cuda.cuMemExportToShareableHandle(fd, own, CudaMemory.POSIX_FD, 0))
                .as("not asked for when it was created")
                .isEqualTo(Cuda.INVALID_VALUE);
    }

    /** Where one process of a test leaves something for another. */
    static Path handleFile(String name) {
        return Path.of(System.getenv("SLUICE_SIM_DIR"), name);
    }
}
