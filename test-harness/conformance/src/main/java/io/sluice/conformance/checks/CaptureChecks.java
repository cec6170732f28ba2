package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;
import static io.sluice.conformance.Given.OUT;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Group;
import io.sluice.conformance.Section;
import io.sluice.conformance.Suite;
import io.sluice.conformance.Trial;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Work of streams that becomes a graph. {@link CaptureErrorChecks} has what must not be done meanwhile. */
final class CaptureChecks {
    static final int GLOBAL = 0;
    static final int THREAD_LOCAL = 1;
    static final int RELAXED = 2;
    static final int NONE = 0;
    static final int ACTIVE = 1;
    static final int INVALIDATED = 2;

    private CaptureChecks() {}

    static void declare(Suite suite) {
        Group group = suite.section(Section.STREAMS).leftOpen();
        status(group);
        recording(group);
        joining(group);
        modes(group);
        CaptureErrorChecks.declare(group);
    }

    private static void status(Group group) {
        for (int mode : new int[] {GLOBAL, THREAD_LOCAL, RELAXED}) {
            group.check("cuStreamBeginCapture/mode-" + mode, "begins a capture, which ends with a graph", trial -> {
                Pointer stream = capturing(trial, mode);
                trial.equal(ACTIVE, status(trial, stream), "the status during the capture");
                end(trial, stream);
                trial.equal(NONE, status(trial, stream), "the status after the capture");
            });
        }
        group.check(
                        "cuStreamIsCapturing/not",
                        "a stream without a capture has none",
                        trial -> trial.equal(NONE, status(trial, trial.stream(0)), "the status"))
                .check("cuStreamGetCaptureInfo/ids", "each capture has an id of its own", trial -> {
                    Pointer first = capturing(trial, RELAXED);
                    Pointer second = capturing(trial, RELAXED);
                    trial.that(id(trial, first) != id(trial, second), "two captures have one id");
                })
                .check(
                        "cuStreamGetCaptureInfo/dependencies",
                        "tells the graph and what comes next has to wait for",
                        trial -> {
                            Pointer stream = capturing(trial, RELAXED);
                            trial.ok("cuMemsetD32Async", trial.memory(4), 1, 1L, stream);
                            Memory graph = trial.room(8);
                            Memory nodes = trial.room(8);
                            Memory count = trial.room(8);
                            trial.ok(
                                    "cuStreamGetCaptureInfo",
                                    stream,
                                    trial.room(4),
                                    trial.room(8),
                                    graph,
                                    nodes,
                                    count);
                            trial.equal(1, count.getLong(0), "nodes to wait for");
                            Pointer last = nodes.getPointer(0).getPointer(0);
                            trial.that(
                                    Graphs.nodes(trial, "cuGraphGetNodes", graph.getPointer(0))
                                            .equals(List.of(last)),
                                    "it is not the node that was captured");
                        });
    }

    private static void recording(Group group) {
        group.check(
                        "cuStreamEndCapture/nothing",
                        "a capture of no work is a graph without nodes",
                        trial -> trial.equal(
                                0,
                                Graphs.nodes(trial, "cuGraphGetNodes", end(trial, capturing(trial, GLOBAL)))
                                        .size(),
                                "nodes"))
                .check(
                        "cuStreamBeginCapture/not-run",
                        "captured work does not run before the graph is launched",
                        trial -> {
                            long memory = zeroed(trial);
                            Pointer function = trial.function("store");
                            Pointer stream = capturing(trial, RELAXED);
                            trial.launch(function, 1, stream, memory, 5);
                            Pointer graph = end(trial, stream);
                            trial.ok("cuCtxSynchronize");
                            trial.equal(0, trial.readInt(memory), "memory before the launch");
                            Graphs.run(trial, graph);
                            trial.equal(5, trial.readInt(memory), "memory after the launch");
                        })
                .check("cuStreamEndCapture/order", "the graph keeps the stream's order", trial -> {
                    long memory = zeroed(trial);
                    Pointer next = trial.function("next");
                    Pointer stream = capturing(trial, RELAXED);
                    trial.ok("cuMemsetD32Async", memory, 10, 1L, stream);
                    for (int i = 0; i < 10; i++) {
                        trial.launch(next, 1, stream, memory, memory);
                    }
                    Pointer graph = end(trial, stream);
                    trial.equal(
                            11, Graphs.nodes(trial, "cuGraphGetNodes", graph).size(), "nodes");
                    trial.equal(
                            1, Graphs.nodes(trial, "cuGraphGetRootNodes", graph).size(), "roots");
                    Graphs.run(trial, graph);
                    Graphs.run(trial, graph);
                    trial.equal(20, trial.readInt(memory), "after two launches");
                })
                .check("cuStreamEndCapture/copies", "copies and host functions are captured as well", trial -> {
                    long memory = zeroed(trial);
                    Pointer host = trial.pinned(4);
                    AtomicInteger seen = new AtomicInteger();
                    Pointer stream = capturing(trial, RELAXED);
                    trial.ok("cuMemsetD32Async", memory, 7, 1L, stream);
                    trial.ok("cuMemcpyDtoHAsync", host, memory, 4L, stream);
                    trial.hostFunction(stream, () -> seen.set(host.getInt(0)));
                    Pointer graph = end(trial, stream);
                    trial.equal(0, seen.get(), "what the host function saw before the launch");
                    Graphs.run(trial, graph);
                    trial.equal(7, seen.get(), "what the host function saw");
                })
                .check("cuStreamBeginCapture/others-run", "other streams work on meanwhile", trial -> {
                    long memory = zeroed(trial);
                    Pointer other = trial.stream(1);
                    Pointer stream = capturing(trial, RELAXED);
                    trial.ok("cuMemsetD32Async", memory, 4, 1L, other);
                    trial.ok("cuStreamSynchronize", other);
                    end(trial, stream);
                    trial.equal(4, trial.readInt(memory), "what the other stream did");
                })
                .check("cuMemAllocAsync/captured", "a stream-ordered allocation becomes a node", trial -> {
                    Pointer stream = capturing(trial, RELAXED);
                    long memory = trial.longFrom("cuMemAllocAsync", 4096L, stream);
                    trial.ok("cuMemsetD8Async", memory, (byte) 1, 4096L, stream);
                    trial.ok("cuMemFreeAsync", memory, stream);
                    List<Integer> types = Graphs.nodes(trial, "cuGraphGetNodes", end(trial, stream)).stream()
                            .map(node -> Graphs.type(trial, node))
                            .sorted()
                            .toList();
                    trial.that(
                            types.equals(List.of(Graphs.MEMSET, Graphs.MEM_ALLOC, Graphs.MEM_FREE)),
                            "the types of the nodes are " + types);
                });
    }

