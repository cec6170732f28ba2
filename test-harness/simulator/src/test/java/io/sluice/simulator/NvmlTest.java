package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvmlTest {
    private static final long MEMORY = 64 << 20;
    private static final byte UNTOUCHED = 0x55;

    @TempDir
    private Path cards;

    @Test
    void tellsOfMemoryAndProcesses() throws Exception {
        Card.install(cards, Card.of(MEMORY));
        Child.run(cards, NvmlTest.class, "memoryAndProcesses");
    }

    /** NVML and CUDA in one process: each has the card's files open by itself. */
    static void memoryAndProcesses() {
        Nvml nvml = new Nvml();
        assertThat(nvml.call("nvmlDeviceGetCount_v2", new IntByReference())).isEqualTo(Nvml.UNINITIALIZED);
        nvml.must("nvmlInit_v2");
        Pointer gpu = nvml.device(0);
        IntByReference count = new IntByReference(0);
        nvml.must("nvmlDeviceGetComputeRunningProcesses_v3", gpu, count, Pointer.NULL);
        assertThat(count.getValue()).isZero();

        Cuda.withContext().allocate(5 << 20);
        Memory memory = new Memory(40);
        nvml.must("nvmlDeviceGetMemoryInfo", gpu, memory);
        assertThat(memory.getLongArray(0, 3)).containsExactly(MEMORY, MEMORY - (6 << 20), 6 << 20);
        memory.setInt(0, 40 | 2 << 24);
        nvml.must("nvmlDeviceGetMemoryInfo_v2", gpu, memory);
        assertThat(memory.getLongArray(8, 4)).containsExactly(MEMORY, 0, MEMORY - (6 << 20), 6 << 20);
        memory.setInt(0, 7);
        assertThat(nvml.call("nvmlDeviceGetMemoryInfo_v2", gpu, memory)).isEqualTo(Nvml.VERSION_MISMATCH);
        assertThat(nvml.call("nvmlDeviceGetMigMode", gpu, new IntByReference(), new IntByReference()))
                .isEqualTo(Nvml.NOT_SUPPORTED);
        assertThat(nvml.call("nvmlDeviceGetIndex", Pointer.createConstant(16), new IntByReference()))
                .isEqualTo(Nvml.INVALID_ARGUMENT);
        nvml.must("nvmlShutdown");
        assertThat(nvml.call("nvmlShutdown")).isEqualTo(Nvml.UNINITIALIZED);
        assertThat(nvml.call("nvmlDeviceGetIndex", gpu, count)).isEqualTo(Nvml.UNINITIALIZED);
    }

    @Test
    void listsProcessesInEveryFormAndSaysHowMuchRoomTheyNeed() throws Exception {
        Card.install(cards, Card.of(MEMORY));
        try (Child first = Child.start(cards, Map.of(), NvmlTest.class, "holdMemory");
                Child second = Child.start(cards, Map.of(), NvmlTest.class, "holdMemory")) {
            Set<Integer> pids = new HashSet<>(List.of((int) first.pid(), (int) second.pid()));
            assertThat(first.line()).isEqualTo("holding");
            assertThat(second.line()).isEqualTo("holding");
            try (Child reader = Child.start(cards, Map.of(), NvmlTest.class, "listProcesses")) {
                for (String form : List.of("", "_v2", "_v3")) {
                    assertThat(Stream.of(reader.line(), reader.line())
                                    .map(Integer::valueOf)
                                    .collect(Collectors.toSet()))
                            .as(form)
                            .isEqualTo(pids);
                }
                reader.awaitSuccess();
            }
        }
    }

    static void holdMemory() throws Exception {
        Cuda.withContext().allocate(7 << 20);
        Child.tell("holding");
        Child.awaitParent();
    }

    static void listProcesses() {
        Nvml nvml = Nvml.initialised();
        Pointer gpu = nvml.device(0);
        for (String form : List.of("", "_v2", "_v3")) {
            String function = "nvmlDeviceGetComputeRunningProcesses" + form;
            int bytes = form.isEmpty() ? 16 : 24;
            IntByReference count = new IntByReference(0);
            assertThat(nvml.call(function, gpu, count, Pointer.NULL)).isEqualTo(Nvml.INSUFFICIENT_SIZE);
            assertThat(count.getValue()).isEqualTo(2);
            Memory infos = new Memory(3L * bytes);
            infos.setMemory(0, infos.size(), UNTOUCHED);
            count.setValue(1);
            assertThat(nvml.call(function, gpu, count, infos)).isEqualTo(Nvml.INSUFFICIENT_SIZE);
            assertThat(count.getValue()).isEqualTo(2);
            assertThat(infos.getByte(bytes)).isEqualTo(UNTOUCHED);
            count.setValue(3);
            nvml.must(function, gpu, count, infos);
            assertThat(count.getValue()).isEqualTo(2);
            for (int i = 0; i < 2; i++) {
                Child.tell(infos.getInt((long) i * bytes));
                assertThat(infos.getLong((long) i * bytes + 8)).isEqualTo(8 << 20);
            }
            assertThat(infos.getByte(2L * bytes)).isEqualTo(UNTOUCHED);
            count.setValue(3);
            nvml.must("nvmlDeviceGetGraphicsRunningProcesses" + form, gpu, count, infos);
            assertThat(count.getValue()).isZero();
            count.setValue(3);
            nvml.must("nvmlDeviceGetMPSComputeRunningProcesses" + form, gpu, count, infos);
            assertThat(count.getValue()).isZero();
        }
    }

    @Test
    void hasAnOrderOfItsOwnAndSeesHiddenCards() throws Exception {
        Card first = Card.of(MEMORY);
        Card.install(
                cards,
                first.with("nvml_index=1"),
                first.withUuid(Card.SECOND_UUID).with("nvml_index=0"));
        Child.run(cards, Map.of("CUDA_VISIBLE_DEVICES", ""), NvmlTest.class, "order");
    }

    static void order() {
        Nvml nvml = Nvml.initialised();
        assertThat(nvml.number("nvmlDeviceGetCount_v2")).isEqualTo(2);
        byte[] text = new byte[96];
        assertThat(nvml.call("nvmlDeviceGetUUID", nvml.device(0), text, 40)).isEqualTo(Nvml.INSUFFICIENT_SIZE);
        assertThat(nvml.text("nvmlDeviceGetUUID", nvml.device(0))).isEqualTo(Card.SECOND_UUID);
        PointerByReference device = new PointerByReference();
        nvml.must("nvmlDeviceGetHandleByUUID", Card.FIRST_UUID, device);
        assertThat(nvml.number("nvmlDeviceGetIndex", device.getValue())).isEqualTo(1);
        assertThat(nvml.call("nvmlDeviceGetHandleByUUID", "GPU-none", device)).isEqualTo(Nvml.NOT_FOUND);
        nvml.must("nvmlDeviceGetHandleByPciBusId_v2", "00000000:02:00.0", device);
        assertThat(nvml.number("nvmlDeviceGetIndex", device.getValue())).isEqualTo(1);
        assertThat(nvml.call("nvmlDeviceGetHandleByIndex_v2", 2, device)).isEqualTo(Nvml.INVALID_ARGUMENT);
        nvml.must("nvmlSystemGetDriverVersion", text, text.length);
        assertThat(com.sun.jna.Native.toString(text)).startsWith("535.");
        nvml.must("nvmlSystemGetProcessName", (int) ProcessHandle.current().pid(), text, text.length);
        assertThat(com.sun.jna.Native.toString(text)).contains("java");
        assertThat(nvml.call("nvmlSystemGetProcessName", Integer.MAX_VALUE, text, text.length))
                .isEqualTo(Nvml.NOT_FOUND);
    }

    @Test
    void theOlderPciStructuresAreNotWrittenBeyondTheirEnd() throws Exception {
        Files.writeString(cards.resolve("cards.conf"), "[card]\nmodel=A10\nuuid=%s\n".formatted(Card.FIRST_UUID));
        Child.run(cards, NvmlTest.class, "pciForms");
    }

    static void pciForms() {
        Nvml nvml = Nvml.initialised();
        Map<String, Integer> bytes =
                Map.of("nvmlDeviceGetPciInfo", 32, "nvmlDeviceGetPciInfo_v2", 36, "nvmlDeviceGetPciInfo_v3", 68);
        bytes.forEach((function, size) -> {
            Memory pci = new Memory(80);
            pci.setMemory(0, pci.size(), UNTOUCHED);
            nvml.must(function, nvml.device(0), pci);
            assertThat(pci.getString(0)).isEqualTo("0000:01:00.0");
            assertThat(pci.getInt(20)).as("bus").isEqualTo(1);
            assertThat(pci.getInt(28)).as("device id").isEqualTo(0x223610de);
            assertThat(pci.getByteArray(size, 80 - size)).as(function).containsOnly(UNTOUCHED);
        });
    }

    @Test
    void tellsWhatTheModelSaysOfClocksAndPower() throws Exception {
        Files.writeString(
                cards.resolve("cards.conf"),
                "[card]\nmodel=T4\nuuid=%s\n[card]\nuuid=%s\n".formatted(Card.FIRST_UUID, Card.SECOND_UUID));
        Child.run(cards, NvmlTest.class, "clocksAndPower");
    }

    static void clocksAndPower() {
        Nvml nvml = Nvml.initialised();
        Pointer t4 = nvml.device(0);
        assertThat(nvml.number("nvmlDeviceGetPowerManagementLimit", t4)).isEqualTo(70_000);
        assertThat(nvml.number("nvmlDeviceGetPowerUsage", t4)).isBetween(1, 70_000);
        assertThat(nvml.number("nvmlDeviceGetMaxClockInfo", t4, 1)).isEqualTo(1590);
        assertThat(nvml.number("nvmlDeviceGetClockInfo", t4, 2)).isEqualTo(5001);
        assertThat(nvml.call("nvmlDeviceGetClockInfo", t4, 4, new IntByReference()))
                .isEqualTo(Nvml.INVALID_ARGUMENT);
        assertThat(nvml.number("nvmlDeviceGetArchitecture", t4)).as("Turing").isEqualTo(6);
        assertThat(nvml.number("nvmlDeviceGetNumGpuCores", t4)).isEqualTo(2560);
        assertThat(nvml.number("nvmlDeviceGetTemperature", t4, 0)).isBetween(1, 90);
        assertThat(nvml.number("nvmlDeviceGetAccountingMode", t4)).isZero();
        assertThat(nvml.number("nvmlDeviceGetComputeMode", t4)).isZero();
        IntByReference mode = new IntByReference();
        nvml.must("nvmlDeviceGetEccMode", t4, mode, new IntByReference());
        assertThat(mode.getValue()).isEqualTo(1);
        assertThat(nvml.call("nvmlDeviceGetEccMode", nvml.device(1), mode, new IntByReference()))
                .isEqualTo(Nvml.NOT_SUPPORTED);
        Memory bar1 = new Memory(24);
        nvml.must("nvmlDeviceGetBAR1MemoryInfo", t4, bar1);
        assertThat(bar1.getLong(0)).isEqualTo(256 << 20).isEqualTo(bar1.getLong(8) + bar1.getLong(16));
    }

    @Test
    void whatIsNotImplementedSaysSoOnceNvmlIsInitialised() throws Exception {
        Card.install(cards, Card.of(MEMORY));
        Child.run(cards, NvmlTest.class, "callAllMissing");
    }

    static void callAllMissing() throws Exception {
        Path sources = Path.of(System.getProperty("sluice.home"), "test-harness/simulator/src/main/c");
        Set<String> implemented = Handwritten.ofNvml(sources);
        List<String> names = new NvmlWriter(Native.api(), implemented)
                .rows().stream().map(NvmlWriter.Row::name).toList();
        NativeLibrary library =
                NativeLibrary.getInstance(Native.library("libnvidia-ml.so.1").toString());
        Nvml nvml = new Nvml();
        for (int expected : List.of(Nvml.UNINITIALIZED, Nvml.NOT_SUPPORTED)) {
            for (String name : names) {
                assertThat(library.getFunction(name)).as(name).isNotNull();
                if (!implemented.contains(name)) {
                    assertThat(nvml.call(name)).as(name).isEqualTo(expected);
                }
            }
            nvml.must("nvmlInit_v2");
        }
    }
}
