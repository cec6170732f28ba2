package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copy nodes of graphs between arrays, device memory and the host. */
class GraphArrayTest {
    private static final int HOST = 1;
    private static final int DEVICE = 2;
    private static final int ARRAY = 3;
    private static final int WIDTH = 40;
    private static final int HEIGHT = 6;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(64 << 20));
    }

    /** A box of WIDTH x HEIGHT bytes of a CUDA_MEMCPY3D, which lies at {@code x} and {@code y} of each side that is an array. */
    private static Memory copy(int fromType, Object from, int toType, Object to, int x, int y) {
        Memory params = new Memory(200);
        params.clear();
        side(params.share(0, 88), fromType, from, x, y);
        side(params.share(88, 88), toType, to, x, y);
        params.setLong(176, WIDTH);
        params.setLong(184, HEIGHT);
        params.setLong(192, 1);
        return params;
    }

    private static void side(Pointer at, int type, Object place, int x, int y) {
        at.setInt(32, type);
        if (type == HOST) {
            at.setPointer(40, (Pointer) place);
        } else if (type == DEVICE) {
            at.setLong(48, (Long) place);
        } else {
            at.setPointer(56, (Pointer) place);
            at.setLong(0, x);
            at.setLong(8, y);
        }
    }

    private static Pointer array(CudaMemory cuda, int width, int height) {
        Memory description = new Memory(40);
        description.clear();
        description.setLong(0, width);
        description.setLong(8, height);
        description.setInt(24, 1);
        description.setInt(28, 1);
        PointerByReference array = new PointerByReference();
        Cuda.check(cuda.cuArray3DCreate_v2(array, description));
        return array.getValue();
    }

    private static Memory random(int seed) {
        byte[] bytes = new byte[WIDTH * HEIGHT];
        new Random(seed).nextBytes(bytes);
        Memory memory = new Memory(bytes.length);
        memory.write(0, bytes, 0, bytes.length);
        return memory;
    }

    private static Pointer add(Graphs graphs, Pointer graph, Memory copy, Pointer... needs) {
        PointerByReference node = new PointerByReference();
        PointerByReference context = new PointerByReference();
        Cuda.check(Cuda.load().cuCtxGetCurrent(context));
        Cuda.check(graphs.cuGraphAddMemcpyNode(
                node, graph, Graphs.handles(needs), needs.length, copy, context.getValue()));
        return node.getValue();
    }

    @Test
    void bytesPassFromTheHostThroughArraysToTheDeviceAtEachLaunch() throws Exception {
        Child.run(cards, GraphArrayTest.class, "through");
    }

    static void through() {
        CudaMemory cuda = CudaMemory.withContext();
        Graphs graphs = Graphs.load();
        Pointer first = array(cuda, 100, 20);
        Pointer second = array(cuda, 100, 20);
        long device = cuda.allocate(WIDTH * HEIGHT);
        Memory source = random(1);
        Pointer graph = graphs.newGraph();
        Pointer in = add(graphs, graph, copy(HOST, source, ARRAY, first, 17, 3));
        Pointer across = add(graphs, graph, copy(ARRAY, first, ARRAY, second, 17, 3), in);
        add(graphs, graph, copy(ARRAY, second, DEVICE, device, 17, 3), across);
        Pointer exec = graphs.instantiate(graph);
        for (int launch = 0; launch < 3; launch++) {
            byte[] expected = random(launch).getByteArray(0, WIDTH * HEIGHT);
            source.write(0, expected, 0, expected.length);
            Cuda.check(graphs.cuGraphLaunch(exec, null));
            assertThat(cuda.get(device, WIDTH * HEIGHT)).as("launch %d", launch).isEqualTo(expected);
        }
    }

    @Test
    void aBoxBeyondItsArrayIsRefused() throws Exception {
        Child.run(cards, GraphArrayTest.class, "beyond");
    }

    static void beyond() {
        CudaMemory cuda = CudaMemory.withContext();
        Graphs graphs = Graphs.load();
        Pointer array = array(cuda, WIDTH + 5, HEIGHT + 5);
        Memory source = random(2);
        Pointer graph = graphs.newGraph();
        add(graphs, graph, copy(HOST, source, ARRAY, array, 5, 5));
        PointerByReference node = new PointerByReference();
        for (Memory copy :
                new Memory[] {copy(HOST, source, ARRAY, array, 6, 5), copy(HOST, source, ARRAY, array, 5, 6)}) {
            assertThat(graphs.cuGraphAddMemcpyNode(node, graph, null, 0, copy, null))
                    .isEqualTo(Cuda.INVALID_VALUE);
        }
        assertThat(graphs.nodeCount(graph)).isEqualTo(1);
    }
}
