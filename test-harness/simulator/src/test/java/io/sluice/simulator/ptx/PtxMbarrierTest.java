package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Kernels.ints;
import static io.sluice.simulator.ptx.Kernels.perThread;
import static io.sluice.simulator.ptx.Kernels.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulator.ptx.Interpreter.Launch;
import io.sluice.simulator.ptx.Interpreter.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Barriers in shared memory, as pipelines and CUDA's {@code barrier} class use them. */
class PtxMbarrierTest {
    /** Ten rounds in which each thread hands the next a number, and waits by the state that arriving gave, or by parity. */
    @ParameterizedTest
    @CsvSource({
        "'mbarrier.test_wait.shared.b64 %p2, [barrier], %rd2;'",
        "'mbarrier.try_wait.shared::cta.b64 %p2, [barrier], %rd2, 1000;'",
        "'mbarrier.test_wait.acquire.cta.shared::cta.b64 %p2, [barrier], %rd2;'",
        "'and.b32 %r9, %r4, 1; mbarrier.test_wait.parity.shared.b64 %p2, [barrier], %r9;'",
        "'and.b32 %r9, %r4, 1; mbarrier.try_wait.parity.b64 %p2, [%rd3], %r9;'"
    })
    void letsPhasesFollowEachOther(String wait) {
        int[] output = perThread(96, """
                .shared .align 8 .b64 barrier; .shared .align 4 .b32 handed[192];
                mov.u64 %%rd3, barrier; cvta.shared.u64 %%rd3, %%rd3;
                mov.u32 %%r2, %%tid.x; mov.u32 %%r1, %%r2; setp.ne.u32 %%p1, %%r2, 0; @!%%p1 mbarrier.init.shared.b64 [barrier], 96; bar.sync 0;
                mov.u32 %%r3, handed; mov.u32 %%r4, 0;
                ROUND: and.b32 %%r5, %%r4, 1; mad.lo.u32 %%r5, %%r5, 384, %%r3; mad.lo.u32 %%r6, %%r2, 4, %%r5; st.shared.u32 [%%r6], %%r1;
                mbarrier.arrive.shared.b64 %%rd2, [barrier];
                WAIT: %s
                @!%%p2 bra WAIT;
                add.u32 %%r7, %%r2, 1; rem.u32 %%r7, %%r7, 96; mad.lo.u32 %%r6, %%r7, 4, %%r5; ld.shared.u32 %%r1, [%%r6];
                add.u32 %%r4, %%r4, 1; setp.lt.u32 %%p3, %%r4, 10; @%%p3 bra ROUND;
                """.formatted(wait));
        assertThat(output).isEqualTo(ints(96, i -> (i + 10) % 96));
    }

    @Test
    void expectsFewerOnceSomeHaveDroppedOut() {
        int[] output = perThread(64, """
                .shared .align 8 .b64 barrier;
                mov.u32 %r2, %tid.x; setp.ne.u32 %p1, %r2, 0; @!%p1 mbarrier.init.shared.b64 [barrier], 64; bar.sync 0;
                mov.u32 %r1, 0; setp.lt.u32 %p2, %r2, 50; @%p2 bra STAYS;
                mbarrier.arrive_drop.shared.b64 _, [barrier]; bra END;
                STAYS: mbarrier.arrive.release.cta.shared::cta.b64 %rd2, [barrier];
                WAIT: mbarrier.test_wait.shared.b64 %p3, [barrier], %rd2; @!%p3 bra WAIT;
                add.u32 %r1, %r1, 1; setp.lt.u32 %p4, %r1, 5; @%p4 bra STAYS;
                END:
                """);
        assertThat(output).isEqualTo(ints(64, i -> i < 50 ? 5 : 0));
    }

    @Test
    void countsWhoIsPending() {
        String body = """
                .shared .align 8 .b64 barrier; mov.u32 %r8, barrier;
                mbarrier.init.b64 [%rd3], 7;
                mbarrier.test_wait.parity.shared.b64 %p1, [barrier], 0; mbarrier.test_wait.parity.shared.b64 %p2, [%r8], 1;
                selp.u32 %r1, 1, 0, %p1; selp.u32 %r2, 1, 0, %p2;
                mbarrier.arrive.shared.b64 %rd4, [barrier], 3; mbarrier.arrive.noComplete.shared.b64 %rd5, [barrier], 2;
                mbarrier.pending_count.b64 %r3, %rd4; mbarrier.pending_count.b64 %r4, %rd5;
                cp.async.mbarrier.arrive.shared.b64 [barrier]; mbarrier.test_wait.shared.b64 %p1, [barrier], %rd4; selp.u32 %r5, 1, 0, %p1;
                cp.async.mbarrier.arrive.noinc.shared::cta.b64 [barrier]; mbarrier.arrive.shared.b64 %rd6, [barrier];
                mbarrier.pending_count.b64 %r6, %rd6;
                mbarrier.test_wait.shared.b64 %p1, [barrier], %rd4; selp.u32 %r7, 1, 0, %p1;
                mbarrier.inval.shared.b64 [barrier];
                st.global.v4.u32 [%rd0], {%r1, %r2, %r3, %r4}; st.global.u32 [%rd0+16], %r5; st.global.u32 [%rd0+20], %r6; st.global.u32 [%rd0+24], %r7;
                """;
        String generic = "mov.u64 %rd3, barrier; cvta.shared.u64 %rd3, %rd3;\n";
        int[] output = run(
                Ptx.kernel(body.replaceFirst("mbarrier.init", generic + "mbarrier.init")),
                Launch.of("k", 1, "buffer"),
                new int[7]);
        assertThat(output)
                .as("phase 0, the phase before it, pending each time, complete or not")
                .containsExactly(0, 1, 7, 4, 0, 1, 1);
    }

    @Test
    void faultsWhereNoBarrierCanLie() {
        assertThat(status("mov.u32 %r1, 4; mbarrier.init.shared.b64 [%r1], 1;")).isEqualTo(Status.MISALIGNED);
        assertThat(status("mov.u32 %r1, 0x10000; mbarrier.inval.shared.b64 [%r1];"))
                .isEqualTo(Status.ILLEGAL_ADDRESS);
        assertThat(status("mbarrier.arrive.expect_tx.shared.b64 %rd1, [barrier], 8;"))
                .isEqualTo(Status.UNSUPPORTED);
        assertThat(status("mbarrier.init.global.b64 [%rd0], 8;")).isEqualTo(Status.UNSUPPORTED);
    }

    private static Status status(String instructions) {
        String text = Ptx.kernel(".shared .align 8 .b64 barrier;\n" + instructions);
        return Interpreter.SANITIZED
                .run(text, Launch.of("k", 1, "buffer"), new byte[8])
                .status();
    }
}
