package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Kernels.ints;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulator.ptx.Interpreter.Launch;
import io.sluice.simulator.ptx.Interpreter.Result;
import io.sluice.simulator.ptx.Interpreter.Status;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Blocks of a cooperative grid meet in the middle of the kernel, as cooperative groups do it. */
class PtxGridTest {
    /** One thread of each block adds to the word behind the size; block 0 adds what turns the highest bit over. */
    static final String SYNC = """
            mov.b64 %rd20, {%envreg2, %envreg1}; setp.eq.u64 %p7, %rd20, 0; @%p7 trap; add.u64 %rd20, %rd20, 4;
            bar.sync 0; mov.u32 %r20, %tid.x; setp.ne.u32 %p7, %r20, 0; @%p7 bra JOINED;
            mov.u32 %r21, %ctaid.x; mov.u32 %r22, %nctaid.x; sub.u32 %r23, 0x80000001, %r22; setp.eq.u32 %p6, %r21, 0;
            selp.u32 %r24, %r23, 1, %p6; fence.acq_rel.gpu; atom.global.add.u32 %r25, [%rd20], %r24;
            AGAIN: ld.acquire.gpu.global.u32 %r26, [%rd20]; xor.b32 %r27, %r25, %r26; setp.ge.s32 %p5, %r27, 0; @%p5 bra AGAIN;
            JOINED: bar.sync 0;
            """;

    private static final String BODY = """
            mov.u32 %r1, %ctaid.x; mov.u32 %r2, %ntid.x; mov.u32 %r3, %tid.x; mad.lo.u32 %r4, %r1, %r2, %r3; mad.wide.u32 %rd1, %r4, 4, %rd0;
            .shared .u32 first; setp.eq.u32 %p1, %r3, 0; @%p1 st.shared.u32 [first], %r4;
            st.global.u32 [%rd1], %r4;
            {
            """ + SYNC + """
            }
            mov.u32 %r5, %nctaid.x; mul.lo.u32 %r6, %r5, %r2; sub.u32 %r7, %r6, %r4; sub.u32 %r7, %r7, 1; mad.wide.u32 %rd2, %r7, 4, %rd0;
            ld.global.u32 %r8, [%rd2];
            {
            """ + SYNC + """
            }
            ld.shared.u32 %r9, [first]; mad.lo.u32 %r8, %r9, 1000, %r8; st.global.u32 [%rd1], %r8;
            """;

    private static Result launch(Map<String, String> environment) {
        byte[] buffer = new byte[4 * 6 * 64];
        return Interpreter.SANITIZED.run(
                Ptx.kernel(BODY).getBytes(UTF_8), Launch.of("k", 64, "buffer").withGrid("6"), buffer, environment);
    }

    @Test
    void letsAllBlocksMeet() {
        Result result = launch(Map.of("PTX_RUN_COOPERATIVE", "1"));
        assertThat(result.status()).as(result.message()).isEqualTo(Status.OK);
        int[] output = new int[6 * 64];
        ByteBuffer.wrap(result.buffer())
                .order(ByteOrder.LITTLE_ENDIAN)
                .asIntBuffer()
                .get(output);
        assertThat(output).isEqualTo(ints(6 * 64, i -> 6 * 64 - 1 - i + 1000 * (i / 64 * 64)));
    }

    @Test
    void givesAnOrdinaryGridNothingToMeetBy() {
        assertThat(launch(Map.of()).status()).isEqualTo(Status.ILLEGAL_INSTRUCTION);
    }

    @Test
    void tellsThreadsOnWhichMultiprocessorTheyAre() {
        String body = """
                mov.u32 %r1, %ctaid.x; mov.u32 %r2, %smid; mov.u32 %r3, %nsmid; mad.lo.u32 %r4, %r3, 100, %r2;
                mad.wide.u32 %rd1, %r1, 4, %rd0; st.global.u32 [%rd1], %r4;
                """;
        int[] output = Kernels.run(Ptx.kernel(body), Launch.of("k", 1, "buffer").withGrid("6"), new int[6]);
        assertThat(output).isEqualTo(ints(6, i -> 400 + i % 4));
    }
}
