package io.sluice.simulator;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;

/** What a test of graphs begins with: a context, some memory, a stream and an empty graph. */
final class GraphSetting {
    final Cuda cuda = Cuda.withContext();
    final Graphs graphs = Graphs.load();
    final long memory = cuda.allocate(4096);
    final Pointer stream = cuda.newStream(1);
    final Pointer graph = graphs.newGraph();

    void launch(Pointer exec) {
        Cuda.check(graphs.cuGraphLaunch(exec, stream));
        Cuda.check(cuda.cuStreamSynchronize(stream));
    }

    int value(int slot) {
        Memory host = new Memory(4);
        Cuda.check(cuda.cuMemcpyDtoH_v2(host, memory + 4L * slot, 4));
        return host.getInt(0);
    }
}
