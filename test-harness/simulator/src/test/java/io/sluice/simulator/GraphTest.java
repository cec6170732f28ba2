package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs as data, and what may be changed of them before and after they are made executable. */
class GraphTest {
    private static final int KERNEL_NODE = 0;
    private static final int MEMSET_NODE = 2;
    private static final int EMPTY_NODE = 5;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(256 << 20));
    }

    @Test
    void tellsItsNodesAndEdges() throws Exception {
        Child.run(cards, GraphTest.class, "facts");
    }

    static void facts() {
        GraphSetting set = new GraphSetting();
        Graphs graphs = set.graphs;
        Pointer a = graphs.addEmpty(set.graph);
        Pointer b = graphs.addFill(set.graph, set.memory, 1, 1);
        Pointer c = graphs.addEmpty(set.graph, a, b);
        LongByReference count = new LongByReference();
        Cuda.check(graphs.cuGraphGetRootNodes(set.graph, null, count));
        assertThat(count.getValue()).isEqualTo(2);
        Memory room = new Memory(8 * 4);
        count.setValue(4);
        Cuda.check(graphs.cuGraphNodeGetDependencies(c, room, count));
        assertThat(count.getValue()).isEqualTo(2);
        assertThat(room.getPointerArray(0, 4)).containsExactly(a, b, null, null);
        count.setValue(1);
        Cuda.check(graphs.cuGraphNodeGetDependentNodes(a, room, count));
        assertThat(room.getPointer(0)).isEqualTo(c);
        IntByReference type = new IntByReference();
        Cuda.check(graphs.cuGraphNodeGetType(b, type));
        assertThat(type.getValue()).isEqualTo(MEMSET_NODE);

        Cuda.check(graphs.cuGraphRemoveDependencies(set.graph, Graphs.handles(a), Graphs.handles(c), 1));
        assertThat(graphs.cuGraphRemoveDependencies(set.graph, Graphs.handles(a), Graphs.handles(c), 1))
                .isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(graphs.cuGraphAddDependencies(set.graph, Graphs.handles(a), Graphs.handles(b), 1));
        assertThat(graphs.cuGraphAddDependencies(set.graph, Graphs.handles(a), Graphs.handles(b), 1))
                .isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(graphs.cuGraphDestroyNode(b));
        assertThat(graphs.nodeCount(set.graph)).isEqualTo(2);
        assertThat(graphs.cuGraphNodeGetType(b, type)).isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(graphs.cuGraphGetEdges(set.graph, null, null, count));
        assertThat(count.getValue()).isZero();
    }

    @Test
    void whatIsNoGraphIsRefused() throws Exception {
        Child.run(cards, GraphTest.class, "badHandles");
    }

    static void badHandles() {
        GraphSetting set = new GraphSetting();
        Graphs graphs = set.graphs;
        LongByReference count = new LongByReference();
        PointerByReference node = new PointerByReference();
        for (long value : new long[] {0, 3, 4096, -1, 0x7fff_ffff_0000L}) {
            Pointer bad = value == 0 ? null : Pointer.createConstant(value);
            assertThat(graphs.cuGraphGetNodes(bad, null, count)).isEqualTo(Cuda.INVALID_VALUE);
            assertThat(graphs.cuGraphDestroy(bad)).isEqualTo(Cuda.INVALID_VALUE);
            assertThat(graphs.cuGraphLaunch(bad, set.stream)).isEqualTo(Cuda.INVALID_VALUE);
            assertThat(graphs.cuGraphAddKernelNode_v2(node, bad, null, 0, null)).isEqualTo(Cuda.INVALID_VALUE);
        }
        Pointer other = graphs.addEmpty(graphs.newGraph());
        assertThat(graphs.cuGraphAddEmptyNode(node, set.graph, Graphs.handles(other), 1))
                .as("a node of another graph")
                .isEqualTo(Cuda.INVALID_VALUE);
        assertThat(graphs.cuGraphAddExternalSemaphoresSignalNode(node, set.graph, null, 0, new Memory(64)))
                .isEqualTo(Cuda.NOT_SUPPORTED);
        Pointer a = graphs.addEmpty(set.graph);
        Pointer b = graphs.addEmpty(set.graph, a);
        Cuda.check(graphs.cuGraphAddDependencies(set.graph, Graphs.handles(b), Graphs.handles(a), 1));
        assertThat(graphs.cuGraphInstantiateWithFlags(node, set.graph, 0))
                .as("a cycle")
                .isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(graphs.cuGraphDestroy(set.graph));
        assertThat(graphs.cuGraphDestroy(set.graph)).isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void aChangeOfTheGraphDoesNotReachWhatWasMadeOfIt() throws Exception {
        Child.run(cards, GraphTest.class, "changes");
    }

    static void changes() {
        GraphSetting set = new GraphSetting();
        Graphs graphs = set.graphs;
        Pointer function = Ptx.function(set.cuda, Ptx.load(set.cuda), "store");
        Pointer fill = graphs.addFill(set.graph, set.memory, 11, 4);
        Memory address = Ptx.parameters(set.memory + 4);
        Pointer kernel = graphs.addKernel(set.graph, Graphs.kernel(function, 1, address), fill);
        address.clear(); // the node has its own copy
        Pointer exec = graphs.instantiate(set.graph);
        Cuda.check(graphs.cuGraphKernelNodeSetParams_v2(
                kernel, Graphs.kernel(function, 1, Ptx.parameters(set.memory + 12))));
        set.launch(exec);
        assertThat(new int[] {set.value(0), set.value(1), set.value(3)}).containsExactly(11, 7, 11);

        Cuda.check(graphs.cuGraphExecMemsetNodeSetParams(exec, fill, Graphs.fill(set.memory, 22, 4), null));
        Cuda.check(graphs.cuGraphExecKernelNodeSetParams_v2(
                exec, kernel, Graphs.kernel(function, 1, Ptx.parameters(set.memory + 8))));
        set.launch(exec);
        assertThat(new int[] {set.value(0), set.value(1), set.value(2)}).containsExactly(22, 22, 7);

        Cuda.check(graphs.cuGraphNodeSetEnabled(exec, kernel, 0));
        IntByReference enabled = new IntByReference(1);
        Cuda.check(graphs.cuGraphNodeGetEnabled(exec, kernel, enabled));
        assertThat(enabled.getValue()).isZero();
        set.launch(exec);
        assertThat(set.value(2)).isEqualTo(22);

        Memory params = new Memory(72);
        Cuda.check(graphs.cuGraphKernelNodeGetParams_v2(kernel, params));
        assertThat(params.getPointer(0)).isEqualTo(function);
        assertThat(params.getPointer(40).getPointer(0).getLong(0)).isEqualTo(set.memory + 12);
        assertThat(graphs.cuGraphExecMemsetNodeSetParams(exec, kernel, Graphs.fill(set.memory, 1, 1), null))
                .as("a node of another type")
                .isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void anUpdateTakesOverAGraphOfTheSameFormAndNoOther() throws Exception {
        Child.run(cards, GraphTest.class, "updates");
    }

    static void updates() {
        GraphSetting set = new GraphSetting();
        Graphs graphs = set.graphs;
        Pointer first = graphs.addFill(set.graph, set.memory, 1, 1);
        graphs.addFill(set.graph, set.memory + 4, 2, 1, first);
        Pointer exec = graphs.instantiate(set.graph);

        Pointer same = graphs.newGraph();
        graphs.addFill(same, set.memory + 4, 4, 1, graphs.addFill(same, set.memory, 3, 1));
        assertThat(update(set, exec, same)).isEqualTo("0 0 null");
        set.launch(exec);
        assertThat(new int[] {set.value(0), set.value(1)}).containsExactly(3, 4);

        Pointer loose = graphs.newGraph();
        graphs.addFill(loose, set.memory, 5, 1);
        Pointer second = graphs.addFill(loose, set.memory + 4, 6, 1);
        int topology = 2;
        assertThat(update(set, exec, loose)).isEqualTo(Graphs.UPDATE_FAILURE + " " + topology + " " + second);
        Pointer typed = graphs.newGraph();
        Pointer changed = graphs.addEmpty(typed, graphs.addFill(typed, set.memory, 5, 1));
        int type = 3;
        assertThat(update(set, exec, typed)).isEqualTo(Graphs.UPDATE_FAILURE + " " + type + " " + changed);
        set.launch(exec);
        assertThat(new int[] {set.value(0), set.value(1)}).as("unchanged").containsExactly(3, 4);
    }

    /** The answer, the result and the node that it is about. */
    private static String update(GraphSetting set, Pointer exec, Pointer graph) {
        Memory info = new Memory(24);
        int answer = set.graphs.cuGraphExecUpdate_v2(exec, graph, info);
        return answer + " " + info.getInt(0) + " " + info.getPointer(8);
    }

    @Test
    void aCloneHasNodesOfItsOwn() throws Exception {
        Child.run(cards, GraphTest.class, "clones");
    }

    static void clones() {
        GraphSetting set = new GraphSetting();
        Graphs graphs = set.graphs;
        Pointer fill = graphs.addFill(set.graph, set.memory, 9, 1);
        PointerByReference clone = new PointerByReference();
        Cuda.check(graphs.cuGraphClone(clone, set.graph));
        PointerByReference found = new PointerByReference();
        Cuda.check(graphs.cuGraphNodeFindInClone(found, fill, clone.getValue()));
        assertThat(found.getValue()).isNotEqualTo(fill);
        Memory params = new Memory(40);
        Cuda.check(graphs.cuGraphMemsetNodeGetParams(found.getValue(), params));
        assertThat(params.getInt(16)).isEqualTo(9);
        Pointer later = graphs.addEmpty(set.graph);
        assertThat(graphs.cuGraphNodeFindInClone(found, later, clone.getValue()))
                .isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(graphs.cuGraphDestroy(set.graph));
        set.launch(graphs.instantiate(clone.getValue()));
        assertThat(set.value(0)).isEqualTo(9);
    }

    @Test
    void anyNodeCanBeAddedInTheGenericForm() throws Exception {
        Child.run(cards, GraphTest.class, "genericNodes");
    }

    static void genericNodes() {
        GraphSetting set = new GraphSetting();
        Graphs graphs = set.graphs;
        PointerByReference node = new PointerByReference();
        Memory params = new Memory(256);
        params.clear();
        params.setInt(0, MEMSET_NODE);
        Memory fill = Graphs.fill(set.memory, 31, 2);
        params.write(16, fill.getByteArray(0, 40), 0, 40);
        Cuda.check(graphs.cuGraphAddNode(node, set.graph, null, 0, params));
        params.clear();
        params.setInt(0, KERNEL_NODE);
        Pointer store = Ptx.function(set.cuda, Ptx.load(set.cuda), "store");
        Memory kernel = Graphs.kernel(store, 1, Ptx.parameters(set.memory + 4));
        params.write(16, kernel.getByteArray(0, 72), 0, 72);
        Cuda.check(graphs.cuGraphAddNode(node, set.graph, Graphs.handles(node.getValue()), 1, params));
        params.setInt(0, EMPTY_NODE);
        Cuda.check(graphs.cuGraphAddNode(node, set.graph, null, 0, params));
        params.setInt(0, 13);
        assertThat(graphs.cuGraphAddNode(node, set.graph, null, 0, params)).isEqualTo(Cuda.INVALID_VALUE);
        set.launch(graphs.instantiate(set.graph));
        assertThat(new int[] {set.value(0), set.value(1)}).containsExactly(31, 7);
    }
}
