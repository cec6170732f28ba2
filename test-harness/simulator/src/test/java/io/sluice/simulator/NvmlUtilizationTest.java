package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import java.nio.file.Path;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvmlUtilizationTest {
    private static final int SAMPLE_BYTES = 32;
    private static final int UNSIGNED_INT = 1;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(64 << 20).with("length_ns.store=6000000000").with("length_ns.trapped=0"));
    }

    @Test
    void aBusyProcessShowsInTheSamplesAndAnIdleOneDoesNot() throws Exception {
        try (Child busy = Child.start(cards, Map.of(), NvmlUtilizationTest.class, "keepBusy");
                Child idle = Child.start(cards, Map.of(), NvmlTest.class, "holdMemory")) {
            assertThat(busy.line()).isEqualTo("busy");
            assertThat(idle.line()).isEqualTo("holding");
            try (Child reader = Child.start(cards, Map.of(), NvmlUtilizationTest.class, "readBusy")) {
                assertThat(reader.line()).isEqualTo(String.valueOf(busy.pid()));
                reader.awaitSuccess();
            }
        }
    }

    static void keepBusy() throws Exception {
        Cuda cuda = Cuda.withContext();
        long memory = cuda.allocate(4);
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
        Child.tell("busy");
        Child.awaitParent();
    }

    /** Two kernels of 6 s: there are periods without a break in them, whatever else the machine does. */
    static void readBusy() {
        Nvml nvml = Nvml.initialised();
        Pointer gpu = nvml.device(0);
        Memory rates = new Memory(8);
        Awaitility.await().untilAsserted(() -> {
            nvml.must("nvmlDeviceGetUtilizationRates", gpu, rates);
            assertThat(rates.getInt(0)).isEqualTo(100);
        });
        assertThat(rates.getInt(4)).as("memory").isZero();
        IntByReference count = new IntByReference(0);
        assertThat(nvml.call("nvmlDeviceGetProcessUtilization", gpu, Pointer.NULL, count, 0L))
                .isEqualTo(Nvml.INSUFFICIENT_SIZE);
        assertThat(count.getValue()).isEqualTo(1);
        Memory samples = new Memory(SAMPLE_BYTES);
        nvml.must("nvmlDeviceGetProcessUtilization", gpu, samples, count, 0L);
        Child.tell(samples.getInt(0));
        assertThat(samples.getInt(16)).as("SM").isEqualTo(100);
        long ageMicros = System.currentTimeMillis() * 1000 - samples.getLong(8);
        assertThat(ageMicros).as("age of the sample").isBetween(-2_000L, 10_000_000L);
        long tomorrow = samples.getLong(8) + 86_400_000_000L;
        assertThat(nvml.call("nvmlDeviceGetProcessUtilization", gpu, samples, count, tomorrow))
                .isEqualTo(Nvml.NOT_FOUND);
        assertHistory(nvml, gpu);
    }

    private static void assertHistory(Nvml nvml, Pointer gpu) {
        IntByReference type = new IntByReference();
        IntByReference count = new IntByReference();
        nvml.must("nvmlDeviceGetSamples", gpu, 1, 0L, type, count, Pointer.NULL);
        Memory samples = new Memory(16L * count.getValue());
        nvml.must("nvmlDeviceGetSamples", gpu, 1, 0L, type, count, samples);
        assertThat(type.getValue()).isEqualTo(UNSIGNED_INT);
        int before = 0;
        for (int i = 1; i < count.getValue(); i++) {
            long microseconds = samples.getLong(16L * i) - samples.getLong(16L * (i - 1));
            assertThat(microseconds).as("sample %d after the one before", i).isBetween(166_000L, 167_400L);
            before += samples.getInt(16L * i + 8) == 0 ? 1 : 0;
        }
        assertThat(before).as("samples of before the load").isPositive();
        assertThat(samples.getInt(16L * (count.getValue() - 1) + 8)).isPositive();
    }

    @Test
    void anIdleCardHasNothingToTell() throws Exception {
        Child.run(cards, NvmlUtilizationTest.class, "readIdle");
    }

    static void readIdle() {
        Nvml nvml = Nvml.initialised();
        Memory rates = new Memory(8);
        nvml.must("nvmlDeviceGetUtilizationRates", nvml.device(0), rates);
        assertThat(rates.getLong(0)).isZero();
        assertThat(nvml.call("nvmlDeviceGetProcessUtilization", nvml.device(0), Pointer.NULL, new IntByReference(), 0L))
                .isEqualTo(Nvml.NOT_FOUND);
    }
}
