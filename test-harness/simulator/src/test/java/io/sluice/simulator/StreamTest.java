package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.FloatByReference;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamTest {
    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(256 << 20));
    }

    /** Notes which host functions ran, in order. */
    private static final class Notes {
        final List<String> seen = new CopyOnWriteArrayList<>();
        private final List<Cuda.HostFunction> kept = new CopyOnWriteArrayList<>();

        void enqueue(Cuda cuda, Pointer stream, String name) {
            enqueue(cuda, stream, data -> seen.add(name));
        }

        void enqueue(Cuda cuda, Pointer stream, Cuda.HostFunction function) {
            kept.add(function); // JNA frees a callback that nobody refers to
            Cuda.check(cuda.cuLaunchHostFunc(stream, function, null));
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void runsAStreamInOrderAndStreamsThatWaitForEvents() throws Exception {
        Child.run(cards, StreamTest.class, "eventOrder");
    }

    static void eventOrder() {
        Cuda cuda = Cuda.withContext();
        Pointer one = cuda.newStream(1);
        Pointer two = cuda.newStream(1);
        Pointer event = cuda.newEvent();
        Notes notes = new Notes();
        CountDownLatch gate = new CountDownLatch(1);
        notes.enqueue(cuda, one, data -> await(gate));
        notes.enqueue(cuda, one, "one a");
        Cuda.check(cuda.cuEventRecord(event, one));
        Cuda.check(cuda.cuStreamWaitEvent(two, event, 0));
        notes.enqueue(cuda, two, "two");
        notes.enqueue(cuda, one, "one b");
        assertThat(cuda.cuStreamQuery(one)).isEqualTo(Cuda.NOT_READY);
        assertThat(cuda.cuEventQuery(event)).isEqualTo(Cuda.NOT_READY);
        assertThat(notes.seen).isEmpty();
        gate.countDown();
        Cuda.check(cuda.cuEventSynchronize(event));
        Cuda.check(cuda.cuStreamSynchronize(two));
        assertThat(notes.seen).startsWith("one a").contains("two");
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(notes.seen).containsExactlyInAnyOrder("one a", "two", "one b");
        Cuda.check(cuda.cuStreamQuery(one));
    }

    @Test
    void theLegacyStreamWaitsForBlockingStreamsAndTheyForIt() throws Exception {
        Child.run(cards, StreamTest.class, "legacyOrder");
    }

    static void legacyOrder() {
        Cuda cuda = Cuda.withContext();
        Pointer blocking = cuda.newStream(0);
        Pointer free = cuda.newStream(1);
        Pointer legacy = Pointer.createConstant(1);
        Notes notes = new Notes();
        notes.enqueue(cuda, blocking, "blocking");
        notes.enqueue(cuda, legacy, "legacy");
        notes.enqueue(cuda, blocking, "blocking again");
        notes.enqueue(cuda, free, "free");
        Cuda.check(cuda.cuStreamSynchronize(null));
        assertThat(notes.seen).containsSubsequence("blocking", "legacy", "blocking again");
        Cuda.check(cuda.cuStreamSynchronize(free));
        assertThat(notes.seen).contains("free");
    }

    @Test
    void aHostFunctionMayNotCallCuda() throws Exception {
        Child.run(cards, StreamTest.class, "callInside");
    }

    static void callInside() {
        Cuda cuda = Cuda.withContext();
        int[] result = {-1};
        Notes notes = new Notes();
        notes.enqueue(cuda, cuda.newStream(0), data -> result[0] = cuda.cuCtxSynchronize());
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(result[0]).isEqualTo(Cuda.NOT_PERMITTED);
    }

    @Test
    void eventsTellDeviceTime() throws Exception {
        Child.run(cards, StreamTest.class, "timeACopy");
    }

    /** 24 MB at 24 GB/s last 1 ms of device time. A slow machine stretches it, nothing shortens it. */
    static void timeACopy() {
        Cuda cuda = Cuda.withContext();
        long device = cuda.allocate(24_000_000);
        Pointer start = cuda.newEvent();
        Pointer end = cuda.newEvent();
        FloatByReference milliseconds = new FloatByReference();
        assertThat(cuda.cuEventElapsedTime(milliseconds, start, end))
                .as("never recorded")
                .isEqualTo(Cuda.INVALID_HANDLE);
        Cuda.check(cuda.cuEventRecord(start, null));
        cuda.put(device, new byte[24_000_000]);
        Cuda.check(cuda.cuEventRecord(end, null));
        Cuda.check(cuda.cuEventSynchronize(end));
        Cuda.check(cuda.cuEventElapsedTime(milliseconds, start, end));
        assertThat(milliseconds.getValue()).isGreaterThanOrEqualTo(1.0f);
    }

    @Test
    void handlesThatAreNoneAreRefused() throws Exception {
        Child.run(cards, StreamTest.class, "badHandles");
    }

    static void badHandles() {
        Cuda cuda = Cuda.withContext();
        for (long value : new long[] {3, 4096, -1, 0x7fff_ffff_0000L}) {
            Pointer bad = Pointer.createConstant(value);
            assertThat(cuda.cuStreamSynchronize(bad)).isEqualTo(Cuda.INVALID_HANDLE);
            assertThat(cuda.cuEventQuery(bad)).isEqualTo(Cuda.INVALID_HANDLE);
            assertThat(cuda.cuStreamDestroy_v2(bad)).isEqualTo(Cuda.INVALID_HANDLE);
            assertThat(cuda.cuModuleUnload(bad)).isEqualTo(Cuda.INVALID_HANDLE);
            assertThat(cuda.cuCtxSetCurrent(bad)).isEqualTo(Cuda.INVALID_CONTEXT);
            assertThat(cuda.cuLaunchKernel(bad, 1, 1, 1, 1, 1, 1, 0, null, null, null))
                    .isEqualTo(Cuda.INVALID_HANDLE);
        }
        Pointer stream = cuda.newStream(0);
        Pointer event = cuda.newEvent();
        Cuda.check(cuda.cuStreamDestroy_v2(stream));
        Cuda.check(cuda.cuEventDestroy_v2(event));
        assertThat(cuda.cuStreamSynchronize(stream)).isEqualTo(Cuda.INVALID_HANDLE);
        assertThat(cuda.cuEventRecord(event, null)).isEqualTo(Cuda.INVALID_HANDLE);
    }
}
