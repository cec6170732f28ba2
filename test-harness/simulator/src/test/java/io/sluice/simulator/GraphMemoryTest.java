package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory that graphs allocate and free by themselves. */
class GraphMemoryTest {
    private static final long BYTES = 5_000_001;
    private static final int USED = 0;
    private static final int USED_HIGH = 1;
    private static final int RESERVED = 2;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(256 << 20));
    }

    /** A process with a context, a stream and a graph that begins with an allocation. */
    private static final class Setting {
        final Cuda cuda = Cuda.withContext();
        final Graphs graphs = Graphs.load();
        final Pointer stream = cuda.newStream(1);
        final Pointer graph = graphs.newGraph();
        final long freeBefore = cuda.freeBytes();
        final Pointer allocation;
        final long address;

        Setting(long bytes) {
            Memory params = allocation(bytes);
            PointerByReference node = new PointerByReference();
            Cuda.check(graphs.cuGraphAddMemAllocNode(node, graph, null, 0, params));
            allocation = node.getValue();
            address = params.getLong(112);
            assertThat(cuda.freeBytes()).as("the node takes no memory").isEqualTo(freeBefore);
        }

        void addFree(Pointer after) {
            PointerByReference node = new PointerByReference();
            Cuda.check(graphs.cuGraphAddMemFreeNode(node, graph, Graphs.handles(after), 1, address));
        }

        long attribute(int attribute) {
            LongByReference value = new LongByReference();
            Cuda.check(graphs.cuDeviceGetGraphMemAttribute(0, attribute, value));
            return value.getValue();
        }
    }

    /** CUDA_MEM_ALLOC_NODE_PARAMS on GPU 0. */
    private static Memory allocation(long bytes) {
        Memory params = new Memory(120);
        params.clear();
        params.setInt(0, 1);
        params.setInt(8, 1);
        params.setLong(104, bytes);
        return params;
    }

    @Test
    void aGraphUsesItsMemoryAndGivesItBackAtItsFreeNode() throws Exception {
        Child.run(cards, GraphMemoryTest.class, "allocateAndFree");
    }

    static void allocateAndFree() {
        Setting set = new Setting(BYTES);
        long result = set.cuda.allocate(8);
        Pointer fill = set.graphs.addFill(set.graph, set.address, 4711, BYTES / 4, set.allocation);
        Pointer copy = set.graphs.addCopy(set.graph, result, set.address + BYTES / 4 * 4 - 8, 8, fill);
        set.addFree(copy);
        Pointer exec = set.graphs.instantiate(set.graph);
        for (int i = 0; i < 20; i++) {
            Cuda.check(set.graphs.cuGraphLaunch(exec, set.stream));
        }
        Cuda.check(set.cuda.cuStreamSynchronize(set.stream));
        assertThat(set.cuda.get(result, 4)).isEqualTo(new byte[] {0x67, 0x12, 0, 0});
        assertThat(set.attribute(USED)).isZero();
        assertThat(set.attribute(USED_HIGH)).isGreaterThanOrEqualTo(BYTES);
        assertThat(set.attribute(RESERVED)).as("kept for the next launch").isGreaterThanOrEqualTo(BYTES);
        Cuda.check(set.graphs.cuDeviceGraphMemTrim(0));
        assertThat(set.attribute(RESERVED)).isZero();
        Cuda.check(set.graphs.cuDeviceSetGraphMemAttribute(0, USED_HIGH, new LongByReference(0)));
        assertThat(set.attribute(USED_HIGH)).isZero();
    }

    @Test
    void whatAGraphDoesNotFreeLastsUntilTheApplicationDoes() throws Exception {
        Child.run(cards, GraphMemoryTest.class, "lasts");
    }

    static void lasts() {
        Setting set = new Setting(BYTES);
        Pointer exec = set.graphs.instantiate(set.graph);
        PointerByReference second = new PointerByReference();
        assertThat(set.graphs.cuGraphInstantiateWithFlags(second, set.graph, 0))
                .as("a second executable graph with the same memory")
                .isEqualTo(Cuda.NOT_SUPPORTED);
        Cuda.check(set.graphs.cuGraphLaunch(exec, set.stream));
        Cuda.check(set.cuda.cuStreamSynchronize(set.stream));
        Cuda.check(set.cuda.cuMemsetD32_v2(set.address, 5, BYTES / 4));
        assertThat(set.graphs.cuGraphLaunch(exec, set.stream))
                .as("not freed yet")
                .isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(set.cuda.cuMemFree_v2(set.address));
        assertThat(set.attribute(USED)).isZero();
        assertThat(set.cuda.cuMemFree_v2(set.address)).isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(set.graphs.cuGraphLaunch(exec, set.stream));
        Cuda.check(set.graphs.cuGraphExecDestroy(exec));

        int autoFree = 1;
        Cuda.check(set.cuda.cuMemFree_v2(set.address));
        Cuda.check(set.graphs.cuGraphInstantiateWithFlags(second, set.graph, autoFree));
        for (int i = 0; i < 3; i++) {
            Cuda.check(set.graphs.cuGraphLaunch(second.getValue(), set.stream));
        }
        Cuda.check(set.cuda.cuStreamSynchronize(set.stream));
        assertThat(set.attribute(USED)).isBetween(BYTES, BYTES + 512);
    }

    @Test
    void aLaunchIsRefusedWhereTheGpuIsFull() throws Exception {
        Child.run(cards, GraphMemoryTest.class, "full");
    }

    static void full() {
        Setting set = new Setting(100 << 20);
        set.addFree(set.allocation);
        Pointer exec = set.graphs.instantiate(set.graph);
        long rest = set.cuda.allocate(200 << 20);
        assertThat(set.graphs.cuGraphLaunch(exec, set.stream)).isEqualTo(Cuda.OUT_OF_MEMORY);
        Cuda.check(set.cuda.cuMemFree_v2(rest));
        Cuda.check(set.graphs.cuGraphLaunch(exec, set.stream));
        Cuda.check(set.cuda.cuStreamSynchronize(set.stream));
    }

    @Test
    void graphsWithMemoryNodesCannotBeTakenApart() throws Exception {
        Child.run(cards, GraphMemoryTest.class, "whole");
    }

    static void whole() {
        Setting set = new Setting(BYTES);
        PointerByReference made = new PointerByReference();
        assertThat(set.graphs.cuGraphClone(made, set.graph)).isEqualTo(Cuda.NOT_SUPPORTED);
        assertThat(set.graphs.cuGraphDestroyNode(set.allocation)).isEqualTo(Cuda.NOT_SUPPORTED);
        Pointer other = set.graphs.newGraph();
        assertThat(set.graphs.cuGraphAddChildGraphNode(made, other, null, 0, set.graph))
                .isEqualTo(Cuda.NOT_SUPPORTED);
        assertThat(set.graphs.cuGraphAddMemFreeNode(made, other, null, 0, set.address + 512))
                .isEqualTo(Cuda.INVALID_VALUE);
        assertThat(set.graphs.cuGraphAddMemAllocNode(made, other, null, 0, allocation(0)))
                .isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void allocationsOfACapturedStreamBecomeNodes() throws Exception {
        Child.run(cards, GraphMemoryTest.class, "captured");
    }

    static void captured() {
        Cuda cuda = Cuda.withContext();
        Graphs graphs = Graphs.load();
        Pointer stream = cuda.newStream(1);
        long result = cuda.allocate(4);
        Cuda.check(graphs.cuStreamBeginCapture_v2(stream, Graphs.GLOBAL));
        LongByReference address = new LongByReference();
        Cuda.check(graphs.cuMemAllocAsync(address, BYTES, stream));
        Cuda.check(graphs.cuMemsetD32Async(address.getValue(), 99, 1, stream));
        Cuda.check(graphs.cuMemcpyAsync(result, address.getValue(), 4, stream));
        Cuda.check(graphs.cuMemFreeAsync(address.getValue(), stream));
        Pointer graph = graphs.endCapture(stream);
        assertThat(graphs.nodeCount(graph)).isEqualTo(4);
        Pointer exec = graphs.instantiate(graph);
        Cuda.check(graphs.cuGraphLaunch(exec, stream));
        Cuda.check(graphs.cuGraphLaunch(exec, stream));
        Cuda.check(cuda.cuStreamSynchronize(stream));
        assertThat(cuda.get(result, 1)).isEqualTo(new byte[] {99});
        LongByReference used = new LongByReference();
        Cuda.check(graphs.cuDeviceGetGraphMemAttribute(0, USED, used));
        assertThat(used.getValue()).isZero();
    }
}
