package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelTest {
    private static final long GIB = 1L << 30;

    @TempDir
    private Path cards;

    /** What NVIDIA's data sheets and programming guide say of a model. */
    private record Sheet(
            String model,
            String name,
            int gigabytes,
            int sms,
            int capability,
            int threads,
            int sharedKib,
            int busBits) {}

    private static final List<Sheet> SHEETS = List.of(
            new Sheet("T4", "Tesla T4", 16, 40, 75, 1024, 64, 256),
            new Sheet("A10", "NVIDIA A10", 24, 72, 86, 1536, 100, 384),
            new Sheet("A100-80GB", "NVIDIA A100-SXM4-80GB", 80, 108, 80, 2048, 164, 5120),
            new Sheet("H100", "NVIDIA H100 80GB HBM3", 80, 132, 90, 2048, 228, 5120));

    @Test
    void severalModelsAreToldAsTheirDataSheetsSay() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < SHEETS.size(); i++) {
            text.append("[card]\nmodel=%s\nuuid=%s\n".formatted(SHEETS.get(i).model(), uuid(i)));
        }
        Files.writeString(cards.resolve("cards.conf"), text);
        Child.run(cards, ModelTest.class, "compareWithSheets");
    }

    static void compareWithSheets() {
        Cuda cuda = Cuda.initialised();
        Nvml nvml = Nvml.initialised();
        for (int card = 0; card < SHEETS.size(); card++) {
            Sheet sheet = SHEETS.get(card);
            Pointer device = nvml.device(card);
            byte[] name = new byte[96];
            Cuda.check(cudaCall("cuDeviceGetName", name, name.length, card));
            assertThat(com.sun.jna.Native.toString(name)).isEqualTo(sheet.name());
            assertThat(nvml.text("nvmlDeviceGetName", device)).isEqualTo(sheet.name());
            assertThat(attribute(16, card)).as(sheet.model()).isEqualTo(sheet.sms());
            assertThat(attribute(75, card) * 10 + attribute(76, card)).isEqualTo(sheet.capability());
            assertThat(attribute(39, card)).isEqualTo(sheet.threads());
            assertThat(attribute(81, card)).isEqualTo(sheet.sharedKib() * 1024);
            assertThat(attribute(37, card)).isEqualTo(sheet.busBits());
            assertMemory(nvml, device, card, sheet);
        }
        assertThat(cuda).isNotNull();
    }

    /** The board's memory is what programs can use and what the driver keeps; free of it is the same for CUDA and NVML. */
    private static void assertMemory(Nvml nvml, Pointer device, int card, Sheet sheet) {
        LongByReference usable = new LongByReference();
        Cuda.check(cudaCall("cuDeviceTotalMem_v2", usable, card));
        Memory memory = new Memory(40);
        memory.setInt(0, 40 | 2 << 24);
        nvml.must("nvmlDeviceGetMemoryInfo_v2", device, memory);
        long total = memory.getLong(8);
        long reserved = memory.getLong(16);
        assertThat(total).isBetween((sheet.gigabytes() - 2) * GIB, sheet.gigabytes() * GIB);
        assertThat(total).isEqualTo(usable.getValue() + reserved);
        assertThat(memory.getLong(24)).isEqualTo(usable.getValue());
        assertThat(memory.getLong(32)).isZero();
        nvml.must("nvmlDeviceGetMemoryInfo", device, memory);
        assertThat(memory.getLongArray(0, 3)).containsExactly(total, usable.getValue(), reserved);

        PointerByReference context = new PointerByReference();
        Cuda.check(cudaCall("cuCtxCreate_v2", context, 0, card));
        LongByReference most = new LongByReference();
        LongByReference address = new LongByReference();
        Cuda.check(cudaCall("cuMemGetInfo_v2", most, new LongByReference()));
        assertThat(cudaCall("cuMemAlloc_v2", address, most.getValue() + 1)).isEqualTo(Cuda.OUT_OF_MEMORY);
        Cuda.check(cudaCall("cuMemAlloc_v2", address, most.getValue() / (2 << 20) * (2 << 20)));
        Cuda.check(cudaCall("cuCtxDestroy_v2", context.getValue()));
    }

    @Test
    void aKeyAfterTheModelChangesWhatTheModelSays() throws Exception {
        Files.writeString(
                cards.resolve("cards.conf"),
                "[card]\nmodel=H100\nuuid=%s\nname=Half an H100\nsms=66\nmemory_bytes=67108864\nreserved_bytes=0\n"
                        .formatted(uuid(0)));
        Child.run(cards, ModelTest.class, "compareWithKeys");
    }

    static void compareWithKeys() {
        Cuda.initialised();
        Nvml nvml = Nvml.initialised();
        assertThat(nvml.text("nvmlDeviceGetName", nvml.device(0))).isEqualTo("Half an H100");
        assertThat(attribute(16, 0)).isEqualTo(66);
        assertThat(attribute(75, 0)).isEqualTo(9);
        LongByReference usable = new LongByReference();
        Cuda.check(cudaCall("cuDeviceTotalMem_v2", usable, 0));
        assertThat(usable.getValue()).isEqualTo(67108864);
    }

    @Test
    void anUnknownModelIsRefusedWithItsLineAndTheModelsThereAre() throws Exception {
        assertRefused("[card]\nuuid=%s\nmodel=T4\n", ":3: 'model' must be the first key");
        assertRefused(
                "[card]\nmodel=T5\nuuid=%s\n",
                ":2: 'model' does not take this value; give it one of T4, A10, A100-80GB and H100");
    }

    private void assertRefused(String text, String expected) throws Exception {
        Files.writeString(cards.resolve("cards.conf"), text.formatted(uuid(0)));
        try (Child child = Child.start(cards, Map.of(), ModelTest.class, "findNoDevice")) {
            child.awaitSuccess();
            assertThat(child.errorText()).contains(cards.resolve("cards.conf") + expected);
        }
    }

    static void findNoDevice() {
        assertThat(cudaCall("cuInit", 0)).isEqualTo(Cuda.NO_DEVICE);
    }

    private static String uuid(int card) {
        return "GPU-0000000%d-2222-3333-4444-555555555555".formatted(card);
    }

    private static int cudaCall(String function, Object... arguments) {
        NativeLibrary library = Cuda.library();
        return library.getFunction(function).invokeInt(arguments);
    }

    private static int attribute(int attribute, int card) {
        IntByReference value = new IntByReference(-1);
        Cuda.check(cudaCall("cuDeviceGetAttribute", value, attribute, card));
        return value.getValue();
    }
}
