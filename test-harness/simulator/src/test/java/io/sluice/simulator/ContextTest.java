package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextTest {
    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(64 << 20));
    }

    @Test
    void nothingWorksBeforeInitialisation() throws Exception {
        Child.run(cards, ContextTest.class, "uninitialised");
    }

    static void uninitialised() {
        Cuda cuda = Cuda.load();
        assertThat(cuda.cuDeviceGetCount(new IntByReference())).isEqualTo(Cuda.NOT_INITIALIZED);
        assertThat(cuda.tryAllocate(1)).isEqualTo(Cuda.NOT_INITIALIZED);
        assertThat(cuda.cuCtxCreate_v2(new PointerByReference(), 0, 0)).isEqualTo(Cuda.NOT_INITIALIZED);
        assertThat(cuda.cuInit(1)).isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void badArgumentsGetTheDriversErrors() throws Exception {
        Child.run(cards, ContextTest.class, "badArguments");
    }

    static void badArguments() {
        Cuda cuda = Cuda.initialised();
        assertThat(cuda.tryAllocate(1)).isEqualTo(Cuda.INVALID_CONTEXT);
        assertThat(cuda.cuCtxCreate_v2(null, 0, 0)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuCtxCreate_v2(new PointerByReference(), 0, 1)).isEqualTo(Cuda.INVALID_DEVICE);
        cuda.newContext(0);
        assertThat(cuda.cuMemAlloc_v2(null, 1)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.tryAllocate(0)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.tryAllocate(-1)).isEqualTo(Cuda.OUT_OF_MEMORY);
        assertThat(cuda.cuMemFree_v2(0)).isEqualTo(Cuda.SUCCESS);
        assertThat(cuda.cuMemFree_v2(4711)).isEqualTo(Cuda.INVALID_VALUE);
        long device = cuda.allocate(1000);
        assertThat(cuda.cuMemFree_v2(device + 512)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuMemcpyHtoD_v2(device, null, 1)).isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(cuda.cuMemFree_v2(device));
        assertThat(cuda.cuMemFree_v2(device)).as("twice").isEqualTo(Cuda.INVALID_VALUE);
        assertThat(cuda.cuImportExternalMemory(new PointerByReference(), null)).isEqualTo(Cuda.NOT_SUPPORTED);
        assertThat(cuda.cuCtxDestroy_v2(null)).isEqualTo(Cuda.INVALID_CONTEXT);
    }

    @Test
    void eachThreadHasItsStackOfContexts() throws Exception {
        Child.run(cards, ContextTest.class, "stack");
    }

    static void stack() throws Exception {
        Cuda cuda = Cuda.initialised();
        Pointer first = cuda.newContext(0);
        Pointer second = cuda.newContext(0);
        PointerByReference current = new PointerByReference();
        Cuda.check(cuda.cuCtxPopCurrent_v2(current));
        assertThat(current.getValue()).isEqualTo(second);
        Cuda.check(cuda.cuCtxGetCurrent(current));
        assertThat(current.getValue()).isEqualTo(first);
        int[] inOtherThread = new int[2];
        Thread thread = new Thread(() -> {
            inOtherThread[0] = cuda.cuCtxSynchronize();
            cuda.cuCtxSetCurrent(second);
            inOtherThread[1] = cuda.cuCtxSynchronize();
        });
        thread.start();
        thread.join();
        assertThat(inOtherThread).containsExactly(Cuda.INVALID_CONTEXT, Cuda.SUCCESS);
        Cuda.check(cuda.cuCtxPushCurrent_v2(second));
        Cuda.check(cuda.cuCtxPushCurrent_v2(first));
        Cuda.check(cuda.cuCtxDestroy_v2(second));
        Cuda.check(cuda.cuCtxPopCurrent_v2(current));
        assertThat(cuda.cuCtxSynchronize()).isEqualTo(Cuda.CONTEXT_IS_DESTROYED);
    }

    @Test
    void thePrimaryContextIsCountedAndComesBack() throws Exception {
        Child.run(cards, ContextTest.class, "primary");
    }

    static void primary() {
        Cuda cuda = Cuda.initialised();
        PointerByReference context = new PointerByReference();
        Cuda.check(cuda.cuDevicePrimaryCtxRetain(context, 0));
        Cuda.check(cuda.cuDevicePrimaryCtxRetain(context, 0));
        Pointer first = context.getValue();
        assertThat(cuda.cuCtxDestroy_v2(first)).isEqualTo(Cuda.INVALID_CONTEXT);
        Cuda.check(cuda.cuCtxSetCurrent(first));
        long device = cuda.allocate(100);
        Cuda.check(cuda.cuDevicePrimaryCtxRelease_v2(0));
        Cuda.check(cuda.cuMemsetD8_v2(device, (byte) 0, 100));
        Cuda.check(cuda.cuDevicePrimaryCtxRelease_v2(0));
        assertThat(cuda.cuDevicePrimaryCtxRelease_v2(0)).isEqualTo(Cuda.INVALID_CONTEXT);
        assertThat(cuda.cuMemFree_v2(device)).isEqualTo(Cuda.CONTEXT_IS_DESTROYED);
        Cuda.check(cuda.cuDevicePrimaryCtxRetain(context, 0));
        assertThat(context.getValue()).isEqualTo(first);
        assertThat(cuda.cuMemFree_v2(device)).isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void anApplicationMayEndWithoutTidying() throws Exception {
        Child.run(cards, ContextTest.class, "endInTheMiddle");
    }

    static void endInTheMiddle() {
        Cuda cuda = Cuda.withContext();
        long device = cuda.allocate(32 << 20);
        for (int i = 0; i < 200; i++) {
            Cuda.check(cuda.cuMemsetD8_v2(device, (byte) i, 32 << 20));
        }
    }

    @Test
    void visibleDevicesChooseAndOrderTheCards() throws Exception {
        Card first = Card.of(64 << 20);
        Card.install(cards, first, first.withUuid(Card.SECOND_UUID));
        String[][] cases = {
            {"1", Card.SECOND_UUID},
            {"1,0", Card.SECOND_UUID, Card.FIRST_UUID},
            {"0,7,1", Card.FIRST_UUID},
            {"-1"},
            {""},
            {"GPU-1abc", Card.SECOND_UUID},
            {"GPU-1"}, // two cards begin so
            {Card.SECOND_UUID + ",0", Card.SECOND_UUID, Card.FIRST_UUID},
            {"0,0"},
        };
        for (String[] expected : cases) {
            Map<String, String> environment = Map.of("CUDA_VISIBLE_DEVICES", expected[0]);
            try (Child child = Child.start(cards, environment, ContextTest.class, "listCards")) {
                for (int i = 1; i < expected.length; i++) {
                    assertThat(child.line())
                            .as("CUDA_VISIBLE_DEVICES=%s", expected[0])
                            .isEqualTo(expected[i]);
                }
                assertThat(child.line())
                        .as("CUDA_VISIBLE_DEVICES=%s", expected[0])
                        .isEqualTo("end");
                child.awaitSuccess();
            }
        }
    }

    static void listCards() {
        Cuda cuda = Cuda.load();
        int result = cuda.cuInit(0);
        if (result != Cuda.NO_DEVICE) {
            Cuda.check(result);
            IntByReference count = new IntByReference();
            Cuda.check(cuda.cuDeviceGetCount(count));
            for (int device = 0; device < count.getValue(); device++) {
                Child.tell(uuid(cuda, device));
            }
        }
        Child.tell("end");
    }

    private static String uuid(Cuda cuda, int device) {
        Memory memory = new Memory(16);
        Cuda.check(cuda.cuDeviceGetUuid_v2(memory, device));
        StringBuilder text = new StringBuilder("GPU-");
        for (int i = 0; i < 16; i++) {
            text.append(i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "").append("%02x".formatted(memory.getByte(i)));
        }
        return text.toString();
    }
}
