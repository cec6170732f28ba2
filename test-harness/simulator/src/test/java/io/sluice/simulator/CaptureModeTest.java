package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which calls the modes of captures forbid, in which thread. */
class CaptureModeTest {
    private static final int USED_MEMORY = 7;
    private static final int THRESHOLD = 4;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(256 << 20));
    }

    @Test
    void unsafeCallsAreForbiddenAsTheModesSay() throws Exception {
        Child.run(cards, CaptureModeTest.class, "modes");
    }

    static void modes() {
        CaptureSetting set = new CaptureSetting();
        unsafeCalls(set).forEach((name, call) -> {
            IntSupplier elsewhere = set.inAnotherThread(call);
            set.invalidates(Graphs.GLOBAL, Graphs.CAPTURE_UNSUPPORTED, name, call);
            set.invalidates(Graphs.GLOBAL, Graphs.CAPTURE_UNSUPPORTED, name, elsewhere);
            set.invalidates(Graphs.THREAD_LOCAL, Graphs.CAPTURE_UNSUPPORTED, name, call);
            set.permits(Graphs.THREAD_LOCAL, name, elsewhere);
            set.permits(Graphs.RELAXED, name, call);
            set.permits(Graphs.RELAXED, name, elsewhere);
        });
    }

    /** Calls that act at once, whatever is captured; each may be repeated. */
    private static Map<String, IntSupplier> unsafeCalls(CaptureSetting set) {
        Cuda cuda = set.cuda;
        Pointer event = cuda.newEvent();
        Memory registered = new Memory(1 << 16);
        PointerByReference pool = new PointerByReference();
        Memory value = new Memory(8);
        Cuda.check(call("cuDeviceGetDefaultMemPool", pool, 0));
        Cuda.check(call("cuMemPoolGetAttribute", pool.getValue(), THRESHOLD, value));

        Map<String, IntSupplier> calls = new LinkedHashMap<>();
        calls.put("cuMemAlloc", () -> cuda.tryAllocate(4096));
        calls.put("cuMemAllocManaged", () -> cuda.cuMemAllocManaged(new LongByReference(), 4096, 1));
        calls.put("cuMemHostAlloc", () -> cuda.cuMemHostAlloc(new PointerByReference(), 4096, 0));
        calls.put("cuMemHostRegister", () -> {
            int result = call("cuMemHostRegister_v2", registered, registered.size(), 0);
            return result == Cuda.SUCCESS ? call("cuMemHostUnregister", registered) : result;
        });
        calls.put("cuArrayCreate", () -> call("cuArrayCreate_v2", new PointerByReference(), smallArray()));
        calls.put("cuModuleLoadData", () -> cuda.cuModuleLoadData(new PointerByReference(), Ptx.image(Ptx.KERNELS)));
        calls.put("cuEventQuery", () -> cuda.cuEventQuery(event));
        calls.put("cuEventSynchronize", () -> cuda.cuEventSynchronize(event));
        calls.put("cuMemPoolGetAttribute", () -> call("cuMemPoolGetAttribute", pool.getValue(), USED_MEMORY, value));
        calls.put("cuMemPoolSetAttribute", () -> call("cuMemPoolSetAttribute", pool.getValue(), THRESHOLD, value));
        return calls;
    }

    /** A CUDA_ARRAY_DESCRIPTOR of 16 floats. */
    private static Memory smallArray() {
        Memory description = new Memory(24);
        description.clear();
        description.setLong(0, 16);
        description.setInt(16, 0x20);
        description.setInt(20, 1);
        return description;
    }

    private static int call(String function, Object... arguments) {
        NativeLibrary library = Cuda.library();
        return library.getFunction(function).invokeInt(arguments);
    }

    @Test
    void aThreadMayExchangeItsModeToDoWhatIsUnsafe() throws Exception {
        Child.run(cards, CaptureModeTest.class, "exchange");
    }

    static void exchange() {
        CaptureSetting set = new CaptureSetting();
        IntByReference mode = new IntByReference(Graphs.RELAXED);
        Cuda.check(set.graphs.cuThreadExchangeStreamCaptureMode(mode));
        assertThat(mode.getValue()).isEqualTo(Graphs.GLOBAL);
        set.permits(Graphs.GLOBAL, "cuMemAlloc", () -> set.cuda.tryAllocate(4096));
        Cuda.check(set.graphs.cuThreadExchangeStreamCaptureMode(mode));
        assertThat(mode.getValue()).isEqualTo(Graphs.RELAXED);
        set.invalidates(Graphs.GLOBAL, Graphs.CAPTURE_UNSUPPORTED, "cuMemAlloc", () -> set.cuda.tryAllocate(4096));
        assertThat(set.graphs.cuThreadExchangeStreamCaptureMode(new IntByReference(3)))
                .isEqualTo(Cuda.INVALID_VALUE);
    }
}
