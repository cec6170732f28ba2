package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.FloatByReference;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceTimeTest {
    @TempDir
    private Path cards;

    @Test
    void kernelsLastAsLongAsTheCardSays() throws Exception {
        Card.install(cards, Card.of(64 << 20).with("length_ns.store=3000000"));
        Child.run(cards, DeviceTimeTest.class, "tenKernels");
    }

    /**
     * Sleeping overshoots each time; device time does not, so that ten kernels last 30 ms by the events. A busy machine may hold up
     * the interpreter, which stretches a kernel: the best of some rounds counts, and no round is ever shorter.
     */
    static void tenKernels() {
        Cuda cuda = Cuda.withContext();
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        long memory = cuda.allocate(4);
        float best = Float.MAX_VALUE;
        for (int round = 0; round < 20 && best > 30.1f; round++) {
            Pointer start = cuda.newEvent();
            Pointer end = cuda.newEvent();
            Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
            Cuda.check(cuda.cuEventRecord(start, null));
            for (int i = 0; i < 10; i++) {
                Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
            }
            Cuda.check(cuda.cuEventRecord(end, null));
            FloatByReference milliseconds = new FloatByReference();
            assertThat(cuda.cuEventElapsedTime(milliseconds, start, end)).isIn(Cuda.NOT_READY, Cuda.SUCCESS);
            Cuda.check(cuda.cuCtxSynchronize());
            Cuda.check(cuda.cuEventElapsedTime(milliseconds, start, end));
            assertThat(milliseconds.getValue()).isGreaterThan(29.99f);
            best = Math.min(best, milliseconds.getValue());
        }
        assertThat(best).as("ms of ten kernels of 3 ms, at best").isLessThan(30.1f);
    }

    @Test
    void aParameterMayTellTheLength() throws Exception {
        Card.install(cards, Card.of(64 << 20).with("length_ns.add=parameter:0"));
        Child.run(cards, DeviceTimeTest.class, "lengthFromParameter");
    }

    static void lengthFromParameter() {
        Cuda cuda = Cuda.withContext();
        Pointer add = Ptx.function(cuda, Ptx.load(cuda), "add");
        long memory = cuda.allocate(80_000_000 / 2);
        assertThat(timeOf(cuda, add, Ptx.parameters(5_000_000, memory, memory, memory)))
                .isGreaterThanOrEqualTo(5f);
    }

    /** Of one launch, in milliseconds, as events tell it. */
    private static float timeOf(Cuda cuda, Pointer function, Pointer parameters) {
        Pointer start = cuda.newEvent();
        Pointer end = cuda.newEvent();
        Cuda.check(cuda.cuEventRecord(start, null));
        Cuda.check(Ptx.launch(cuda, function, 1, 1, parameters));
        Cuda.check(cuda.cuEventRecord(end, null));
        Cuda.check(cuda.cuEventSynchronize(end));
        FloatByReference milliseconds = new FloatByReference();
        Cuda.check(cuda.cuEventElapsedTime(milliseconds, start, end));
        return milliseconds.getValue();
    }

    /** Whatever its instructions cost: where the CPU is busy few of them are executed in that time. */
    @Test
    void aKernelLastsAsLongAsItSawPass() throws Exception {
        Card.install(cards, Card.of(64 << 20).with("instructions_per_us=1000000"));
        Child.run(cards, DeviceTimeTest.class, "waitingForTheTimer");
    }

    static void waitingForTheTimer() {
        Cuda cuda = Cuda.withContext();
        Pointer last = Ptx.function(cuda, Ptx.load(cuda), "last");
        assertThat(timeOf(cuda, last, Ptx.parameters(5_000_000L))).isGreaterThanOrEqualTo(4.9f);
    }

    @Test
    void aLongKernelHoldsUpItsOwnStreamAlone() throws Exception {
        Card.install(cards, Card.of(64 << 20).with("length_ns.store=100000000000"));
        Child.run(cards, DeviceTimeTest.class, "copyBesideALongKernel");
    }

    static void copyBesideALongKernel() {
        Cuda cuda = Cuda.withContext();
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        Pointer busy = cuda.newStream(1);
        Pointer free = cuda.newStream(1);
        long memory = cuda.allocate(4);
        Cuda.check(cuda.cuLaunchKernel(store, 1, 1, 1, 1, 1, 1, 0, busy, Ptx.parameters(memory), null));
        int[] called = {0};
        Cuda.HostFunction function = data -> called[0]++;
        Cuda.check(cuda.cuLaunchHostFunc(busy, function, null));
        Cuda.check(cuda.cuLaunchHostFunc(free, function, null));
        Cuda.check(cuda.cuMemcpyDtoHAsync_v2(new Memory(4), memory, 4, free));
        Cuda.check(cuda.cuStreamSynchronize(free));
        assertThat(called[0]).as("host functions called").isEqualTo(1);
        assertThat(cuda.cuStreamQuery(busy)).isEqualTo(Cuda.NOT_READY);
    }

    @Test
    void processesShareOneEngine() throws Exception {
        Card.install(cards, Card.of(64 << 20).with("length_ns.store=2000000"));
        try (Child one = Child.start(cards, Map.of(), DeviceTimeTest.class, "hundredKernels");
                Child two = Child.start(cards, Map.of(), DeviceTimeTest.class, "hundredKernels")) {
            assertThat(one.line()).isEqualTo("ready");
            assertThat(two.line()).isEqualTo("ready");
            one.go();
            two.go();
            long first = Long.parseLong(one.line());
            long second = Long.parseLong(two.line());
            assertThat(Math.max(first, second))
                    .as("ms of the later one: 100 + 100 kernels of 2 ms")
                    .isGreaterThanOrEqualTo(390);
            assertThat(Math.min(first, second)).as("ms of the other one").isGreaterThanOrEqualTo(300);
        }
    }

    static void hundredKernels() throws Exception {
        Cuda cuda = Cuda.withContext();
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        long memory = cuda.allocate(4);
        Child.tell("ready");
        Child.awaitParent();
        long before = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            Cuda.check(Ptx.launch(cuda, store, 1, 1, Ptx.parameters(memory)));
        }
        Cuda.check(cuda.cuCtxSynchronize());
        Child.tell((System.nanoTime() - before) / 1_000_000);
    }
}
