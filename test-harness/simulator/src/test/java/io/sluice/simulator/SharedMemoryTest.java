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
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory that two processes hold: it is one memory, and booked once as long as anybody holds it. */
class SharedMemoryTest {
    private static final long CARD = 64 << 20;
    private static final long SHARED = 3 * Card.BLOCK;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(CARD));
    }

    private static Path socket() {
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

    @Test
    void anIpcHandleOpensTheExportersMemoryAndOutlivesItsDeath() throws Exception {
        try (Child exporter = Child.start(cards, Map.of(), SharedMemoryTest.class, "exportByHandle");
                Child importer = Child.start(cards, Map.of(), SharedMemoryTest.class, "openByHandle")) {
            assertThat(exporter.line()).isEqualTo("exported");
            importer.go();
            assertThat(importer.line()).isEqualTo("opened");
            exporter.go();
            assertThat(exporter.line()).isEqualTo("saw 42");
            exporter.kill();
            importer.go();
            assertThat(importer.line()).isEqualTo("reads on");
            Child.run(cards, SharedMemoryTest.class, "expectBookedOnce");
            importer.go();
            importer.awaitSuccess();
        }
        Child.run(cards, SharedMemoryTest.class, "expectEmpty");
    }

    private static Path handleFile(String name) {
        return Path.of(System.getenv("SLUICE_SIM_DIR"), name);
    }

    private static void writeHandle(CudaMemory cuda, String name, long address) throws Exception {
        Memory handle = new Memory(64);
        Cuda.check(cuda.cuIpcGetMemHandle(handle, address));
        Files.write(handleFile(name), handle.getByteArray(0, 64));
    }

    private static CudaMemory.Handle.ByValue readHandle(String name) throws Exception {
        return CudaMemory.Handle.ByValue.of(Files.readAllBytes(handleFile(name)));
    }

    /** One large allocation and a small one that shares its block with another: three blocks in all. */
    static void exportByHandle() throws Exception {
        CudaMemory cuda = CudaMemory.withContext();
        long large = cuda.allocate(2 * Card.BLOCK - 7);
        cuda.allocate(100);
        long small = cuda.allocate(1000);
        cuda.put(large, new byte[] {1, 2, 3});
        cuda.put(small, new byte[] {4, 5, 6});
        writeHandle(cuda, "large", large);
        writeHandle(cuda, "small", small);
        assertThat(cuda.freeBytes()).isEqualTo(CARD - SHARED);
        assertThat(cuda.cuIpcOpenMemHandle_v2(new LongByReference(), readHandle("large"), 1))
                .as("in the process that it is of")
                .isEqualTo(Cuda.INVALID_CONTEXT);
        long pooled = cuda.allocateAsync(1, null);
        assertThat(cuda.cuIpcGetMemHandle(new Memory(64), pooled)).isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(cuda.cuMemFree_v2(pooled));
        Cuda.check(cuda.cuCtxSynchronize());
        Child.tell("exported");
        Child.awaitParent();
        Child.tell("saw " + cuda.get(small + 999, 1)[0]);
        Child.awaitParent();
    }

    static void openByHandle() throws Exception {
        CudaMemory cuda = CudaMemory.withContext();
        Child.awaitParent();
        LongByReference large = new LongByReference();
        LongByReference small = new LongByReference();
        assertThat(cuda.cuIpcOpenMemHandle_v2(large, readHandle("large"), 0)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuIpcOpenMemHandle_v2(large, CudaMemory.Handle.ByValue.of(new byte[64]), 1))
                .isEqualTo(Cuda.INVALID_HANDLE);
        Cuda.check(cuda.cuIpcOpenMemHandle_v2(large, readHandle("large"), 1));
        Cuda.check(cuda.cuIpcOpenMemHandle_v2(small, readHandle("small"), 1));
        LongByReference again = new LongByReference();
        Cuda.check(cuda.cuIpcOpenMemHandle_v2(again, readHandle("small"), 1));
        assertThat(again.getValue()).as("opened twice").isEqualTo(small.getValue());
        Cuda.check(cuda.cuIpcCloseMemHandle(small.getValue()));
        assertThat(cuda.get(large.getValue(), 3)).containsExactly(1, 2, 3);
        assertThat(cuda.get(small.getValue(), 3)).containsExactly(4, 5, 6);
        LongByReference bytes = new LongByReference();
        Cuda.check(cuda.cuMemGetAddressRange_v2(again, bytes, small.getValue() + 500));
        assertThat(bytes.getValue()).isEqualTo(1000);
        Pointer module = Ptx.load(cuda);
        Pointer store = Ptx.function(cuda, module, "store");
        long own = CARD - cuda.freeBytes() - SHARED; // what the module takes
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(large.getValue())));
        cuda.put(small.getValue() + 999, new byte[] {42});
        assertThat(cuda.cuMemFree_v2(small.getValue())).isEqualTo(Cuda.INVALID_VALUE);
        Child.tell("opened");
        Child.awaitParent();
        assertThat(cuda.get(large.getValue(), 4)).as("written by a kernel").containsExactly(7, 0, 0, 0);
        assertThat(cuda.freeBytes()).isEqualTo(CARD - SHARED - own);
        assertThat(cuda.cuIpcOpenMemHandle_v2(again, readHandle("large"), 1))
                .as("opened already")
                .isEqualTo(Cuda.SUCCESS);
        Cuda.check(cuda.cuModuleUnload(module));
        Child.tell("reads on");
        Child.awaitParent();
        Cuda.check(cuda.cuIpcCloseMemHandle(small.getValue()));
        assertThat(cuda.cuIpcCloseMemHandle(small.getValue())).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemcpyDtoH_v2(new Memory(1), small.getValue(), 1)).isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void aPoolsPointersOpenElsewhereAndOutliveTheirKilledExporter() throws Exception {
        try (Child importer = Child.start(cards, Map.of(), SharedMemoryTest.class, "importPool");
                Child exporter = Child.start(cards, Map.of(), SharedMemoryTest.class, "exportPool")) {
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
        Files.write(handleFile(name), data.getByteArray(0, 64));
    }

    private static long readPointer(CudaMemory cuda, Pointer pool, String name) throws Exception {
        Memory data = new Memory(64);
        data.write(0, Files.readAllBytes(handleFile(name)), 0, 64);
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
        assertThat(cuda.freeBytes()).isEqualTo(CARD - (32 << 20));
        writePointer(cuda, "large", large);
        writePointer(cuda, "small", small);
        IntByReference fd = new IntByReference();
        Cuda.check(cuda.cuMemPoolExportToShareableHandle(fd, pool, CudaMemory.POSIX_FD, 0));
        Child.awaitParent();
        FileDescriptors.send(socket(), fd.getValue());
        FileDescriptors.close(fd.getValue());
        Child.tell("sent");
        Child.awaitParent();
        Child.tell("saw " + cuda.get(small + 999, 1)[0]);
        Child.awaitParent();
    }

    static void importPool() throws Exception {
        CudaMemory cuda = CudaMemory.withContext();
        int listening = FileDescriptors.listen(socket());
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
        assertThat(cuda.freeBytes()).as("booked once").isEqualTo(CARD - (32 << 20));
        Child.tell("imported");
        Child.awaitParent();
        assertThat(cuda.get(large + 2_999_998, 3)).containsExactly(1, 2, 3);
        Cuda.check(cuda.cuMemFreeAsync(small, null));
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(cuda.get(large + 2_999_998, 3)).as("beside what was freed").containsExactly(1, 2, 3);
        assertThat(cuda.freeBytes()).isEqualTo(CARD - (32 << 20));
        Cuda.check(cuda.cuMemFree_v2(large));
        Cuda.check(cuda.cuMemPoolDestroy(pool.getValue()));
        assertThat(cuda.freeBytes()).as("the last holder let go").isEqualTo(CARD);
        Child.tell("reads on");
        Child.awaitParent();
    }

    @Test
    void aStreamWaitsForAnEventThatAnotherProcessRecords() throws Exception {
        try (Child owner = Child.start(cards, Map.of(), SharedMemoryTest.class, "recordEvent");
                Child waiter = Child.start(cards, Map.of(), SharedMemoryTest.class, "waitForEvent")) {
            assertThat(owner.line()).isEqualTo("recorded");
            waiter.go();
            assertThat(waiter.line()).isEqualTo("waits");
            owner.go();
            assertThat(waiter.line()).isEqualTo("reached");
            assertThat(owner.line()).isEqualTo("recorded again");
            owner.kill(); // its second record is never reached
            waiter.go();
            assertThat(waiter.line()).isEqualTo("not left waiting");
        }
    }

    /** An event behind a host function that waits for the test. */
    static void recordEvent() throws Exception {
        CudaMemory cuda = CudaMemory.withContext();
        Pointer stream = cuda.newStream(1);
        PointerByReference event = new PointerByReference();
        assertThat(cuda.cuEventCreate(event, 4)).as("with timing").isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(cuda.cuEventCreate(event, 6));
        CountDownLatch gate = new CountDownLatch(1);
        Cuda.HostFunction wait = data -> await(gate);
        Cuda.check(cuda.cuLaunchHostFunc(stream, wait, null));
        Cuda.check(cuda.cuEventRecord(event.getValue(), stream));
        Memory handle = new Memory(64);
        Cuda.check(cuda.cuIpcGetEventHandle(handle, event.getValue()));
        Files.write(handleFile("event"), handle.getByteArray(0, 64));
        assertThat(cuda.cuIpcGetEventHandle(handle, cuda.newEvent())).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuEventQuery(event.getValue())).isEqualTo(Cuda.NOT_READY);
        Child.tell("recorded");
        Child.awaitParent();
        gate.countDown();
        Cuda.check(cuda.cuStreamSynchronize(stream));
        Cuda.check(cuda.cuEventQuery(event.getValue()));
        CountDownLatch never = new CountDownLatch(1);
        Cuda.HostFunction stay = data -> await(never);
        Cuda.check(cuda.cuLaunchHostFunc(stream, stay, null));
        Cuda.check(cuda.cuEventRecord(event.getValue(), stream));
        Child.tell("recorded again");
        Child.awaitParent();
    }

    static void waitForEvent() throws Exception {
        CudaMemory cuda = CudaMemory.withContext();
        Child.awaitParent();
        PointerByReference event = new PointerByReference();
        Cuda.check(cuda.cuIpcOpenEventHandle(event, readHandle("event")));
        assertThat(cuda.cuIpcOpenEventHandle(event, CudaMemory.Handle.ByValue.of(new byte[64])))
                .isEqualTo(Cuda.INVALID_HANDLE);
        assertThat(cuda.cuEventQuery(event.getValue())).isEqualTo(Cuda.NOT_READY);
        Pointer stream = cuda.newStream(1);
        Cuda.check(cuda.cuStreamWaitEvent(stream, event.getValue(), 0));
        long memory = cuda.allocate(1);
        Cuda.check(cuda.cuMemsetD8Async(memory, (byte) 5, 1, stream));
        assertThat(cuda.cuStreamQuery(stream)).isEqualTo(Cuda.NOT_READY);
        Child.tell("waits");
        Cuda.check(cuda.cuStreamSynchronize(stream));
        assertThat(cuda.get(memory, 1)).containsExactly(5);
        Child.tell("reached");
        Child.awaitParent();
        Cuda.check(cuda.cuEventSynchronize(event.getValue()));
        Cuda.check(cuda.cuEventDestroy_v2(event.getValue()));
        Child.tell("not left waiting");
    }

    private static void await(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
