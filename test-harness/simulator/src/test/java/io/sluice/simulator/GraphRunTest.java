package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random programs, as graphs and as streams, against the same program in Java. */
class GraphRunTest {
    private static final int PROGRAMS = 40;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(256 << 20).with("launch_ns=500"));
    }

    private static SplittableRandom random() {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        System.err.println("seed " + seed);
        return new SplittableRandom(seed);
    }

    @Test
    void aGraphDoesWhatItsEdgesSayAtEveryLaunch() throws Exception {
        Child.run(cards, GraphRunTest.class, "launchRandomGraphs");
    }

    static void launchRandomGraphs() {
        Cuda cuda = Cuda.withContext();
        Graphs graphs = Graphs.load();
        SplittableRandom random = random();
        for (int i = 0; i < PROGRAMS; i++) {
            RandomWork work = new RandomWork(cuda, graphs, random);
            Pointer exec = graphs.instantiate(graphOf(work, graphs, random));
            int[] expected = work.begin(random);
            Pointer one = cuda.newStream(1);
            Pointer two = cuda.newStream(0);
            int launches = random.nextInt(1, 12);
            for (int k = 0; k < launches; k++) {
                // Also in different streams, launches of one graph come one after another.
                Cuda.check(graphs.cuGraphLaunch(exec, random.nextBoolean() ? one : two));
                work.runInJava(expected);
            }
            Cuda.check(graphs.cuGraphExecDestroy(exec));
            Cuda.check(cuda.cuCtxSynchronize());
            assertThat(work.onDevice()).as("%s, %d times", work.steps, launches).isEqualTo(expected);
        }
    }

    /** Edges where two steps touch the same slot, some of them without need, and some parts in a child graph. */
    private static Pointer graphOf(RandomWork work, Graphs graphs, SplittableRandom random) {
        Pointer graph = graphs.newGraph();
        List<Pointer> nodes = new ArrayList<>();
        for (int i = 0; i < work.steps.size(); i++) {
            List<Pointer> needs = new ArrayList<>();
            for (int k = 0; k < i; k++) {
                if (work.steps.get(i).conflictsWith(work.steps.get(k)) || random.nextInt(12) == 0) {
                    needs.add(nodes.get(k));
                }
            }
            Pointer[] before = needs.toArray(Pointer[]::new);
            nodes.add(
                    random.nextInt(5) == 0
                            ? addAsChild(work, work.steps.get(i), graphs, graph, before)
                            : work.addNode(work.steps.get(i), graph, before));
        }
        return graph;
    }

    private static Pointer addAsChild(
            RandomWork work, RandomWork.Step step, Graphs graphs, Pointer graph, Pointer... needs) {
        Pointer child = graphs.newGraph();
        Pointer empty = graphs.addEmpty(child);
        work.addNode(step, child, empty);
        var node = new com.sun.jna.ptr.PointerByReference();
        Cuda.check(graphs.cuGraphAddChildGraphNode(node, graph, Graphs.handles(needs), needs.length, child));
        Cuda.check(graphs.cuGraphDestroy(child));
        return node.getValue();
    }

    @Test
    void whatIsCapturedDoesWhatTheSameCallsDoDirectly() throws Exception {
        Child.run(cards, GraphRunTest.class, "captureRandomPrograms");
    }

    static void captureRandomPrograms() {
        Cuda cuda = Cuda.withContext();
        Graphs graphs = Graphs.load();
        SplittableRandom random = random();
        for (int i = 0; i < PROGRAMS; i++) {
            RandomWork work = new RandomWork(cuda, graphs, random);
            Program program = new Program(work, cuda, random);
            int[] expected = work.begin(random);
            program.submit();
            work.runInJava(expected);
            Cuda.check(cuda.cuCtxSynchronize());
            assertThat(work.onDevice()).as("%s directly", work.steps).isEqualTo(expected);

            Cuda.check(graphs.cuStreamBeginCapture_v2(program.origin(), random.nextInt(3)));
            program.submit();
            Pointer exec = graphs.instantiate(graphs.endCapture(program.origin()));
            assertThat(work.onDevice()).as("nothing runs while it is captured").isEqualTo(expected);
            int launches = random.nextInt(1, 6);
            for (int k = 0; k < launches; k++) {
                Cuda.check(graphs.cuGraphLaunch(exec, program.origin()));
                work.runInJava(expected);
            }
            Cuda.check(cuda.cuStreamSynchronize(program.origin()));
            assertThat(work.onDevice()).as("%s captured", work.steps).isEqualTo(expected);
        }
    }

    /** The steps spread over streams that fork from the first one and join it again. */
    private static final class Program {
        private final RandomWork work;
        private final Cuda cuda;
        private final List<Pointer> streams = new ArrayList<>();
        private final List<Integer> streamOf = new ArrayList<>();

        Program(RandomWork work, Cuda cuda, SplittableRandom random) {
            this.work = work;
            this.cuda = cuda;
            int count = random.nextInt(1, 5);
            for (int i = 0; i < count; i++) {
                streams.add(cuda.newStream(1));
            }
            work.steps.forEach(step -> streamOf.add(random.nextInt(count)));
        }

        Pointer origin() {
            return streams.get(0);
        }

        void submit() {
            for (Pointer stream : streams) {
                order(origin(), stream);
            }
            for (int i = 0; i < work.steps.size(); i++) {
                for (int k = 0; k < i; k++) {
                    boolean elsewhere = !streamOf.get(k).equals(streamOf.get(i));
                    if (elsewhere && work.steps.get(i).conflictsWith(work.steps.get(k))) {
                        order(streams.get(streamOf.get(k)), streams.get(streamOf.get(i)));
                    }
                }
                work.submit(work.steps.get(i), streams.get(streamOf.get(i)));
            }
            for (Pointer stream : streams) {
                order(stream, origin());
            }
        }

        private void order(Pointer before, Pointer after) {
            if (before.equals(after)) {
                return;
            }
            Pointer event = cuda.newEvent();
            Cuda.check(cuda.cuEventRecord(event, before));
            Cuda.check(cuda.cuStreamWaitEvent(after, event, 0));
            Cuda.check(cuda.cuEventDestroy_v2(event));
        }
    }
}
