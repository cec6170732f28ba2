package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.CallbackThreadInitializer;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelTest {
    private static final int COUNT = 10_007;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(64 << 20));
    }

    @Test
    void addsTwoVectors() throws Exception {
        Child.run(cards, KernelTest.class, "vectorAdd");
    }

    static void vectorAdd() {
        Cuda cuda = Cuda.withContext();
        Pointer add = Ptx.function(cuda, Ptx.load(cuda), "add");
        long x = cuda.allocate(4 * COUNT);
        long y = cuda.allocate(4 * COUNT);
        long z = cuda.allocate(4 * COUNT);
        cuda.put(x, floats(1));
        cuda.put(y, floats(2));
        Cuda.check(Ptx.launch(cuda, add, (COUNT + 255) / 256, 256, Ptx.parameters(COUNT, x, y, z)));
        assertThat(cuda.get(z, 4 * COUNT)).isEqualTo(floats(3));

        Cuda.check(cuda.cuMemsetD8_v2(z, (byte) 0, 4 * COUNT));
        Memory packed = new Memory(32);
        packed.setInt(0, COUNT);
        packed.setLong(8, x);
        packed.setLong(16, y);
        packed.setLong(24, z);
        Memory bytes = new Memory(8);
        bytes.setLong(0, 32);
        Memory extra = new Memory(40);
        extra.setLong(0, 1);
        extra.setPointer(8, packed);
        extra.setLong(16, 2);
        extra.setPointer(24, bytes);
        extra.setLong(32, 0);
        Cuda.check(cuda.cuLaunchKernel(add, COUNT, 1, 1, 1, 1, 1, 0, null, null, extra));
        assertThat(cuda.get(z, 4 * COUNT)).as("parameters in one buffer").isEqualTo(floats(3));
    }

    private static byte[] floats(int factor) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * COUNT).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < COUNT; i++) {
            buffer.putFloat(factor * i);
        }
        return buffer.array();
    }

    @Test
    void aBadAddressBreaksItsContextAlone() throws Exception {
        Child.run(cards, KernelTest.class, "useAfterFree");
    }

    static void useAfterFree() {
        Cuda cuda = Cuda.withContext();
        long foreign = cuda.allocate(4);
        PointerByReference healthy = new PointerByReference();
        Cuda.check(cuda.cuCtxGetCurrent(healthy));

        Pointer broken = cuda.newContext(0);
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        long memory = cuda.allocate(3 << 20);
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
        Cuda.check(cuda.cuCtxSynchronize());
        Cuda.check(cuda.cuMemFree_v2(memory));
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
        assertThat(cuda.cuCtxSynchronize()).isEqualTo(Cuda.ILLEGAL_ADDRESS);
        assertThat(cuda.cuCtxSynchronize()).as("for ever").isEqualTo(Cuda.ILLEGAL_ADDRESS);
        assertThat(cuda.tryAllocate(1)).isEqualTo(Cuda.ILLEGAL_ADDRESS);
        assertThat(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory))).isEqualTo(Cuda.ILLEGAL_ADDRESS);

        Cuda.check(cuda.cuCtxSetCurrent(healthy.getValue()));
        Cuda.check(cuda.cuMemsetD8_v2(foreign, (byte) 1, 4));
        Cuda.check(cuda.cuCtxSynchronize());
        Cuda.check(cuda.cuCtxDestroy_v2(broken));
        assertThat(cuda.freeBytes()).isEqualTo((64 << 20) - Card.BLOCK);

        cuda.newContext(0);
        store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(foreign)));
        assertThat(cuda.cuCtxSynchronize()).as("memory of another context").isEqualTo(Cuda.ILLEGAL_ADDRESS);
    }

    @Test
    void faultsKeepTheirKinds() throws Exception {
        Child.run(cards, KernelTest.class, "faults");
    }

    static void faults() {
        Cuda cuda = Cuda.initialised();
        cuda.newContext(0);
        Cuda.check(Ptx.launch(cuda, Ptx.function(cuda, Ptx.load(cuda), "trapped"), 1, 1, null));
        assertThat(cuda.cuCtxSynchronize()).isEqualTo(715);
        cuda.newContext(0);
        long memory = cuda.allocate(8);
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory + 1)));
        assertThat(cuda.cuCtxSynchronize()).isEqualTo(716);
        cuda.newContext(0);
        PointerByReference pinned = new PointerByReference();
        Cuda.check(cuda.cuMemHostAlloc(pinned, 4, 0));
        store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(Pointer.nativeValue(pinned.getValue()))));
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(pinned.getValue().getInt(0)).as("page-locked host memory").isEqualTo(7);
    }

    @Test
    void aModuleHasFunctionsAndVariables() throws Exception {
        Child.run(cards, KernelTest.class, "moduleContents");
    }

    static void moduleContents() {
        Cuda cuda = Cuda.withContext();
        long before = cuda.freeBytes();
        Pointer module = Ptx.load(cuda);
        LongByReference address = new LongByReference();
        LongByReference bytes = new LongByReference();
        Cuda.check(cuda.cuModuleGetGlobal_v2(address, bytes, module, "answer"));
        assertThat(bytes.getValue()).isEqualTo(4);
        assertThat(cuda.get(address.getValue(), 4)).containsExactly(42, 0, 0, 0);
        assertThat(cuda.cuModuleGetGlobal_v2(address, bytes, module, "none")).isEqualTo(Cuda.NOT_FOUND);
        PointerByReference function = new PointerByReference();
        assertThat(cuda.cuModuleGetFunction(function, module, "none")).isEqualTo(Cuda.NOT_FOUND);
        Pointer add = Ptx.function(cuda, module, "add");
        assertThat(Ptx.function(cuda, module, "add")).isEqualTo(add);
        IntByReference value = new IntByReference();
        Cuda.check(cuda.cuFuncGetAttribute(value, 0, add));
        assertThat(value.getValue()).as("threads per block").isEqualTo(1024);
        Cuda.check(cuda.cuModuleUnload(module));
        assertThat(cuda.cuModuleUnload(module)).isEqualTo(Cuda.INVALID_HANDLE);
        assertThat(Ptx.launch(cuda, add, 1, 1, null)).isEqualTo(Cuda.INVALID_HANDLE);
        assertThat(cuda.freeBytes()).isEqualTo(before);
    }

    @Test
    void aKernelOfALibraryRunsInEveryContext() throws Exception {
        Child.run(cards, KernelTest.class, "library");
    }

    static void library() {
        Cuda cuda = Cuda.withContext();
        PointerByReference library = new PointerByReference();
        Cuda.check(cuda.cuLibraryLoadData(library, Ptx.image(Ptx.KERNELS), null, null, 0, null, null, 0));
        PointerByReference kernel = new PointerByReference();
        Cuda.check(cuda.cuLibraryGetKernel(kernel, library.getValue(), "store"));
        assertThat(cuda.cuLibraryGetKernel(kernel, library.getValue(), "none")).isEqualTo(Cuda.NOT_FOUND);
        for (int context = 0; context < 2; context++) {
            long memory = cuda.allocate(4);
            Cuda.check(Ptx.launch(cuda, kernel.getValue(), 1, 1, Ptx.parameters(memory)));
            assertThat(cuda.get(memory, 4)).containsExactly(7, 0, 0, 0);
            cuda.newContext(0);
        }
        Cuda.check(cuda.cuLibraryUnload(library.getValue()));
        assertThat(Ptx.launch(cuda, kernel.getValue(), 1, 1, Ptx.parameters(0L)))
                .isEqualTo(Cuda.INVALID_HANDLE);
        assertThat(cuda.cuLibraryUnload(library.getValue())).isEqualTo(Cuda.INVALID_HANDLE);
    }

    @Test
    void imagesThatCannotRunAreRefusedWithTheDriversErrors() throws Exception {
        Child.run(cards, KernelTest.class, "badImages");
    }

    static void badImages() {
        Cuda cuda = Cuda.withContext();
        PointerByReference module = new PointerByReference();
        assertThat(cuda.cuModuleLoadData(module, Ptx.image("rubbish"))).isEqualTo(Cuda.INVALID_IMAGE);
        assertThat(cuda.cuModuleLoadData(module, Ptx.image(""))).isEqualTo(Cuda.INVALID_IMAGE);
        assertThat(cuda.cuModuleLoadData(module, Ptx.image("\u007fELF"))).isEqualTo(Cuda.NO_BINARY_FOR_GPU);
        Memory log = new Memory(512);
        Memory values = new Memory(16);
        values.setPointer(0, log);
        values.setLong(8, 512);
        String text = Ptx.KERNELS.replace("add.f32 ", "adb.f32 ");
        assertThat(cuda.cuModuleLoadDataEx(module, Ptx.image(text), 2, new int[] {5, 6}, values))
                .isEqualTo(Cuda.INVALID_PTX);
        assertThat(log.getString(0)).contains("adb");
        assertThat(values.getLong(8)).isEqualTo(log.getString(0).length() + 1);
    }

    @Test
    void launchesBeyondTheLimitsAreRefused() throws Exception {
        Child.run(cards, KernelTest.class, "launchLimits");
    }

    static void launchLimits() {
        Cuda cuda = Cuda.withContext();
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Memory parameters = Ptx.parameters(0L);
        int[][] shapes = {
            {0, 1, 1, 1, 1, 1, 0},
            {1, 1, 1, 0, 1, 1, 0},
            {1, 65536, 1, 1, 1, 1, 0},
            {1, 1, 1, 1025, 1, 1, 0},
            {1, 1, 1, 32, 33, 1, 0},
            {1, 1, 1, 1, 1, 65, 0},
            {1, 1, 1, 1, 1, 1, 49153},
        };
        for (int[] s : shapes) {
            assertThat(cuda.cuLaunchKernel(store, s[0], s[1], s[2], s[3], s[4], s[5], s[6], null, parameters, null))
                    .isEqualTo(Cuda.INVALID_VALUE);
        }
        assertThat(Ptx.launch(cuda, store, 1, 1, null)).as("no parameters").isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(cuda.cuCtxSynchronize());
    }

    @Test
    void aProcessMayEndWhileItsKernelRunsForEver() throws Exception {
        Child.run(cards, KernelTest.class, "endDuringKernel");
    }

    static void endDuringKernel() {
        Cuda cuda = Cuda.withContext();
        Cuda.check(Ptx.launch(cuda, Ptx.function(cuda, Ptx.load(cuda), "forever"), 1, 1, null));
        assertThat(cuda.cuStreamQuery(null)).isEqualTo(Cuda.NOT_READY);
    }

    @Test
    void aJvmMayEndWhileAHostFunctionWaits() throws Exception {
        Child.run(cards, KernelTest.class, "endDuringHostFunction");
    }

    static void endDuringHostFunction() throws Exception {
        Cuda cuda = Cuda.withContext();
        CountDownLatch inside = new CountDownLatch(1);
        Cuda.HostFunction function = data -> {
            com.sun.jna.Native.detach(false);
            inside.countDown();
            while (true) {
                LockSupport.park();
            }
        };
        com.sun.jna.Native.setCallbackThreadInitializer(function, new CallbackThreadInitializer(true, false));
        Cuda.check(cuda.cuLaunchHostFunc(null, function, null));
        inside.await();
    }
}
