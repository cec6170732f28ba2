package io.sluice.simulator.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulator.ptx.Interpreter.Launch;
import io.sluice.simulator.ptx.Interpreter.Result;
import io.sluice.simulator.ptx.Interpreter.Status;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Runs kernels over whole numbers, and insists that they end well. */
final class Kernels {
    private Kernels() {}

    static int[] run(String ptx, Launch launch, int... input) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * input.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asIntBuffer().put(input);
        Result result = Interpreter.SANITIZED.run(ptx, launch, buffer.array());
        assertThat(result.status()).as(result.message()).isEqualTo(Status.OK);
        int[] output = new int[input.length];
        ByteBuffer.wrap(result.buffer())
                .order(ByteOrder.LITTLE_ENDIAN)
                .asIntBuffer()
                .get(output);
        return output;
    }

    /** A body that leaves the result of each thread of the block in %r1. */
    static int[] perThread(int threads, String body) {
        return run(
                Ptx.kernel(body
                        + "\nmov.u32 %r30, %tid.x; mad.wide.u32 %rd30, %r30, 4, %rd0; st.global.u32 [%rd30], %r1;"),
                Launch.of("k", threads, "buffer"),
                new int[threads]);
    }

    static int[] ints(int count, IntUnaryOperator value) {
        return IntStream.range(0, count).map(value).toArray();
    }
}
