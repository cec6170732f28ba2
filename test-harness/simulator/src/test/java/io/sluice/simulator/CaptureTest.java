package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may and what may not be done with a stream that is being captured. */
class CaptureTest {
    private static final int ACTIVE = 1;
    private static final int INVALIDATED = 2;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(256 << 20));
    }

    /** A process with a context, a non-blocking stream and an event. */
    private static final class Setting {
        final Cuda cuda = Cuda.withContext();
        final Graphs graphs = Graphs.load();
        final long memory = cuda.allocate(4096);
        final Pointer stream = cuda.newStream(1);
        final Pointer other = cuda.newStream(1);
        final Pointer event = cuda.newEvent();

        void begin(int mode) {
            Cuda.check(graphs.cuStreamBeginCapture_v2(stream, mode));
        }

        int fill(@Nullable Pointer on) {
            return graphs.cuMemsetD32Async(memory, 5, 16, on);
        }

        int status(Pointer of) {
            IntByReference status = new IntByReference();
            Cuda.check(graphs.cuStreamIsCapturing(of, status));
            return status.getValue();
        }

        int end(Pointer of) {
            PointerByReference graph = new PointerByReference(Pointer.createConstant(1));
            int result = graphs.cuStreamEndCapture(of, graph);
            if (result != Cuda.SUCCESS) {
                assertThat(graph.getValue())
                        .as("the graph of a capture that failed")
                        .isNull();
            }
            return result;
        }

        /** Within a valid capture the call answers {@code error}, and the capture is invalid from then on. */
        void invalidates(int mode, int error, IntSupplier call) {
            begin(mode);
            Cuda.check(fill(stream));
            assertThat(call.getAsInt()).isEqualTo(error);
            assertThat(status(stream)).isEqualTo(INVALIDATED);
            assertThat(fill(stream)).isEqualTo(Graphs.CAPTURE_INVALIDATED);
            assertThat(end(stream)).isEqualTo(Graphs.CAPTURE_INVALIDATED);
            assertThat(status(stream)).isZero();
            Cuda.check(fill(stream));
        }
    }

    @Test
    void forksAndJoinsByEventsAndTellsHowFarItIs() throws Exception {
        Child.run(cards, CaptureTest.class, "forkAndJoin");
    }

    static void forkAndJoin() {
        Setting set = new Setting();
        assertThat(set.status(set.stream)).isZero();
        set.begin(Graphs.GLOBAL);
        assertThat(set.status(set.stream)).isEqualTo(ACTIVE);
        assertThat(set.status(set.other)).isZero();
        Cuda.check(set.fill(set.stream));
        Cuda.check(set.cuda.cuEventRecord(set.event, set.stream));
        Cuda.check(set.cuda.cuStreamWaitEvent(set.other, set.event, 0));
        assertThat(set.status(set.other)).isEqualTo(ACTIVE);
        Cuda.check(set.fill(set.other));
        Cuda.check(set.fill(set.stream));
        Pointer join = set.cuda.newEvent();
        Cuda.check(set.cuda.cuEventRecord(join, set.other));
        Cuda.check(set.cuda.cuStreamWaitEvent(set.stream, join, 0));

        LongByReference count = new LongByReference();
        PointerByReference graph = new PointerByReference();
        Cuda.check(set.graphs.cuStreamGetCaptureInfo_v2(
                set.stream, new IntByReference(), new LongByReference(), graph, new PointerByReference(), count));
        assertThat(count.getValue()).as("the next node comes after both").isEqualTo(2);
        assertThat(set.graphs.nodeCount(graph.getValue())).isEqualTo(3);

        assertThat(set.graphs.endCapture(set.stream)).isEqualTo(graph.getValue());
        assertThat(set.status(set.other)).isZero();
        LongByReference edges = new LongByReference();
        Cuda.check(set.graphs.cuGraphGetEdges(graph.getValue(), null, null, edges));
        assertThat(edges.getValue()).isEqualTo(2);
    }

    @Test
    void anInvalidCallEndsTheCaptureWithItsOwnError() throws Exception {
        Child.run(cards, CaptureTest.class, "invalidCalls");
    }

    static void invalidCalls() {
        Setting set = new Setting();
        Cuda cuda = set.cuda;
        for (int mode = Graphs.GLOBAL; mode <= Graphs.RELAXED; mode++) {
            set.invalidates(mode, Graphs.CAPTURE_UNSUPPORTED, () -> cuda.cuStreamSynchronize(set.stream));
            set.invalidates(mode, Graphs.CAPTURE_UNSUPPORTED, () -> cuda.cuStreamQuery(set.stream));
            set.invalidates(mode, Graphs.CAPTURE_UNSUPPORTED, cuda::cuCtxSynchronize);
            set.invalidates(mode, Graphs.CAPTURE_ISOLATION, () -> {
                Pointer outside = cuda.newEvent();
                Cuda.check(cuda.cuEventRecord(outside, set.other));
                return cuda.cuStreamWaitEvent(set.stream, outside, 0);
            });
            set.invalidates(mode, Graphs.CAPTURED_EVENT, () -> {
                Cuda.check(cuda.cuEventRecord(set.event, set.stream));
                return cuda.cuEventQuery(set.event);
            });
            Cuda.check(cuda.cuEventRecord(set.event, set.other));
            Cuda.check(cuda.cuEventSynchronize(set.event));
        }
    }

    @Test
    void unsafeCallsAreForbiddenAsTheModesSay() throws Exception {
        Child.run(cards, CaptureTest.class, "unsafeCalls");
    }

    static void unsafeCalls() throws Exception {
        Setting set = new Setting();
        PointerByReference context = new PointerByReference();
        Cuda.check(set.cuda.cuCtxGetCurrent(context));
        IntSupplier allocate = () -> set.cuda.tryAllocate(4096);
        IntSupplier elsewhere = () -> CompletableFuture.supplyAsync(() -> {
                    Cuda.check(set.cuda.cuCtxSetCurrent(context.getValue()));
                    return allocate.getAsInt();
                })
                .join();
        set.invalidates(Graphs.GLOBAL, Graphs.CAPTURE_UNSUPPORTED, allocate);
        set.invalidates(Graphs.GLOBAL, Graphs.CAPTURE_UNSUPPORTED, elsewhere);
        set.invalidates(Graphs.THREAD_LOCAL, Graphs.CAPTURE_UNSUPPORTED, allocate);

        set.begin(Graphs.THREAD_LOCAL);
        Cuda.check(elsewhere.getAsInt());
        Cuda.check(set.end(set.stream));
        set.begin(Graphs.RELAXED);
        Cuda.check(allocate.getAsInt());
        Cuda.check(elsewhere.getAsInt());
        Cuda.check(set.end(set.stream));

        IntByReference mode = new IntByReference(Graphs.RELAXED);
        Cuda.check(set.graphs.cuThreadExchangeStreamCaptureMode(mode));
        assertThat(mode.getValue()).isEqualTo(Graphs.GLOBAL);
        set.begin(Graphs.GLOBAL);
        Cuda.check(allocate.getAsInt());
        Cuda.check(set.graphs.cuThreadExchangeStreamCaptureMode(mode));
        assertThat(mode.getValue()).isEqualTo(Graphs.RELAXED);
        Cuda.check(set.end(set.stream));
        assertThat(set.graphs.cuThreadExchangeStreamCaptureMode(new IntByReference(3)))
                .isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void endsOnlyWhereItBegan() throws Exception {
        Child.run(cards, CaptureTest.class, "ends");
    }

    static void ends() throws Exception {
        Setting set = new Setting();
        assertThat(set.end(set.stream)).isEqualTo(Graphs.ILLEGAL_STATE);
        set.begin(Graphs.GLOBAL);
        assertThat(set.graphs.cuStreamBeginCapture_v2(set.stream, Graphs.GLOBAL))
                .isEqualTo(Graphs.ILLEGAL_STATE);
        assertThat(set.graphs.cuStreamBeginCapture_v2(set.other, 3)).isEqualTo(Cuda.INVALID_VALUE);
        PointerByReference context = new PointerByReference();
        Cuda.check(set.cuda.cuCtxGetCurrent(context));
        int elsewhere = CompletableFuture.supplyAsync(() -> {
                    Cuda.check(set.cuda.cuCtxSetCurrent(context.getValue()));
                    return set.end(set.stream);
                })
                .join();
        assertThat(elsewhere).isEqualTo(Graphs.CAPTURE_WRONG_THREAD);
        Cuda.check(set.end(set.stream));

        set.begin(Graphs.RELAXED);
        fork(set);
        assertThat(set.end(set.other)).isEqualTo(Graphs.CAPTURE_UNMATCHED);
        assertThat(set.end(set.stream)).isEqualTo(Graphs.CAPTURE_INVALIDATED);

        set.begin(Graphs.GLOBAL);
        fork(set);
        Cuda.check(set.fill(set.other));
        assertThat(set.end(set.stream)).isEqualTo(Graphs.CAPTURE_UNJOINED);
        assertThat(set.status(set.other)).isZero();
    }

    private static void fork(Setting set) {
        Cuda.check(set.cuda.cuEventRecord(set.event, set.stream));
        Cuda.check(set.cuda.cuStreamWaitEvent(set.other, set.event, 0));
    }

    @Test
    void twoCapturesDoNotMerge() throws Exception {
        Child.run(cards, CaptureTest.class, "merge");
    }

    static void merge() {
        Setting set = new Setting();
        set.begin(Graphs.GLOBAL);
        Cuda.check(set.graphs.cuStreamBeginCapture_v2(set.other, Graphs.GLOBAL));
        Cuda.check(set.cuda.cuEventRecord(set.event, set.stream));
        assertThat(set.cuda.cuStreamWaitEvent(set.other, set.event, 0)).isEqualTo(Graphs.CAPTURE_MERGE);
        assertThat(set.end(set.stream)).isEqualTo(Graphs.CAPTURE_INVALIDATED);
        assertThat(set.end(set.other)).isEqualTo(Graphs.CAPTURE_INVALIDATED);
    }

    @Test
    void theLegacyStreamIsNotCapturedNorDependsOnACapture() throws Exception {
        Child.run(cards, CaptureTest.class, "legacy");
    }

    static void legacy() {
        Setting set = new Setting();
        Pointer blocking = set.cuda.newStream(0);
        assertThat(set.graphs.cuStreamBeginCapture_v2(null, Graphs.GLOBAL)).isEqualTo(Graphs.CAPTURE_UNSUPPORTED);
        set.begin(Graphs.RELAXED);
        Cuda.check(set.fill(null)); // the captured stream is non-blocking
        Cuda.check(set.cuda.cuStreamSynchronize(null));
        Cuda.check(set.end(set.stream));

        Cuda.check(set.graphs.cuStreamBeginCapture_v2(blocking, Graphs.RELAXED));
        assertThat(set.graphs.cuStreamIsCapturing(null, new IntByReference())).isEqualTo(Graphs.CAPTURE_IMPLICIT);
        assertThat(set.status(blocking)).as("asking does no harm").isEqualTo(ACTIVE);
        assertThat(set.fill(null)).isEqualTo(Graphs.CAPTURE_IMPLICIT);
        assertThat(set.end(blocking)).isEqualTo(Graphs.CAPTURE_INVALIDATED);

        Pointer perThread = Pointer.createConstant(2);
        Cuda.check(set.graphs.cuStreamBeginCapture_v2(perThread, Graphs.GLOBAL));
        Cuda.check(set.fill(perThread));
        Cuda.check(set.end(perThread));
    }

    @Test
    void dependenciesCanBeSetByHand() throws Exception {
        Child.run(cards, CaptureTest.class, "updateDependencies");
    }

    static void updateDependencies() {
        Setting set = new Setting();
        assertThat(set.graphs.cuStreamUpdateCaptureDependencies(set.stream, null, 0, 0))
                .isEqualTo(Graphs.ILLEGAL_STATE);
        set.begin(Graphs.GLOBAL);
        Cuda.check(set.fill(set.stream));
        PointerByReference graph = new PointerByReference();
        Cuda.check(set.graphs.cuStreamGetCaptureInfo_v2(
                set.stream,
                new IntByReference(),
                new LongByReference(),
                graph,
                new PointerByReference(),
                new LongByReference()));
        Pointer added = set.graphs.addFill(graph.getValue(), set.memory, 1, 1);
        int replace = 1;
        Cuda.check(set.graphs.cuStreamUpdateCaptureDependencies(set.stream, Graphs.handles(added), 1, 0));
        Cuda.check(set.fill(set.stream));
        Pointer foreign = set.graphs.addEmpty(set.graphs.newGraph());
        assertThat(set.graphs.cuStreamUpdateCaptureDependencies(set.stream, Graphs.handles(foreign), 1, replace))
                .isEqualTo(Cuda.INVALID_VALUE);
        set.graphs.endCapture(set.stream);
        LongByReference edges = new LongByReference();
        Cuda.check(set.graphs.cuGraphGetEdges(graph.getValue(), null, null, edges));
        assertThat(edges.getValue()).isEqualTo(2);
    }

    @Test
    void externalEventsBecomeNodes() throws Exception {
        Child.run(cards, CaptureTest.class, "externalEvents");
    }

    static void externalEvents() {
        Setting set = new Setting();
        int external = 1;
        assertThat(set.graphs.cuEventRecordWithFlags(set.event, set.stream, external))
                .isEqualTo(Cuda.INVALID_VALUE);
        set.begin(Graphs.GLOBAL);
        Cuda.check(set.cuda.cuStreamWaitEvent(set.stream, set.event, external));
        Cuda.check(set.graphs.cuEventRecordWithFlags(set.event, set.stream, external));
        Pointer graph = set.graphs.endCapture(set.stream);
        assertThat(set.graphs.nodeCount(graph)).isEqualTo(2);
        Cuda.check(set.graphs.cuGraphLaunch(set.graphs.instantiate(graph), set.stream));
        Cuda.check(set.cuda.cuEventSynchronize(set.event));
        Cuda.check(set.cuda.cuEventQuery(set.event));
    }
}
