package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams that wait for values in memory, for host functions, and their attributes. */
class StreamMemoryTest {
    private static final int GEQ = 0;
    private static final int EQ = 1;
    private static final int AND = 2;
    private static final int NOR = 3;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(256 << 20));
    }

    private static long managed(Cuda cuda) {
        LongByReference address = new LongByReference();
        Cuda.check(cuda.cuMemAllocManaged(address, 4096, 1));
        new Pointer(address.getValue()).clear(4096);
        return address.getValue();
    }

    @Test
    void aStreamWaitsUntilTheValueIsThere() throws Exception {
        Child.run(cards, StreamMemoryTest.class, "waitForValues");
    }

    static void waitForValues() {
        Cuda cuda = Cuda.withContext();
        Graphs graphs = Graphs.load();
        long flag = managed(cuda);
        Pointer host = new Pointer(flag);
        Pointer one = cuda.newStream(1);
        Pointer two = cuda.newStream(1);
        int[][] cases = {{GEQ, -5, -6, -5}, {EQ, 12, 13, 12}, {AND, 6, 9, 4}, {NOR, 0xf, -1, -2 & ~0x10}};
        for (int[] c : cases) {
            host.setInt(0, c[2]);
            Cuda.check(graphs.cuStreamWaitValue32_v2(one, flag, c[1], c[0]));
            Cuda.check(graphs.cuStreamWriteValue32_v2(one, flag + 4, c[1], 0));
            Cuda.check(cuda.cuStreamSynchronize(two)); // nothing holds up another stream
            assertThat(cuda.cuStreamQuery(one)).isEqualTo(Cuda.NOT_READY);
            Cuda.check(graphs.cuStreamWriteValue32_v2(two, flag, c[3], 0));
            Cuda.check(cuda.cuStreamSynchronize(one));
            assertThat(host.getInt(4)).isEqualTo(c[1]);
        }
        host.setInt(0, 0);
        Cuda.check(graphs.cuStreamWaitValue32_v2(one, flag, 1, EQ));
        host.setInt(0, 1); // also the host may write it
        Cuda.check(cuda.cuStreamSynchronize(one));
        assertThat(graphs.cuStreamWaitValue32_v2(one, flag + 2, 1, EQ)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(graphs.cuStreamWaitValue32_v2(one, flag, 1, 4)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(graphs.cuStreamWaitValue32_v2(one, 4096, 1, EQ)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(graphs.cuStreamWaitValue32(one, flag, 1, EQ)).isEqualTo(Cuda.NOT_SUPPORTED);
    }

    @Test
    void aHostFunctionThatBlocksHoldsUpItsOwnStreamOnly() throws Exception {
        Child.run(cards, StreamMemoryTest.class, "blockingHostFunction");
    }

    static void blockingHostFunction() {
        Cuda cuda = Cuda.withContext();
        Graphs graphs = Graphs.load();
        long memory = managed(cuda);
        Pointer blocked = cuda.newStream(1);
        Pointer free = cuda.newStream(1);
        CountDownLatch gate = new CountDownLatch(1);
        Cuda.HostFunction blocks = data -> {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        Cuda.check(cuda.cuLaunchHostFunc(blocked, blocks, null));
        Cuda.check(graphs.cuMemsetD32Async(memory, 3, 1, blocked));
        Cuda.check(graphs.cuMemsetD32Async(memory + 4, 4, 1, free));
        Cuda.check(cuda.cuStreamSynchronize(free));
        assertThat(new Pointer(memory).getIntArray(0, 2)).containsExactly(0, 4);
        gate.countDown();
        Cuda.check(cuda.cuStreamSynchronize(blocked));
        assertThat(new Pointer(memory).getInt(0)).isEqualTo(3);
    }

    @Test
    void attributesAreKeptAndCopied() throws Exception {
        Child.run(cards, StreamMemoryTest.class, "attributes");
    }

    static void attributes() {
        Cuda cuda = Cuda.withContext();
        Graphs graphs = Graphs.load();
        int policy = 3;
        Pointer one = cuda.newStream(1);
        Pointer two = cuda.newStream(1);
        Memory value = new Memory(64);
        value.clear();
        value.setInt(0, 2);
        Cuda.check(graphs.cuStreamSetAttribute(one, policy, value));
        Cuda.check(graphs.cuStreamCopyAttributes(two, one));
        value.clear();
        Cuda.check(graphs.cuStreamGetAttribute(two, policy, value));
        assertThat(value.getInt(0)).isEqualTo(2);
        value.setInt(0, 5);
        assertThat(graphs.cuStreamSetAttribute(one, policy, value)).isEqualTo(Cuda.INVALID_VALUE);
        assertThat(graphs.cuStreamSetAttribute(one, 4711, value)).isEqualTo(Cuda.INVALID_VALUE);
    }

    @Test
    void aLaunchTakesTheAttributesThatThisGpuHas() throws Exception {
        Child.run(cards, StreamMemoryTest.class, "launchAttributes");
    }

    static void launchAttributes() {
        Cuda cuda = Cuda.withContext();
        Graphs graphs = Graphs.load();
        long memory = managed(cuda);
        Pointer store = Ptx.function(cuda, Ptx.load(cuda), "store");
        int cooperative = 2;
        int cluster = 4;
        int programmaticEvent = 7;
        int priority = 8;
        Memory parameters = Ptx.parameters(memory);
        for (int attribute : new int[] {cooperative, priority, cluster, programmaticEvent, 99}) {
            int expected = attribute == 99
                    ? Cuda.INVALID_VALUE
                    : attribute == cluster || attribute == programmaticEvent ? Cuda.NOT_SUPPORTED : Cuda.SUCCESS;
            assertThat(graphs.cuLaunchKernelEx(config(attribute), store, parameters, null))
                    .as("attribute %s", attribute)
                    .isEqualTo(expected);
        }
        Cuda.check(cuda.cuCtxSynchronize());
        assertThat(new Pointer(memory).getInt(0)).isEqualTo(7);
    }

    private static Memory config(int attribute) {
        Memory config = new Memory(56 + 72);
        config.clear();
        for (int i = 0; i < 6; i++) {
            config.setInt(4L * i, 1);
        }
        config.setPointer(40, config.share(56));
        config.setInt(48, 1);
        config.setInt(56, attribute);
        config.setInt(64, 1);
        return config;
    }
}
