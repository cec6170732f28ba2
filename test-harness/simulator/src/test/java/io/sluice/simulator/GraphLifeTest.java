package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What graphs live on, who refers to them, and how their nodes run beside each other. */
class GraphLifeTest {
    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(256 << 20));
    }

    @Test
    void independentNodesDoNotWaitForEachOther() throws Exception {
        Child.run(cards, GraphLifeTest.class, "overlap");
    }

    static void overlap() throws Exception {
        GraphSetting set = new GraphSetting();
        CountDownLatch gate = new CountDownLatch(1);
        Cuda.HostFunction blocks = data -> await(gate);
        set.graphs.addHost(set.graph, blocks);
        Pointer fill = set.graphs.addFill(set.graph, set.memory, 77, 1);
        Pointer done = set.cuda.newEvent();
        PointerByReference node = new PointerByReference();
        Cuda.check(set.graphs.cuGraphAddEventRecordNode(node, set.graph, Graphs.handles(fill), 1, done));
        Pointer exec = set.graphs.instantiate(set.graph);
        Cuda.check(set.graphs.cuGraphLaunch(exec, set.stream));
        Cuda.check(set.cuda.cuEventSynchronize(done));
        assertThat(set.cuda.cuStreamQuery(set.stream)).isEqualTo(Cuda.NOT_READY);
        gate.countDown();
        Cuda.check(set.cuda.cuStreamSynchronize(set.stream));
        assertThat(set.value(0)).isEqualTo(77);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void userObjectsLiveAsLongAsAnyoneRefersToThem() throws Exception {
        Child.run(cards, GraphLifeTest.class, "userObjects");
    }

    static void userObjects() {
        GraphSetting set = new GraphSetting();
        Graphs graphs = set.graphs;
        AtomicInteger destroyed = new AtomicInteger();
        Cuda.HostFunction destroy = data -> destroyed.incrementAndGet();
        PointerByReference object = new PointerByReference();
        assertThat(graphs.cuUserObjectCreate(object, null, destroy, 1, 0)).isEqualTo(Cuda.INVALID_VALUE);
        Cuda.check(graphs.cuUserObjectCreate(object, null, destroy, 2, 1));
        int transfer = 1;
        Cuda.check(graphs.cuGraphRetainUserObject(set.graph, object.getValue(), 1, transfer));
        Pointer exec = graphs.instantiate(set.graph);
        Cuda.check(graphs.cuUserObjectRelease(object.getValue(), 1));
        Cuda.check(graphs.cuGraphDestroy(set.graph));
        assertThat(destroyed).as("the executable graph refers to it").hasValue(0);
        Cuda.check(graphs.cuGraphExecDestroy(exec));
        assertThat(destroyed).hasValue(1);
        assertThat(graphs.cuUserObjectRelease(object.getValue(), 1)).isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void aGraphCanBePrinted() throws Exception {
        Child.run(cards, GraphLifeTest.class, "dot");
    }

    static void dot() throws Exception {
        GraphSetting set = new GraphSetting();
        set.graphs.addEmpty(set.graph, set.graphs.addFill(set.graph, set.memory, 1, 1));
        Path file = Files.createTempFile("graph", ".dot");
        Cuda.check(set.graphs.cuGraphDebugDotPrint(set.graph, file.toString(), 0));
        assertThat(Files.readString(file)).startsWith("digraph").contains("MEMSET", "EMPTY", "->");
        Files.delete(file);
    }

    @Test
    void aGraphOfADestroyedContextIsRefused() throws Exception {
        Child.run(cards, GraphLifeTest.class, "destroyedContext");
    }

    static void destroyedContext() {
        Cuda cuda = Cuda.initialised();
        Pointer kept = cuda.newContext(0);
        GraphSetting set = new GraphSetting(); // in a context of its own
        set.graphs.addFill(set.graph, set.memory, 1, 1);
        Pointer exec = set.graphs.instantiate(set.graph);
        set.launch(exec);
        PointerByReference context = new PointerByReference();
        Cuda.check(cuda.cuCtxGetCurrent(context));
        Cuda.check(cuda.cuCtxDestroy_v2(context.getValue()));
        Cuda.check(cuda.cuCtxSetCurrent(kept));
        assertThat(set.graphs.cuGraphLaunch(exec, cuda.newStream(0))).isEqualTo(Cuda.CONTEXT_IS_DESTROYED);
        Cuda.check(set.graphs.cuGraphExecDestroy(exec));
    }
}
