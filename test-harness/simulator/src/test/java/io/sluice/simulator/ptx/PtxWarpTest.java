package io.sluice.simulator.ptx;

import static io.sluice.simulator.ptx.Kernels.ints;
import static io.sluice.simulator.ptx.Kernels.perThread;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Lanes of a warp wait for each other and exchange values. */
class PtxWarpTest {
    @Test
    void synchronisesLanesOfAWarp() {
        int[] output = perThread(48, """
                .shared .u32 s[48]; mov.u32 %r2, %tid.x; shl.b32 %r3, %r2, 2; mov.u32 %r4, s; add.u32 %r4, %r4, %r3;
                st.shared.u32 [%r4], %r2; bar.warp.sync 0xffffffff; xor.b32 %r5, %r3, 4; mov.u32 %r6, s; add.u32 %r6, %r6, %r5;
                ld.shared.u32 %r1, [%r6];
                """);
        assertThat(output).isEqualTo(ints(48, i -> i ^ 1));
    }

    @Test
    void sumsAWarpByShuffles() {
        int[] output = perThread(64, """
                mov.u32 %r1, %tid.x;
                shfl.sync.down.b32 %r2, %r1, 16, 31, 0xffffffff; add.u32 %r1, %r1, %r2;
                shfl.sync.down.b32 %r2, %r1, 8, 31, -1; add.u32 %r1, %r1, %r2;
                shfl.sync.bfly.b32 %r2, %r1, 4, 31, -1; add.u32 %r1, %r1, %r2;
                shfl.sync.bfly.b32 %r2, %r1, 2, 31, -1; add.u32 %r1, %r1, %r2;
                shfl.sync.bfly.b32 %r2, %r1, 1, 31, -1; add.u32 %r1, %r1, %r2;
                shfl.sync.idx.b32 %r1, %r1, 0, 31, -1;
                """);
        assertThat(output).isEqualTo(ints(64, i -> i < 32 ? 496 : 496 + 32 * 32));
    }

    @Test
    void shufflesWithinSegmentsAndTellsWhatIsOutOfRange() {
        int[] up = perThread(32, """
                mov.u32 %r2, %tid.x; shfl.sync.up.b32 %r1|%p1, %r2, 3, 0x1800, -1; @!%p1 add.u32 %r1, %r1, 100;
                """);
        assertThat(up).isEqualTo(ints(32, i -> i % 8 >= 3 ? i - 3 : i + 100));
        int[] down = perThread(32, """
                mov.u32 %r2, %tid.x; shfl.sync.down.b32 %r1|%p1, %r2, 3, 0x1807, -1; @!%p1 add.u32 %r1, %r1, 100;
                """);
        assertThat(down).isEqualTo(ints(32, i -> i % 8 < 5 ? i + 3 : i + 100));
        int[] index = perThread(32, """
                mov.u32 %r2, %tid.x; shfl.sync.idx.b32 %r1, %r2, 5, 0x1807, -1;
                """);
        assertThat(index).isEqualTo(ints(32, i -> i / 8 * 8 + 5));
    }

    @Test
    void votes() {
        int[] output = perThread(40, """
                mov.u32 %r2, %tid.x; setp.lt.u32 %p1, %r2, 35; setp.ge.u32 %p2, %r2, 0;
                vote.sync.ballot.b32 %r1, %p1, 0xffffffff;
                vote.sync.all.pred %p3, %p1, -1; vote.sync.any.pred %p4, !%p1, -1; vote.sync.uni.pred %p5, %p2, -1;
                @%p3 xor.b32 %r1, %r1, 0x10000; @%p4 xor.b32 %r1, %r1, 0x20000; @%p5 xor.b32 %r1, %r1, 0x40000;
                """);
        assertThat(output).isEqualTo(ints(40, i -> i < 32 ? ~0x50000 : 7 ^ 0x60000));
    }

    @Test
    void exchangesAmongTheLanesThatTheMaskNames() {
        int[] output = perThread(32, """
                mov.u32 %r2, %tid.x; setp.lt.u32 %p1, %r2, 16; @%p1 bra LOW;
                shfl.sync.bfly.b32 %r1, %r2, 1, 31, 0xffff0000; bra END;
                LOW: setp.lt.u32 %p2, %r2, 4; @%p2 bra END; shfl.sync.idx.b32 %r1, %r2, 9, 31, 0xfff0;
                END:
                """);
        assertThat(output).isEqualTo(ints(32, i -> i < 4 ? 0 : i < 16 ? 9 : i ^ 1));
    }
}
