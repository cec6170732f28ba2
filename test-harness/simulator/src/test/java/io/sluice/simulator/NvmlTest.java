package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvmlTest {
    private static final long MEMORY = 64 << 20;

    @TempDir
    private Path cards;

    interface Nvml extends Library {
        int UNINITIALIZED = 1;
        int INVALID_ARGUMENT = 2;
        int NOT_SUPPORTED = 3;
        int NOT_FOUND = 6;
        int INSUFFICIENT_SIZE = 7;
        int VERSION_MISMATCH = 25;

        static Nvml load() {
            return com.sun.jna.Native.load(Native.library("libnvidia-ml.so.1").toString(), Nvml.class);
        }

        int nvmlInit_v2();

        int nvmlShutdown();

        int nvmlSystemGetDriverVersion(byte[] text, int length);

        int nvmlDeviceGetCount_v2(IntByReference count);

        int nvmlDeviceGetHandleByIndex_v2(int index, PointerByReference device);

        int nvmlDeviceGetHandleByUUID(String uuid, PointerByReference device);

        int nvmlDeviceGetUUID(Pointer device, byte[] text, int length);

        int nvmlDeviceGetIndex(Pointer device, IntByReference index);

        int nvmlDeviceGetMemoryInfo(Pointer device, Pointer memory);

        int nvmlDeviceGetMemoryInfo_v2(Pointer device, Pointer memory);

        int nvmlDeviceGetComputeRunningProcesses_v3(Pointer device, IntByReference count, Pointer infos);

        int nvmlDeviceGetMigMode(Pointer device, IntByReference current, IntByReference pending);
    }

    @Test
    void tellsOfMemoryAndProcesses() throws Exception {
        Card.install(cards, Card.of(MEMORY));
        Child.run(cards, NvmlTest.class, "memoryAndProcesses");
    }

    /** NVML and CUDA in one process: each has the card's files open by itself. */
    static void memoryAndProcesses() {
        Nvml nvml = Nvml.load();
        assertThat(nvml.nvmlDeviceGetCount_v2(new IntByReference())).isEqualTo(Nvml.UNINITIALIZED);
        Cuda.check(nvml.nvmlInit_v2());
        PointerByReference device = new PointerByReference();
        Cuda.check(nvml.nvmlDeviceGetHandleByIndex_v2(0, device));
        Pointer gpu = device.getValue();
        IntByReference count = new IntByReference(0);
        Cuda.check(nvml.nvmlDeviceGetComputeRunningProcesses_v3(gpu, count, Pointer.NULL));
        assertThat(count.getValue()).isZero();

        Cuda.withContext().allocate(5 << 20);
        Memory memory = new Memory(40);
        Cuda.check(nvml.nvmlDeviceGetMemoryInfo(gpu, memory));
        assertThat(memory.getLongArray(0, 3)).containsExactly(MEMORY, MEMORY - (6 << 20), 6 << 20);
        memory.setInt(0, 40 | 2 << 24);
        Cuda.check(nvml.nvmlDeviceGetMemoryInfo_v2(gpu, memory));
        assertThat(memory.getLongArray(8, 4)).containsExactly(MEMORY, 0, MEMORY - (6 << 20), 6 << 20);
        memory.setInt(0, 7);
        assertThat(nvml.nvmlDeviceGetMemoryInfo_v2(gpu, memory)).isEqualTo(Nvml.VERSION_MISMATCH);

        assertThat(nvml.nvmlDeviceGetComputeRunningProcesses_v3(gpu, count, Pointer.NULL))
                .isEqualTo(Nvml.INSUFFICIENT_SIZE);
        assertThat(count.getValue()).isEqualTo(1);
        Memory infos = new Memory(24);
        Cuda.check(nvml.nvmlDeviceGetComputeRunningProcesses_v3(gpu, count, infos));
        assertThat(infos.getInt(0)).isEqualTo((int) ProcessHandle.current().pid());
        assertThat(infos.getLong(8)).isEqualTo(6 << 20);
        assertThat(nvml.nvmlDeviceGetMigMode(gpu, new IntByReference(), new IntByReference()))
                .isEqualTo(Nvml.NOT_SUPPORTED);
        assertThat(nvml.nvmlDeviceGetIndex(Pointer.createConstant(16), new IntByReference()))
                .isEqualTo(Nvml.INVALID_ARGUMENT);
        Cuda.check(nvml.nvmlShutdown());
        assertThat(nvml.nvmlShutdown()).isEqualTo(Nvml.UNINITIALIZED);
    }

    @Test
    void hasAnOrderOfItsOwnAndSeesHiddenCards() throws Exception {
        Card first = Card.of(MEMORY);
        Card.install(
                cards,
                first.with("nvml_index=1"),
                first.withUuid(Card.SECOND_UUID).with("nvml_index=0"));
        Child.run(cards, java.util.Map.of("CUDA_VISIBLE_DEVICES", ""), NvmlTest.class, "order");
    }

    static void order() {
        Nvml nvml = Nvml.load();
        Cuda.check(nvml.nvmlInit_v2());
        IntByReference number = new IntByReference();
        Cuda.check(nvml.nvmlDeviceGetCount_v2(number));
        assertThat(number.getValue()).isEqualTo(2);
        PointerByReference device = new PointerByReference();
        Cuda.check(nvml.nvmlDeviceGetHandleByIndex_v2(0, device));
        byte[] text = new byte[96];
        assertThat(nvml.nvmlDeviceGetUUID(device.getValue(), text, 40)).isEqualTo(Nvml.INSUFFICIENT_SIZE);
        Cuda.check(nvml.nvmlDeviceGetUUID(device.getValue(), text, text.length));
        assertThat(com.sun.jna.Native.toString(text)).isEqualTo(Card.SECOND_UUID);
        Cuda.check(nvml.nvmlDeviceGetHandleByUUID(Card.FIRST_UUID, device));
        Cuda.check(nvml.nvmlDeviceGetIndex(device.getValue(), number));
        assertThat(number.getValue()).isEqualTo(1);
        assertThat(nvml.nvmlDeviceGetHandleByUUID("GPU-none", device)).isEqualTo(Nvml.NOT_FOUND);
        Cuda.check(nvml.nvmlSystemGetDriverVersion(text, text.length));
        assertThat(com.sun.jna.Native.toString(text)).startsWith("535.");
    }
}