    private static void joining(Group group) {
        group.check("cuStreamWaitEvent/joins", "a stream that waits for a captured event joins the capture", trial -> {
                    long memory = zeroed(trial);
                    Pointer origin = capturing(trial, RELAXED);
                    Pointer other = trial.stream(1);
                    Pointer fork = trial.event(2);
                    Pointer join = trial.event(2);
                    trial.ok("cuMemsetD32Async", memory, 1, 1L, origin);
                    trial.ok("cuEventRecord", fork, origin);
                    trial.ok("cuStreamWaitEvent", other, fork, 0);
                    trial.equal(ACTIVE, status(trial, other), "the status of the other stream");
                    trial.equal(id(trial, origin), id(trial, other), "the id of its capture");
                    trial.ok("cuMemsetD32Async", memory + 4, 2, 1L, other);
                    trial.ok("cuEventRecord", join, other);
                    trial.ok("cuStreamWaitEvent", origin, join, 0);
                    Pointer graph = end(trial, origin);
                    trial.equal(NONE, status(trial, other), "the status of the other stream afterwards");
                    trial.equal(2, Graphs.nodes(trial, "cuGraphGetNodes", graph).size(), "nodes");
                    Graphs.run(trial, graph);
                    trial.equal(2, trial.readInt(memory + 4), "what the other stream's work did");
                })
                .check(
                        "cuStreamUpdateCaptureDependencies/none",
                        "what comes next can be told to wait for nothing",
                        trial -> {
                            Pointer stream = capturing(trial, RELAXED);
                            trial.ok("cuMemsetD32Async", trial.memory(4), 1, 1L, stream);
                            trial.ok("cuStreamUpdateCaptureDependencies", stream, NULL, 0L, 1);
                            trial.ok("cuMemsetD32Async", trial.memory(4), 1, 1L, stream);
                            trial.equal(
                                    2,
                                    Graphs.nodes(trial, "cuGraphGetRootNodes", end(trial, stream))
                                            .size(),
                                    "nodes that wait for none");
                        });
    }

    private static void modes(Group group) {
        group.check(
                        "cuThreadExchangeStreamCaptureMode/exchange",
                        "gives the thread's old mode, global at first",
                        trial -> trial.inThread(() -> {
                            Memory mode = trial.room(4);
                            mode.setInt(0, RELAXED);
                            trial.ok("cuThreadExchangeStreamCaptureMode", mode);
                            trial.equal(GLOBAL, mode.getInt(0), "the first mode");
                            mode.setInt(0, THREAD_LOCAL);
                            trial.ok("cuThreadExchangeStreamCaptureMode", mode);
                            trial.equal(RELAXED, mode.getInt(0), "the second mode");
                        }))
                .check("cuMemAlloc/relaxed-capture", "in a relaxed capture memory may be allocated", trial -> {
                    Pointer stream = capturing(trial, RELAXED);
                    trial.memory(4096);
                    end(trial, stream);
                })
                .check(
                        "cuMemAlloc/other-thread-capture",
                        "a thread-local capture leaves other threads alone",
                        trial -> {
                            Pointer context = trial.current();
                            Pointer stream = capturing(trial, THREAD_LOCAL);
                            trial.inThread(() -> {
                                trial.ok("cuCtxSetCurrent", context);
                                trial.ok("cuMemFree", trial.longFrom("cuMemAlloc", 4096L));
                            });
                            end(trial, stream);
                        });
    }

    /** A stream of its own in a capture, which ends at the end of the check if not before. */
    static Pointer capturing(Trial trial, int mode) {
        Pointer stream = trial.stream(1);
        trial.ok("cuStreamBeginCapture", stream, mode);
        trial.laterCall("cuStreamEndCapture", stream, trial.room(8));
        return stream;
    }

    static Pointer end(Trial trial, Pointer stream) {
        Memory graph = trial.room(8);
        trial.ok("cuStreamEndCapture", stream, graph);
        trial.laterCall("cuGraphDestroy", graph.getPointer(0));
        return graph.getPointer(0);
    }

    static int status(Trial trial, Pointer stream) {
        Memory status = trial.room(4);
        trial.ok("cuStreamIsCapturing", stream, status);
        return status.getInt(0);
    }

    private static long id(Trial trial, Pointer stream) {
        Memory id = trial.room(8);
        trial.ok("cuStreamGetCaptureInfo", stream, OUT, id, NULL, NULL, NULL);
        return id.getLong(0);
    }

    private static long zeroed(Trial trial) {
        long memory = trial.memory(64);
        trial.write(memory, new byte[64]);
        trial.ok("cuCtxSynchronize");
        return memory;
    }
}
