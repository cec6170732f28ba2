package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** IPC handles of memory and of events: what another process opens is the same thing. */
class IpcTest {
    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(SharedMemoryTest.CARD));
    }

    @Test
    void anIpcHandleOpensTheExportersMemoryAndOutlivesItsDeath() throws Exception {
        try (Child exporter = Child.start(cards, Map.of(), IpcTest.class, "exportByHandle");
                Child importer = Child.start(cards, Map.of(), IpcTest.class, "openByHandle")) {
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

    private static void writeHandle(CudaMemory cuda, String name, long address) throws Exception {
        Memory handle = new Memory(64);
        Cuda.check(cuda.cuIpcGetMemHandle(handle, address));
        Files.write(SharedMemoryTest.handleFile(name), handle.getByteArray(0, 64));
    }

    private static CudaMemory.Handle.ByValue readHandle(String name) throws Exception {
        return CudaMemory.Handle.ByValue.of(Files.readAllBytes(SharedMemoryTest.handleFile(name)));
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
        assertThat(cuda.freeBytes()).isEqualTo(SharedMemoryTest.CARD - SharedMemoryTest.SHARED);
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
        long own = SharedMemoryTest.CARD - cuda.freeBytes() - SharedMemoryTest.SHARED; // what the module takes
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(large.getValue())));
        cuda.put(small.getValue() + 999, new byte[] {42});
        assertThat(cuda.cuMemFree_v2(small.getValue())).isEqualTo(Cuda.INVALID_VALUE);
        Child.tell("opened");
        Child.awaitParent();
        assertThat(cuda.get(large.getValue(), 4)).as("written by a kernel").containsExactly(7, 0, 0, 0);
        assertThat(cuda.freeBytes()).isEqualTo(SharedMemoryTest.CARD - SharedMemoryTest.SHARED - own);
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
    void aStreamWaitsForAnEventThatAnotherProcessRecords() throws Exception {
        try (Child owner = Child.start(cards, Map.of(), IpcTest.class, "recordEvent");
                Child waiter = Child.start(cards, Map.of(), IpcTest.class, "waitForEvent")) {
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
        Files.write(SharedMemoryTest.handleFile("event"), handle.getByteArray(0, 64));
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
