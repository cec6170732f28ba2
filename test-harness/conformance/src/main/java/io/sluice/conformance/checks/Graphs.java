package io.sluice.conformance.checks;

import static io.sluice.conformance.Given.NULL;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.sluice.conformance.Kernels;
import io.sluice.conformance.Struct;
import io.sluice.conformance.Trial;
import java.util.ArrayList;
import java.util.List;

/** How checks make graphs. */
final class Graphs {
    static final int KERNEL = 0;
    static final int MEMCPY = 1;
    static final int MEMSET = 2;
    static final int HOST = 3;
    static final int GRAPH = 4;
    static final int EMPTY = 5;
    static final int MEM_ALLOC = 10;
    static final int MEM_FREE = 11;

    private static final int KERNEL_PARAMS_BYTES = 72;

    private Graphs() {}

    static Pointer graph(Trial trial) {
        Pointer graph = trial.handleFrom("cuGraphCreate", 0);
        trial.laterCall("cuGraphDestroy", graph);
        return graph;
    }

    static Pointer executable(Trial trial, Pointer graph) {
        Pointer executable = trial.handleFrom("cuGraphInstantiateWithFlags", graph, 0L);
        trial.laterCall("cuGraphExecDestroy", executable);
        return executable;
    }

    static void run(Trial trial, Pointer graph) {
        Pointer stream = trial.stream(0);
        trial.ok("cuGraphLaunch", executable(trial, graph), stream);
        trial.ok("cuStreamSynchronize", stream);
    }

    static Pointer empty(Trial trial, Pointer graph, Pointer... after) {
        return trial.handleFrom("cuGraphAddEmptyNode", graph, list(after), (long) after.length);
    }

    static Pointer kernel(Trial trial, Pointer graph, Memory parameters, Pointer... after) {
        return trial.handleFrom("cuGraphAddKernelNode", graph, list(after), (long) after.length, parameters);
    }

    /** One thread of a kernel. The driver copies the values when the node is made. */
    static Memory kernelParameters(Trial trial, Pointer function, Object... values) {
        Memory pointers = trial.keep(Kernels.parameters(values));
        return trial.keep(Struct.of(KERNEL_PARAMS_BYTES)
                .pointer(function)
                .i32(1, 1, 1, 1, 1, 1, 0)
                .pointer(pointers, NULL, NULL, NULL)
                .done());
    }

    /** Sets 32-bit values. */
    static Pointer set(Trial trial, Pointer graph, long memory, int value, long count, Pointer... after) {
        Memory parameters =
                Struct.of(40).i64(memory, 0).i32(value, 4).i64(count, 1).done();
        return trial.handleFrom(
                "cuGraphAddMemsetNode", graph, list(after), (long) after.length, parameters, trial.current());
    }

    static Memory copy(long to, long from, long bytes) {
        return new Copy3D(Copy3D.Side.device(from, bytes, 1), Copy3D.Side.device(to, bytes, 1), bytes, 1, 1).done();
    }

    static List<Pointer> nodes(Trial trial, String function, Pointer of) {
        Memory count = trial.room(8);
        trial.ok(function, of, NULL, count);
        Memory nodes = trial.room(8 * Math.max(1, count.getLong(0)));
        trial.ok(function, of, nodes, count);
        List<Pointer> all = new ArrayList<>();
        for (int i = 0; i < count.getLong(0); i++) {
            all.add(nodes.getPointer(8L * i));
        }
        return all;
    }

    static int type(Trial trial, Pointer node) {
        Memory type = trial.room(4);
        trial.ok("cuGraphNodeGetType", node, type);
        return type.getInt(0);
    }

    static Memory list(Pointer... handles) {
        return Struct.of(Math.max(8, 8 * handles.length)).pointer(handles).done();
    }
}
