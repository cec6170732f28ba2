package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** What a test of captures begins with: a context, a stream to capture, another one, both non-blocking, and an event. */
final class CaptureSetting {
    static final int ACTIVE = 1;
    static final int INVALIDATED = 2;

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
        invalidates(mode, error, "the call", call);
    }

    void invalidates(int mode, int error, String name, IntSupplier call) {
        begin(mode);
        Cuda.check(fill(stream));
        assertThat(call.getAsInt()).as(name).isEqualTo(error);
        assertThat(status(stream)).as(name).isEqualTo(INVALIDATED);
        assertThat(fill(stream)).isEqualTo(Graphs.CAPTURE_INVALIDATED);
        assertThat(end(stream)).isEqualTo(Graphs.CAPTURE_INVALIDATED);
        assertThat(status(stream)).isZero();
        Cuda.check(fill(stream));
    }

    /** The call does its work within a capture, and the capture is none the worse. */
    void permits(int mode, String name, IntSupplier call) {
        begin(mode);
        Cuda.check(fill(stream));
        assertThat(call.getAsInt()).as(name).isEqualTo(Cuda.SUCCESS);
        assertThat(status(stream)).as(name).isEqualTo(ACTIVE);
        assertThat(end(stream)).as(name).isEqualTo(Cuda.SUCCESS);
    }

    IntSupplier inAnotherThread(IntSupplier call) {
        PointerByReference context = new PointerByReference();
        Cuda.check(cuda.cuCtxGetCurrent(context));
        return () -> CompletableFuture.supplyAsync(() -> {
                    Cuda.check(cuda.cuCtxSetCurrent(context.getValue()));
                    return call.getAsInt();
                })
                .join();
    }
}
