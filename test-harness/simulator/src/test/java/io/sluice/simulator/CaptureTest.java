package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may and what may not be done with a stream that is being captured. */
class CaptureTest {
    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(256 << 20));
    }

    @Test
    void forksAndJoinsByEventsAndTellsHowFarItIs() throws Exception {
        Child.run(cards, CaptureTest.class, "forkAndJoin");
    }

    static void forkAndJoin() {
        CaptureSetting set = new CaptureSetting();
        assertThat(set.status(set.stream)).isZero();
        set.begin(Graphs.GLOBAL);
        assertThat(set.status(set.stream)).isEqualTo(CaptureSetting.ACTIVE);
        assertThat(set.status(set.other)).isZero();
        Cuda.check(set.fill(set.stream));
        Cuda.check(set.cuda.cuEventRecord(set.event, set.stream));
        Cuda.check(set.cuda.cuStreamWaitEvent(set.other, set.event, 0));
        assertThat(set.status(set.other)).isEqualTo(CaptureSetting.ACTIVE);
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
        CaptureSetting set = new CaptureSetting();
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
    void endsOnlyWhereItBegan() throws Exception {
        Child.run(cards, CaptureTest.class, "ends");
    }

    static void ends() throws Exception {
        CaptureSetting set = new CaptureSetting();
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

    private static void fork(CaptureSetting set) {
        Cuda.check(set.cuda.cuEventRecord(set.event, set.stream));
        Cuda.check(set.cuda.cuStreamWaitEvent(set.other, set.event, 0));
    }

    @Test
    void twoCapturesDoNotMerge() throws Exception {
        Child.run(cards, CaptureTest.class, "merge");
    }

    static void merge() {
        CaptureSetting set = new CaptureSetting();
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
        CaptureSetting set = new CaptureSetting();
        Pointer blocking = set.cuda.newStream(0);
        assertThat(set.graphs.cuStreamBeginCapture_v2(null, Graphs.GLOBAL)).isEqualTo(Graphs.CAPTURE_UNSUPPORTED);
        set.begin(Graphs.RELAXED);
        Cuda.check(set.fill(null)); // the captured stream is non-blocking
        Cuda.check(set.cuda.cuStreamSynchronize(null));
        Cuda.check(set.end(set.stream));

        Cuda.check(set.graphs.cuStreamBeginCapture_v2(blocking, Graphs.RELAXED));
        assertThat(set.graphs.cuStreamIsCapturing(null, new IntByReference())).isEqualTo(Graphs.CAPTURE_IMPLICIT);
        assertThat(set.status(blocking)).as("asking does no harm").isEqualTo(CaptureSetting.ACTIVE);
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
        CaptureSetting set = new CaptureSetting();
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
        CaptureSetting set = new CaptureSetting();
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
