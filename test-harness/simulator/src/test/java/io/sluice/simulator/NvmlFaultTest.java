package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvmlFaultTest {
    private static final long DOUBLE_BIT = 2;
    private static final long XID = 8;
    private static final int PATIENCE_MS = 20_000;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Files.writeString(
                cards.resolve("cards.conf"),
                "[card]\nmodel=A10\nuuid=%s\n[card]\nmodel=T4\nuuid=%s\n".formatted(Card.FIRST_UUID, Card.SECOND_UUID));
    }

    @Test
    void anEccErrorIsCountedAndTold() throws Exception {
        Child.run(cards, NvmlFaultTest.class, "ecc");
    }

    static void ecc() throws Exception {
        Nvml nvml = Nvml.initialised();
        Pointer gpu = nvml.device(0);
        Pointer set = newSet(nvml, gpu, XID | DOUBLE_BIT);
        Memory event = new Memory(32);
        assertThat(nvml.call("nvmlEventSetWait_v2", set, event, 20)).isEqualTo(Nvml.TIMEOUT);
        assertThat(uncorrected(nvml, gpu)).isZero();
        FaultsFile.write("ecc card=0\n");
        nvml.must("nvmlEventSetWait_v2", set, event, PATIENCE_MS);
        assertThat(event.getPointer(0)).isEqualTo(gpu);
        assertThat(event.getLong(8)).isEqualTo(XID);
        assertThat(event.getLong(16)).isEqualTo(48);
        nvml.must("nvmlEventSetWait_v2", set, event, PATIENCE_MS);
        assertThat(event.getLong(8)).isEqualTo(DOUBLE_BIT);
        assertThat(nvml.call("nvmlEventSetWait_v2", set, event, 20)).isEqualTo(Nvml.TIMEOUT);
        assertThat(uncorrected(nvml, gpu)).isEqualTo(1);
        assertThat(uncorrected(nvml, nvml.device(1))).isZero();
        IntByReference pending = new IntByReference();
        IntByReference other = new IntByReference();
        nvml.must("nvmlDeviceGetRemappedRows", gpu, other, other, pending, new IntByReference());
        assertThat(pending.getValue()).isEqualTo(1);
        nvml.must("nvmlEventSetFree", set);
        assertThat(nvml.call("nvmlEventSetWait_v2", set, event, 0)).isEqualTo(Nvml.INVALID_ARGUMENT);
    }

    @Test
    void aLostCardAnswersThatItIsLostAndIsStillCounted() throws Exception {
        Child.run(cards, NvmlFaultTest.class, "lost");
    }

    static void lost() throws Exception {
        Nvml nvml = Nvml.initialised();
        Pointer gpu = nvml.device(1);
        Pointer set = newSet(nvml, gpu, XID);
        FaultsFile.write("lost card=1\n");
        Memory event = new Memory(32);
        event.setMemory(0, 32, (byte) 0x55);
        nvml.must("nvmlEventSetWait", set, event, PATIENCE_MS);
        assertThat(event.getLong(16)).isEqualTo(79);
        assertThat(event.getByte(24)).as("behind the older structure").isEqualTo((byte) 0x55);
        assertThat(nvml.call("nvmlEventSetWait", set, event, 0)).isEqualTo(Nvml.GPU_IS_LOST);
        assertThat(nvml.call("nvmlDeviceGetMemoryInfo", gpu, new Memory(24))).isEqualTo(Nvml.GPU_IS_LOST);
        assertThat(nvml.call("nvmlDeviceGetHandleByIndex_v2", 1, new PointerByReference()))
                .isEqualTo(Nvml.GPU_IS_LOST);
        assertThat(nvml.number("nvmlDeviceGetCount_v2")).isEqualTo(2);
        assertThat(nvml.text("nvmlDeviceGetName", nvml.device(0))).isEqualTo("NVIDIA A10");
        FaultsFile.remove();
        assertThat(nvml.text("nvmlDeviceGetName", nvml.device(1))).isEqualTo("Tesla T4");
    }

    private static Pointer newSet(Nvml nvml, Pointer gpu, long types) {
        LongByReference supported = new LongByReference();
        nvml.must("nvmlDeviceGetSupportedEventTypes", gpu, supported);
        assertThat(supported.getValue() & types).isEqualTo(types);
        PointerByReference set = new PointerByReference();
        nvml.must("nvmlEventSetCreate", set);
        assertThat(nvml.call("nvmlDeviceRegisterEvents", gpu, types | 1L << 40, set.getValue()))
                .isEqualTo(Nvml.NOT_SUPPORTED);
        nvml.must("nvmlDeviceRegisterEvents", gpu, types, set.getValue());
        return set.getValue();
    }

    private static long uncorrected(Nvml nvml, Pointer gpu) {
        LongByReference count = new LongByReference(-1);
        nvml.must("nvmlDeviceGetTotalEccErrors", gpu, 1, 0, count);
        return count.getValue();
    }
}
