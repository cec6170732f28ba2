package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/simulated-gpu.md, "Faults on request": each test writes faults.conf while the program runs. */
class FaultTest {
    private static final int DEVICE_UNAVAILABLE = 46;
    private static final int ECC_UNCORRECTABLE = 214;
    private static final int LAUNCH_FAILED = 719;
    private static final int UNKNOWN = 999;
    private static final long OTHERS_PID = 1;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card first = Card.of(256 << 20);
        Card.install(cards, first, first.withUuid(Card.SECOND_UUID));
    }

    @Test
    void allocationsFailAfterTheNumberThatTheFileSays() throws Exception {
        Child.run(cards, FaultTest.class, "allocations");
    }

    static void allocations() throws Exception {
        Cuda cuda = Cuda.withContext();
        int after = ThreadLocalRandom.current().nextInt(1, 9);
        FaultsFile.write("# two of them\nallocation after=%d times=2\n".formatted(after));
        for (int i = 0; i < after; i++) {
            assertThat(cuda.tryAllocate(777)).as("allocation %d", i).isZero();
        }
        assertThat(cuda.tryAllocate(777)).isEqualTo(Cuda.OUT_OF_MEMORY);
        assertThat(cuda.tryAllocate(3 << 20)).isEqualTo(Cuda.OUT_OF_MEMORY);
        assertThat(cuda.tryAllocate(777)).isZero();

        FaultsFile.write("allocation\n");
        long free = cuda.freeBytes();
        assertThat(cuda.tryAllocate(5 << 20)).isEqualTo(Cuda.OUT_OF_MEMORY);
        assertThat(cuda.freeBytes()).isEqualTo(free);
        FaultsFile.remove();
        assertThat(cuda.tryAllocate(5 << 20)).isZero();
    }

    @Test
    void aFaultMeansTheCardAndTheProcessItNames() throws Exception {
        Child.run(cards, FaultTest.class, "otherCardAndProcess");
    }

    static void otherCardAndProcess() throws Exception {
        Cuda cuda = Cuda.withContext();
        FaultsFile.write("allocation card=1\nallocation pid=%d\n".formatted(OTHERS_PID));
        assertThat(cuda.tryAllocate(1)).isZero();
        cuda.newContext(1);
        assertThat(cuda.tryAllocate(1)).isEqualTo(Cuda.OUT_OF_MEMORY);
        FaultsFile.write("allocation card=%s pid=%d\n"
                .formatted(Card.FIRST_UUID, ProcessHandle.current().pid()));
        assertThat(cuda.tryAllocate(1)).isZero();
        cuda.newContext(0);
        assertThat(cuda.tryAllocate(1)).isEqualTo(Cuda.OUT_OF_MEMORY);
    }

    @Test
    void aKernelHangsUntilTheFileSaysSoNoMore() throws Exception {
        Child.run(cards, FaultTest.class, "hang");
    }

    static void hang() throws Exception {
        Cuda cuda = Cuda.withContext();
        Pointer module = Ptx.load(cuda);
        long memory = cuda.allocate(4);
        FaultsFile.write("hang kernel=store after=1\n");
        Pointer store = Ptx.function(cuda, module, "store");
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
        Cuda.check(cuda.cuCtxSynchronize());
        Cuda.check(cuda.cuMemsetD32_v2(memory, 0, 1));
        Cuda.check(cuda.cuCtxSynchronize());
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
        Thread.sleep(100);
        assertThat(cuda.cuStreamQuery(null)).isEqualTo(Cuda.NOT_READY);
        FaultsFile.remove();
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(cuda.get(memory, 4)).containsExactly(7, 0, 0, 0);
    }

    @Test
    void aProcessWhoseKernelHangsCanBeKilledAndOthersGoOn() throws Exception {
        Files.writeString(cards.resolve("faults.conf"), "hang kernel=trapped\n");
        try (Child hanging = Child.start(cards, Map.of(), FaultTest.class, "launchWhatHangs")) {
            assertThat(hanging.line()).isEqualTo("launched");
            Child.run(cards, FaultTest.class, "addAndStore");
            hanging.kill();
        }
        Child.run(cards, FaultTest.class, "addAndStore");
        Child.run(cards, FaultTest.class, "endWithWhatHangs");
    }

    static void launchWhatHangs() throws Exception {
        Cuda cuda = Cuda.withContext();
        Cuda.check(Ptx.launch(cuda, Ptx.function(cuda, Ptx.load(cuda), "trapped"), 1, 1, null));
        Child.tell("launched");
        Child.awaitParent();
    }

    static void endWithWhatHangs() {
        Cuda cuda = Cuda.withContext();
        Cuda.check(Ptx.launch(cuda, Ptx.function(cuda, Ptx.load(cuda), "trapped"), 1, 1, null));
    }

    static void addAndStore() {
        Cuda cuda = Cuda.withContext();
        long memory = cuda.allocate(4);
        Cuda.check(Ptx.launch(cuda, Ptx.function(cuda, Ptx.load(cuda), "store"), 1, 1, Ptx.parameters(memory)));
        assertThat(cuda.get(memory, 4)).containsExactly(7, 0, 0, 0);
    }

    @Test
    void aKernelFailsWithTheCodeAndBreaksItsContextAlone() throws Exception {
        Child.run(cards, FaultTest.class, "error");
    }

    static void error() throws Exception {
        Cuda cuda = Cuda.withContext();
        PointerByReference broken = new PointerByReference();
        Cuda.check(cuda.cuCtxGetCurrent(broken));
        Pointer module = Ptx.load(cuda);
        Pointer store = Ptx.function(cuda, module, "store");
        long memory = cuda.allocate(4);
        FaultsFile.write("error code=719 kernel=store after=2\n");
        for (int i = 0; i < 2; i++) {
            Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
            Cuda.check(cuda.cuCtxSynchronize());
        }
        Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
        assertThat(cuda.cuCtxSynchronize()).isEqualTo(LAUNCH_FAILED);
        assertThat(cuda.tryAllocate(1)).isEqualTo(LAUNCH_FAILED);
        FaultsFile.remove();
        assertThat(cuda.tryAllocate(1)).isEqualTo(LAUNCH_FAILED);
        cuda.newContext(0);
        assertThat(cuda.tryAllocate(1)).isZero();
        Cuda.check(cuda.cuCtxDestroy_v2(broken.getValue()));
        assertThat(cuda.tryAllocate(1)).isZero();
    }

    @Test
    void anEccErrorBreaksTheContextsThatAreOpenOnTheCard() throws Exception {
        Child.run(cards, FaultTest.class, "ecc");
    }

    static void ecc() throws Exception {
        Cuda cuda = Cuda.withContext();
        Pointer other = cuda.newContext(1);
        Pointer hit = cuda.newContext(0);
        FaultsFile.write("ecc card=0\n");
        assertThat(cuda.tryAllocate(1)).isEqualTo(ECC_UNCORRECTABLE);
        assertThat(cuda.cuCtxSynchronize()).isEqualTo(ECC_UNCORRECTABLE);
        Cuda.check(cuda.cuCtxSetCurrent(other));
        assertThat(cuda.tryAllocate(1)).isZero();
        Cuda.check(cuda.cuCtxDestroy_v2(hit));
        cuda.newContext(0);
        assertThat(cuda.tryAllocate(1)).isZero();
    }

    @Test
    void aLostCardFailsEveryCallAndIsNotThereForNewProcesses() throws Exception {
        Child.run(cards, FaultTest.class, "lost");
        Child.run(cards, FaultTest.class, "oneCardIsLeft");
        Files.delete(cards.resolve("faults.conf"));
        Child.run(cards, FaultTest.class, "addAndStore");
    }

    static void lost() throws Exception {
        Cuda cuda = Cuda.withContext();
        FaultsFile.write("lost card=%s\n".formatted(Card.FIRST_UUID));
        assertThat(cuda.tryAllocate(1)).isEqualTo(UNKNOWN);
        assertThat(cuda.cuCtxSynchronize()).isEqualTo(UNKNOWN);
        assertThat(cuda.cuCtxCreate_v2(new PointerByReference(), 0, 0)).isEqualTo(DEVICE_UNAVAILABLE);
        assertThat(cuda.cuDevicePrimaryCtxRetain(new PointerByReference(), 0)).isEqualTo(DEVICE_UNAVAILABLE);
        cuda.newContext(1);
        assertThat(cuda.tryAllocate(1)).isZero();
    }

    static void oneCardIsLeft() {
        Cuda cuda = Cuda.initialised();
        IntByReference count = new IntByReference();
        Cuda.check(cuda.cuDeviceGetCount(count));
        assertThat(count.getValue()).isEqualTo(1);
        Memory uuid = new Memory(16);
        Cuda.check(cuda.cuDeviceGetUuid_v2(uuid, 0));
        assertThat(uuid.getByte(1)).isEqualTo((byte) 0xbc);
    }

    @Test
    void copiesAreAsSlowAsTheFileSays() throws Exception {
        Child.run(cards, FaultTest.class, "slowCopies");
    }

    /** 2 MiB last at least 87 µs at 24 GB/s; a thousandfold, even a third of it is far more than a loaded machine adds. */
    static void slowCopies() throws Exception {
        Cuda cuda = Cuda.withContext();
        long memory = cuda.allocate(2 << 20);
        FaultsFile.write("slow_copies factor=1000\n");
        long begun = System.nanoTime();
        cuda.put(memory, new byte[2 << 20]);
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(System.nanoTime() - begun).isGreaterThan(30_000_000);
    }

    @Test
    void aFileWithAnErrorInjectsNothingAndIsToldOnceWithItsLine() throws Exception {
        for (String wrong : List.of(
                "explode",
                "allocation after=many",
                "hang",
                "error kernel=store",
                "error code=0",
                "allocation code=2",
                "lost card=2",
                "slow_copies factor=0",
                "allocation after")) {
            Files.writeString(cards.resolve("faults.conf"), "allocation\n\n" + wrong + "\n");
            try (Child child = Child.start(cards, Map.of(), FaultTest.class, "nothing")) {
                child.awaitSuccess();
                assertThat(child.errorText())
                        .as(wrong)
                        .containsOnlyOnce(cards.resolve("faults.conf") + ":3: ")
                        .containsOnlyOnce("no faults are injected");
            }
        }
    }

    @Test
    void aFileThatCannotBeReadInjectsNothingAndIsToldOnce() throws Exception {
        Files.createDirectory(cards.resolve("faults.conf"));
        try (Child child = Child.start(cards, Map.of(), FaultTest.class, "nothing")) {
            child.awaitSuccess();
            assertThat(child.errorText()).containsOnlyOnce("cannot read " + cards.resolve("faults.conf"));
        }
    }

    static void nothing() throws Exception {
        Cuda cuda = Cuda.withContext();
        for (int i = 0; i < 5; i++) {
            assertThat(cuda.tryAllocate(1)).isZero();
            Thread.sleep(20);
        }
    }
}
